#include "init/rescue/partition_device.hpp"

#include <fcntl.h>
#include <linux/blkpg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

Status tell_kernel(const std::string& disk, int what, blkpg_partition& partition) {
  const auto device = open_file(disk, O_RDONLY | O_NONBLOCK);
  if (!device) return device.failure();
  blkpg_ioctl_arg arguments{};
  arguments.op = what;
  arguments.datalen = sizeof partition;
  arguments.data = &partition;
  if (::ioctl(device->get(), BLKPG, &arguments) == 0) return Done{};
  return failure_from_errno("partition " + std::to_string(partition.pno) + " of " + disk, errno);
}

}  // namespace

Status add_partition_device(const OpenStep& step) {
  const auto number = contract::parse_number(step.id, 1024);
  if (!number || step.start >> 62U != 0 || step.size >> 62U != 0) return Failure{step.name + " has no place"};
  blkpg_partition partition{};
  partition.pno = static_cast<int>(*number);
  partition.start = static_cast<long long>(step.start);
  partition.length = static_cast<long long>(step.size);
  Status added = tell_kernel(step.devices.at(0), BLKPG_ADD_PARTITION, partition);
  if (added || ::access(step.path.c_str(), F_OK) != 0) return added;
  return Done{};  // somebody was faster
}

Status remove_partition_device(const std::string& device, const std::string& disk) {
  const std::string name = device.substr(device.rfind('/') + 1);
  const std::string text = read_file("/sys/class/block/" + name + "/partition", 16).value_or("");
  const auto number = contract::parse_number(text.substr(0, text.find('\n')), 1024);
  if (!number) return Done{};
  blkpg_partition partition{};
  partition.pno = static_cast<int>(*number);
  // udev may have it open still, for a moment after the last mount; there is nothing to wait for.
  constexpr int most_attempts = 50;
  for (int attempt = 1;; ++attempt) {
    Status removed = tell_kernel(disk, BLKPG_DEL_PARTITION, partition);
    if (removed || removed.failure().number != EBUSY || attempt == most_attempts) return removed;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace lifeboat::init
