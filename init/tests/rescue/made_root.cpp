#include "init/tests/rescue/made_root.hpp"

#include <crypt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init::test {

MadeRoot::MadeRoot()
    : folder_(fs::temp_directory_path(), "lifeboat-rescue-test"),
      root(folder_.path() / "root"),
      outside(folder_.path() / "outside") {
  fs::create_directories(root / "etc");
  fs::create_directories(outside);
}

const MadeRoot& MadeRoot::add(const std::string& path, std::string_view content, unsigned mode) const {
  fs::create_directories((root / path).parent_path());
  lifeboat::replace_file(root / path, content);
  REQUIRE(::chmod((root / path).c_str(), static_cast<mode_t>(mode)) == 0);
  return *this;
}

void MadeRoot::link(const std::string& path, const std::string& target) const {
  fs::create_directories((root / path).parent_path());
  fs::create_symlink(target, root / path);
}

std::string MadeRoot::read(const std::string& path) const { return lifeboat::read_file(root / path); }

Original MadeRoot::open() const {
  auto original = open_original(root.string());
  REQUIRE(original);
  return std::move(*original);
}

std::string MadeRoot::names(const std::string& folder) const {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(root / folder)) found.push_back(entry.path().filename().string());
  std::sort(found.begin(), found.end());
  std::string names;
  for (const std::string& name : found) names += (names.empty() ? "" : " ") + name;
  return names;
}

bool can_chroot() {
  if (::geteuid() == 0) return true;
  WARN("skipped: needs root; the QEMU tests do it on real disks");
  return false;
}

bool add_busybox(const MadeRoot& made) {
  if (!fs::exists("/usr/bin/busybox")) {
    WARN("skipped: this machine has no busybox");
    return false;
  }
  for (const char* folder : {"bin", "dev", "proc", "sys", "run", "tmp", "var/tmp", "root"})
    fs::create_directories(made.root / folder);
  fs::copy_file("/usr/bin/busybox", made.root / "bin/busybox");
  for (const char* name : {"sh", "cat", "sleep", "ls", "kill"}) made.link(std::string("bin/") + name, "busybox");
  return true;
}

std::string crypted(const std::string& password, const std::string& setting) {
  const char* hash = ::crypt(password.c_str(), setting.c_str());
  return hash == nullptr ? "" : hash;
}

}  // namespace lifeboat::init::test
