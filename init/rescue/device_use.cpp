#include "init/rescue/device_use.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "init/disk/printable.hpp"
#include "init/rescue/tools.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/holders.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/mount_table.hpp"

namespace lifeboat::init {
namespace {

bool is_device(const std::string& path, dev_t device) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISBLK(status.st_mode) && status.st_rdev == device;
}

void add(std::string& words, const std::string& clause) { words += (words.empty() ? "" : ", ") + clause; }

/// Whatever lies on the device or, of a disk, on its partitions.
void add_layers(const std::string& folder, std::string& words) {
  for (const FolderEntry& holder : list_folder(folder + "/holders")) add(words, holder.name + " lies on it");
  for (const FolderEntry& entry : list_folder(folder))
    if (::access((folder + "/" + entry.name + "/partition").c_str(), F_OK) == 0)
      if (const std::string users = device_users("/dev/" + entry.name); !users.empty())
        add(words, "/dev/" + entry.name + ": " + users);
}

}  // namespace

std::string device_users(const std::string& path) {
  struct stat status {};
  std::string words;
  if (::stat(path.c_str(), &status) != 0) return words;
  for (const MountEntry& mount : read_mount_table())
    if (is_device(mount.source, status.st_rdev)) add(words, "it is mounted at " + printable(mount.point));
  add_layers("/sys/class/block/" + path.substr(path.rfind('/') + 1), words);
  if (const std::string users = find_users(path); !users.empty()) add(words, "in use by " + users);
  return words;
}

Result<FreeDevice> take_device(std::string_view word) {
  const std::string given = word.starts_with('/') ? std::string(word) : "/dev/" + std::string(word);
  const std::string path = real_path(given);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode))
    return Failure{printable(given) + " is no disk, partition or volume\nhint: `rescue disks` lists them"};
  auto fd = open_file(path, O_RDONLY | O_NONBLOCK | O_EXCL);
  std::string users = device_users(path);
  if (!fd || !users.empty()) {
    if (fd) fd->reset();  // else our own hold is in the way of the next one
    await_udev();
    fd = open_file(path, O_RDONLY | O_NONBLOCK | O_EXCL);
    users = device_users(path);
  }
  if (!fd || !users.empty()) {
    const std::string why = !users.empty() ? users : fd.error();
    return Failure{path + " cannot be taken: " + why + "\nhint: `rescue umount` ends what `rescue mount` began", EBUSY};
  }
  std::uint64_t size = 0;
  if (::ioctl(fd->get(), BLKGETSIZE64, &size) != 0) return failure_from_errno("asking for the size of " + path, errno);
  return FreeDevice{path, path.substr(path.rfind('/') + 1), size, std::move(*fd)};
}

bool ask_yes(std::string_view question) {
  auto terminal = open_file("/dev/tty", O_RDWR);
  if (!terminal || ::write(terminal->get(), question.data(), question.size()) < 0) return false;
  std::string answer;
  for (char c = 0; answer.size() < 16 && ::read(terminal->get(), &c, 1) == 1 && c != '\n';) answer += c;
  return answer == "y" || answer == "yes" || answer == "Y";
}

}  // namespace lifeboat::init
