#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

namespace lifeboat::init {

/// A process that keeps something in use.
struct Holder {
  pid_t pid = 0;
  std::string name;  ///< as the kernel has it; control characters become '?'
};

enum class Use { any, writing };

/// Who works in the folder, runs a program of it or has a file of it open; or has the device open. Use::writing: who
/// has it open for writing. Reads links of /proc alone: a disk that does not answer does not hold it up.
std::vector<Holder> find_holders(const std::string& path, const std::string& proc = "/proc", Use use = Use::any);

/// Every process of a program, without the kernel's own threads and PID 1.
std::vector<Holder> find_processes(const std::string& proc = "/proc");

/// "vim (pid 812), bash (pid 790) and 3 more"; empty without any.
std::string holder_words(const std::vector<Holder>& holders);

/// The words for processes, loop devices and swap areas that use a folder or device; empty without any. Use::writing:
/// for those that may write to it.
std::string find_users(const std::string& path, Use use = Use::any);

}  // namespace lifeboat::init
