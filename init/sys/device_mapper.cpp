#include "init/sys/device_mapper.hpp"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* control_path = "/dev/mapper/control";
constexpr std::uint64_t sector = 512;  // device mapper counts in these

/// One call: its header, and what follows it.
class DeviceMapperCall {
 public:
  explicit DeviceMapperCall(const std::string& name, std::size_t extra = 0) : bytes_(sizeof(dm_ioctl) + extra, '\0') {
    header_.version[0] = DM_VERSION_MAJOR;
    header_.data_size = static_cast<__u32>(bytes_.size());
    header_.data_start = sizeof(dm_ioctl);
    name.copy(header_.name, sizeof header_.name - 1);
  }

  dm_ioctl& header() { return header_; }
  void put(std::size_t offset, const void* data, std::size_t size) {
    std::memcpy(bytes_.data() + sizeof(dm_ioctl) + offset, data, size);
  }
  Status run(const Fd& control, unsigned long request, const std::string& doing) {
    std::memcpy(bytes_.data(), &header_, sizeof header_);
    if (::ioctl(control.get(), request, bytes_.data()) != 0) return failure_from_errno(doing, errno);
    std::memcpy(&header_, bytes_.data(), sizeof header_);
    return Done{};
  }

 private:
  dm_ioctl header_{};
  std::vector<char> bytes_;
};

/// What udev is told with a device's uevents (libdevmapper's DM_UDEV_DISABLE_..._FLAG): no rules of device mapper, of
/// its users and of disks, no others.
constexpr unsigned udev_leaves_it = 0xfU << 16U;

/// Rows of a table: a header, and its parameters as text, each filled up to a multiple of 8 bytes.
std::string table_bytes(const std::vector<MappedTarget>& table) {
  constexpr std::size_t alignment = 8;
  std::string bytes;
  std::uint64_t start = 0;
  for (const MappedTarget& target : table) {
    const std::size_t size = (sizeof(dm_target_spec) + target.parameters.size() + alignment) / alignment * alignment;
    dm_target_spec spec{};
    spec.sector_start = start;
    spec.length = target.size / sector;
    spec.next = static_cast<__u32>(size);
    target.type.copy(spec.target_type, sizeof spec.target_type - 1);
    std::string row(size, '\0');
    std::memcpy(row.data(), &spec, sizeof spec);
    target.parameters.copy(row.data() + sizeof spec, target.parameters.size());
    bytes += row;
    start += spec.length;
  }
  return bytes;
}

Status load_table(const Fd& control, const std::string& name, const std::vector<MappedTarget>& table,
                  const std::string& doing) {
  const std::string rows = table_bytes(table);
  DeviceMapperCall call(name, rows.size());
  call.header().flags = DM_READONLY_FLAG;
  call.header().target_count = static_cast<__u32>(table.size());
  call.put(0, rows.data(), rows.size());
  return call.run(control, DM_TABLE_LOAD, doing);
}

Status remove(const std::string& name, __u32 flags = 0, __u32 udev = 0) {
  auto control = open_file(control_path, O_RDWR);
  if (!control) return control.failure();
  DeviceMapperCall remove(name);
  remove.header().flags = flags;
  remove.header().event_nr = udev;
  return remove.run(*control, DM_DEV_REMOVE, "removing the device mapper's device " + name);
}

}  // namespace

std::string verity_parameters(const VerityTarget& target) {
  const std::string block = std::to_string(target.block_size), blocks = std::to_string(target.data_blocks);
  return "1 " + target.device + " " + target.device + " " + block + " " + block + " " + blocks + " " +
         std::to_string(target.data_blocks + 1) + " sha256 " + target.root_hash + " " + target.salt;
}

MappedTarget linear_target(std::uint64_t size, const MappedPlace& place) {
  return {size, "linear", place.device + " " + std::to_string(place.offset / sector)};
}

MappedTarget striped_target(std::uint64_t size, std::uint64_t chunk, const std::vector<MappedPlace>& places) {
  std::string parameters = std::to_string(places.size()) + " " + std::to_string(chunk / sector);
  for (const MappedPlace& place : places)
    parameters += " " + place.device + " " + std::to_string(place.offset / sector);
  return {size, "striped", std::move(parameters)};
}

Result<std::string> make_mapped_device(const std::string& name, const std::vector<MappedTarget>& table,
                                       const std::string& doing) {
  auto control = open_file(control_path, O_RDWR);
  if (!control) return control.failure();
  DeviceMapperCall create(name);
  create.header().flags = DM_READONLY_FLAG;
  if (Status made = create.run(*control, DM_DEV_CREATE, "making the device mapper's device " + name); !made)
    return made.failure();
  Status active = load_table(*control, name, table, doing);
  DeviceMapperCall resume(name);  // without DM_SUSPEND_FLAG
  resume.header().event_nr = udev_leaves_it;
  if (active) active = resume.run(*control, DM_DEV_SUSPEND, "starting the device mapper's device " + name);
  if (active) return "/dev/dm-" + std::to_string(minor(create.header().dev));
  static_cast<void>(remove_mapped_device(name));
  return active.failure();
}

Result<std::string> make_verity_device(const std::string& name, const VerityTarget& target) {
  const MappedTarget row{target.data_blocks * target.block_size, "verity", verity_parameters(target)};
  return make_mapped_device(name, {row}, "checking " + target.device + " with dm-verity");
}

Status remove_mapped_device(const std::string& name) { return remove(name); }

void remove_mapped_device_later(const std::string& name) {
  static_cast<void>(remove(name, DM_DEFERRED_REMOVE, udev_leaves_it));
}

Result<LookDevice> LookDevice::make(const std::string& name, const std::vector<MappedTarget>& table) {
  auto path = make_mapped_device(name, table, "making a read-only device for a look");
  if (!path) return path.failure();
  return LookDevice(name, std::move(*path));
}

LookDevice::~LookDevice() {
  if (!name_.empty()) remove_mapped_device_later(name_);
}

}  // namespace lifeboat::init
