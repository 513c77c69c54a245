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

Status load_table(const Fd& control, const std::string& name, const VerityTarget& target) {
  const std::string parameters = verity_parameters(target);
  dm_target_spec spec{};
  spec.length = target.data_blocks * (target.block_size / sector);
  std::strncpy(spec.target_type, "verity", sizeof spec.target_type - 1);
  DeviceMapperCall call(name, sizeof spec + parameters.size() + 1);
  call.header().flags = DM_READONLY_FLAG;
  call.header().target_count = 1;
  call.put(0, &spec, sizeof spec);
  call.put(sizeof spec, parameters.c_str(), parameters.size() + 1);
  return call.run(control, DM_TABLE_LOAD, "checking " + target.device + " with dm-verity");
}

}  // namespace

std::string verity_parameters(const VerityTarget& target) {
  const std::string block = std::to_string(target.block_size), blocks = std::to_string(target.data_blocks);
  return "1 " + target.device + " " + target.device + " " + block + " " + block + " " + blocks + " " +
         std::to_string(target.data_blocks + 1) + " sha256 " + target.root_hash + " " + target.salt;
}

Result<std::string> make_verity_device(const std::string& name, const VerityTarget& target) {
  auto control = open_file(control_path, O_RDWR);
  if (!control) return control.failure();
  DeviceMapperCall create(name);
  create.header().flags = DM_READONLY_FLAG;
  if (Status made = create.run(*control, DM_DEV_CREATE, "making the device mapper's device " + name); !made)
    return made.failure();
  Status active = load_table(*control, name, target);
  DeviceMapperCall resume(name);  // without DM_SUSPEND_FLAG
  if (active) active = resume.run(*control, DM_DEV_SUSPEND, "starting the device mapper's device " + name);
  if (active) return "/dev/dm-" + std::to_string(minor(create.header().dev));
  static_cast<void>(remove_mapped_device(name));
  return active.failure();
}

Status remove_mapped_device(const std::string& name) {
  auto control = open_file(control_path, O_RDWR);
  if (!control) return control.failure();
  DeviceMapperCall remove(name);
  return remove.run(*control, DM_DEV_REMOVE, "removing the device mapper's device " + name);
}

}  // namespace lifeboat::init
