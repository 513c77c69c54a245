// LVM's metadata text, and a physical volume with its label: the first byte picks the one or the other.
#include <sys/mman.h>
#include <unistd.h>

#include "init/disk/lvm_groups.hpp"
#include "init/fuzz/input.hpp"

using namespace lifeboat::init;

namespace {

constexpr std::uint64_t size = 4 << 20;

Fd device_with(std::string_view bytes) {
  Fd device(::memfd_create("fuzz", MFD_CLOEXEC));
  fuzz::require(device && ::ftruncate(device.get(), static_cast<off_t>(size)) == 0);
  fuzz::require(::write(device.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  return device;
}

/// What was read is put together, too: volumes on volumes, in circles perhaps.
void assemble(LvmLabel label) {
  Piece piece;
  piece.device = "/dev/vda";
  piece.disk = "vda";
  if (label.group && !label.group->physical.empty()) label.uuid = label.group->physical[0].uuid;
  piece.lvm = std::move(label);
  for (const VolumeSet& set : assemble_groups({piece}, {.order = {"vda"}, .own = {}, .named = {}, .open = {}}))
    fuzz::require(set.group.volumes.size() <= set.text.volumes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  if (count == 0) return 0;
  const std::string_view rest = fuzz::text_of(data + 1, count - 1);
  if (data[0] == 'l') {
    if (auto label = read_lvm_label(device_with(rest), 0, size)) assemble(std::move(*label));
    return 0;
  }
  auto group = parse_lvm_group(rest);
  if (group) assemble({"", std::move(*group), ""});
  if (!group) fuzz::require(!group.error().empty());
  return 0;
}
