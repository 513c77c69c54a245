#include "init/sys/write_rights.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "init/sys/file_lock.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* now_file = "/writable";
constexpr const char* ever_file = "/was-writable";
constexpr const char* protected_file = "/protected";
constexpr const char* lock_name = "/writable.lock";
constexpr Milliseconds commands_patience{2'000}, first_process_patience{200};

template <class Item>
bool contains(const std::vector<Item>& items, const Item& item) {
  return std::ranges::find(items, item) != items.end();
}

std::vector<std::string> read_lines(const std::string& file) {
  std::vector<std::string> lines;
  const std::string text = read_file(file).value_or("");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

/// "vda1 rescue-mount"
std::pair<std::string, std::string> two_words(const std::string& line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  return {line.substr(0, space), line.substr(std::min(space + 1, line.size()))};
}

Status write_lines(const std::string& file, const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return replace_file(file, text, 0600);
}

Status write_rights(const std::string& folder, const WriteRights& rights) {
  std::vector<std::string> ever, now;
  for (const WrittenDevice& device : rights.ever)
    ever.push_back(device.device + " " + std::to_string(device.disk_sequence));
  for (const WriteRight& right : rights.now) now.push_back(right.device + " " + right.owner);
  if (Status written = write_lines(folder + ever_file, ever); !written) return written;
  return write_lines(folder + now_file, now);
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

}  // namespace

std::string owner_this_process() { return "pid-" + std::to_string(::getpid()); }

std::vector<std::string> WriteRights::devices() const {
  std::vector<std::string> names;
  for (const WriteRight& right : now)
    if (!contains(names, right.device)) names.push_back(right.device);
  return names;
}

void WriteRights::add(const WriteRight& right, std::uint64_t disk_sequence) {
  if (!contains(now, right)) now.push_back(right);
  if (const WrittenDevice written{right.device, disk_sequence}; !contains(ever, written)) ever.push_back(written);
}

void WriteRights::remove(const WriteRight& right) { std::erase(now, right); }

void WriteRights::remove_disk(const std::string& disk) {
  std::erase_if(now, [&](const WriteRight& right) { return is_part_of(right.device, disk); });
}

WriteRights read_write_rights(const std::string& folder) {
  WriteRights rights;
  for (const std::string& line : read_lines(folder + now_file)) {
    const auto [device, owner] = two_words(line);
    rights.now.push_back({device, owner});
  }
  for (const std::string& line : read_lines(folder + ever_file)) {
    const auto [device, sequence] = two_words(line);
    WrittenDevice written{device, 0};
    std::from_chars(sequence.data(), sequence.data() + sequence.size(), written.disk_sequence);
    rights.ever.push_back(written);
  }
  return rights;
}

Result<WriteRights> change_write_rights(const std::function<void(WriteRights&)>& change, const std::string& folder) {
  const auto lock = lock_file(folder + lock_name, commands_patience);
  WriteRights rights = read_write_rights(folder);
  change(rights);
  if (Status written = write_rights(folder, rights); !written) return written.failure();
  return rights;
}

std::vector<std::string> read_protected_by_us(const std::string& folder) { return read_lines(folder + protected_file); }

Status add_protected_by_us(const std::string& disk, const std::string& folder) {
  const auto lock = lock_file(folder + lock_name, commands_patience);
  std::vector<std::string> ours = read_protected_by_us(folder);
  if (contains(ours, disk)) return Done{};
  ours.push_back(disk);
  return write_lines(folder + protected_file, ours);
}

Status forget_disk(const std::string& disk, const std::string& folder) {
  const auto is_its = [&](const WriteRight& right) { return is_part_of(right.device, disk); };
  if (!contains(read_protected_by_us(folder), disk) && std::ranges::none_of(read_write_rights(folder).now, is_its))
    return Done{};
  const auto lock = lock_file(folder + lock_name, first_process_patience);
  WriteRights rights = read_write_rights(folder);
  rights.remove_disk(disk);
  std::vector<std::string> ours = read_protected_by_us(folder);
  std::erase(ours, disk);
  Status written = write_rights(folder, rights);
  Status forgotten = write_lines(folder + protected_file, ours);
  return written ? forgotten : written;
}

bool is_part_of(const std::string& name, const std::string& disk) {
  if (name == disk) return true;
  if (disk.empty() || !name.starts_with(disk)) return false;
  std::string_view number = std::string_view(name).substr(disk.size());
  if (is_digit(disk.back())) {
    if (!number.starts_with('p')) return false;
    number.remove_prefix(1);
  }
  return !number.empty() && std::ranges::all_of(number, is_digit);
}

}  // namespace lifeboat::init
