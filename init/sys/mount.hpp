#pragma once
#include <string>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// One mount(2). The mount point is made where it is missing.
struct Mount {
  std::string source;
  std::string target;
  std::string type;
  unsigned long flags = 0;  ///< MS_*
  std::string options = {};
};

Status mount_file_system(const Mount& mount);
/// Moves a mount with all that is mounted below it.
Status move_mount(const std::string& from, const std::string& to);

/// A read-only loop device on the file, which frees itself with its last user: "/dev/loop0".
/// The descriptor keeps it until something is mounted from it.
struct LoopDevice {
  Fd fd;
  std::string path;
};
Result<LoopDevice> attach_loop_device(const std::string& file);

/// Makes the folder and those above it; one that is there is fine.
Status make_folders(const std::string& path, unsigned mode = 0755);

/// With all links followed; the path itself where it leads nowhere.
std::string real_path(const std::string& path);

/// Removes everything below `folder` that lies on the same file system, but for what `keep` names (absolute paths, with
/// all below them) and whatever other file systems are mounted on. Frees the memory of an initramfs.
void empty_folder(const std::string& folder, const std::vector<std::string>& keep);

/// Makes what is mounted at `root` the root of this process and of all that it starts; the old root stays below it, out
/// of reach (switch_root).
Status switch_root(const std::string& root);

}  // namespace lifeboat::init
