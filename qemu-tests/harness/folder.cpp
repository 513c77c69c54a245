#include "qemu-tests/harness/folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;

Folder::Folder(const std::string& name) : exceptions_(std::uncaught_exceptions()) {
  const fs::path parent = fs::path(LIFEBOAT_BINARY_DIR) / "qemu-runs";
  fs::create_directories(parent);
  std::string text = (parent / (name + "-XXXXXX")).string();
  if (::mkdtemp(text.data()) == nullptr) throw Failure("creating " + text + ": " + std::strerror(errno));
  path_ = text;
}

bool Folder::failing() const noexcept { return std::uncaught_exceptions() > exceptions_; }

Folder::~Folder() {
  std::error_code ignored;
  if (!failing()) fs::remove_all(path_, ignored);
}

}  // namespace lifeboat::qemu
