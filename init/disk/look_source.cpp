#include "init/disk/look_source.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "init/disk/disk_json.hpp"
#include "init/disk/file_systems.hpp"
#include "init/disk/look_inside.hpp"
#include "init/disk/probe.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view name_begins = "lifeboat-look-";
constexpr std::size_t most_table_rows = 512;  // rows of a table
constexpr std::size_t head_size = 2 << 20;    // superblocks, and LVM's metadata at its usual place

using Stack = std::vector<LookDevice>;  // the lowest first

/// Makes the device for `source`, above those of the arrays that it lies on.
Status make_devices(const LayerSources& sources, const LayerSource& source, const std::string& name, Stack& stack) {
  if (source.parity != nullptr) return Failure{"its level is read by the kernel's own driver alone"};
  if (source.extents.size() > most_table_rows) return Failure{"it is cut into too many parts"};
  std::vector<MappedTarget> table;
  std::map<std::string, std::string> made;
  for (Extent extent : source.extents) {
    for (MappedPlace& place : extent.places) {
      const auto below = sources.find(place.device);
      if (below == sources.end()) continue;
      std::string& path = made[place.device];
      if (path.empty()) {
        if (Status lower = make_devices(sources, below->second, name, stack); !lower) return lower;
        path = stack.back().path();
      }
      place.device = path;
    }
    table.push_back(extent.places.size() == 1 ? linear_target(extent.size, extent.places[0])
                                              : striped_target(extent.size, extent.chunk, extent.places));
  }
  if (stack.size() == most_look_devices) return Failure{"it lies on too many arrays"};
  auto device = LookDevice::make(name + "-" + std::to_string(stack.size()), table);
  if (!device) return device.failure();
  stack.push_back(std::move(*device));
  return Done{};
}

void replace_all(std::string& text, const std::string& what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// What a person types, and reads: our device is gone by then.
void speak_of_layers(const std::string& path, Content& content) {
  if (!content.next_command.empty()) content.next_command = "rescue mount";
  for (std::string& line : content.care) replace_all(line, path, "it");
}

Looked look_at(const Fd& device, std::uint64_t size, const std::string& path) {
  Looked looked;
  looked.content = probe_content(device, 0, size);
  if (auto piece = read_piece(device, 0, size, looked.content)) looked.pieces.push_back(std::move(*piece));
  load_file_system_of(looked.content);
  tell_part("");  // what a driver needs to start is not the device's time
  look_inside(device, 0, path, looked.content);
  return looked;
}

/// As long as the source and, but for its head, without content: it costs no memory.
Result<Fd> copy_head(const LayerSources& sources, const LayerSource& source) {
  const auto head = read_source(sources, source, 0, std::min<std::uint64_t>(source.size, head_size));
  if (!head) return Failure{"its first bytes could not be read"};
  Fd copy(::memfd_create("head", MFD_CLOEXEC));
  if (!copy || ::ftruncate(copy.get(), static_cast<off_t>(source.size)) != 0)
    return failure_from_errno("keeping its first bytes", errno);
  if (::write(copy.get(), head->data(), head->size()) != static_cast<ssize_t>(head->size()))
    return failure_from_errno("keeping its first bytes", errno);
  return copy;
}

Looked look_at_head(const LayerSources& sources, const LayerSource& source, const std::string& why) {
  Looked looked;
  const auto copy = copy_head(sources, source);
  if (!copy) {
    looked.content.care.push_back("could not look inside: " + copy.error());
    return looked;
  }
  looked.content = probe_content(*copy, 0, source.size);
  if (auto piece = read_piece(*copy, 0, source.size, looked.content)) looked.pieces.push_back(std::move(*piece));
  const FileSystemKind* kind = find_file_system_kind(looked.content.type);
  if (looked.content.type == "xfs") looked.content.care.clear();  // its log lies further back
  if (kind != nullptr && !kind->command.empty()) looked.content.next_command = "rescue mount";
  if (kind != nullptr && !kind->kernel_type.empty()) looked.content.care.push_back("not looked inside: " + why);
  return looked;
}

}  // namespace

void remove_look_devices(const std::string& name) {
  for (int number = most_look_devices; number-- > 0;) remove_mapped_device_later(name + "-" + std::to_string(number));
}

bool is_look_device(const RunningDevice& device) { return device.name.starts_with(name_begins); }

void remove_old_look_devices(const std::vector<RunningDevice>& running) {
  // By their numbers from the highest: what lies on another goes first.
  for (auto device = running.rbegin(); device != running.rend(); ++device) {
    if (!is_look_device(*device)) continue;
    const char* digits = device->name.data() + name_begins.size();
    int pid = 0;
    std::from_chars(digits, device->name.data() + device->name.size(), pid);
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) remove_mapped_device_later(device->name);
  }
}

Looked look_at_source(const LayerSources& sources, const LayerSource& source, const std::string& name) {
  Stack stack;
  const Status made = make_devices(sources, source, name, stack);
  auto device = made ? open_file(stack.back().path(), O_RDONLY | O_NONBLOCK) : Result<Fd>(made.failure());
  Looked looked =
      device ? look_at(*device, source.size, stack.back().path()) : look_at_head(sources, source, device.error());
  if (device) {
    speak_of_layers(stack.back().path(), looked.content);
    device->reset();
  }
  while (!stack.empty()) stack.pop_back();  // the highest first
  return looked;
}

Looked look_at_device(const std::string& node) {
  Looked looked;
  const auto device = open_file(node, O_RDONLY | O_NONBLOCK);
  const off_t size = device ? ::lseek(device->get(), 0, SEEK_END) : -1;
  if (size < 0) {
    looked.content.care.push_back("it could not be read: " + (device ? "it has no size" : device.error()));
    return looked;
  }
  looked = look_at(*device, static_cast<std::uint64_t>(size), node);
  speak_of_layers(node, looked.content);
  return looked;
}

std::string looked_to_json(const Looked& looked) {
  return content_to_json(looked.content) + '\0' + pieces_to_json(looked.pieces);  // neither holds a zero byte
}

Looked looked_from_json(const std::string& text) {
  const std::size_t end = std::min(text.find('\0'), text.size());
  Looked looked;
  looked.content = content_from_json(std::string_view(text).substr(0, end)).value_or(Content());
  if (end < text.size()) looked.pieces = pieces_from_json(std::string_view(text).substr(end + 1));
  return looked;
}

}  // namespace lifeboat::init
