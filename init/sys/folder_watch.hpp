#pragma once
#include <functional>
#include <string>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Tells which files of one folder were put in place whole (renamed into it) or removed (inotify).
class FolderWatch {
 public:
  static Result<FolderWatch> open(const std::string& folder);
  const Fd& fd() const { return fd_; }
  /// The names that changed since the last call, without waiting.
  void receive(const std::function<void(const std::string& name)>& use);

 private:
  Fd fd_;
};

}  // namespace lifeboat::init
