#pragma once
#include <filesystem>
#include <string>

namespace lifeboat::qemu {

/// A folder below the build folder (qemu-runs/) for one test's files. It goes when the test has passed and stays when
/// the test failed (its owner is destroyed by an exception).
class Folder {
 public:
  explicit Folder(const std::string& name);
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  const std::filesystem::path& path() const noexcept { return path_; }
  /// True while the stack is unwound by an exception that was thrown in the folder's life: the test fails.
  bool failing() const noexcept;

 private:
  std::filesystem::path path_;
  int exceptions_;
};

}  // namespace lifeboat::qemu
