// Promise 7: after a login the clear password is nowhere but where the platform itself put it: not on the console, in
// no log, argument list, environment or readable file, and not in the machine's memory.
#include <nlohmann/json.hpp>

#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/key_pair.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

const std::string password = "vq7-Temporary-31-Zweiundvierzig";

/// The unit of an ISO 9660 file system; its pages in the kernel's cache begin at one.
constexpr std::size_t block = 2048;

/// Whether the block there is one of the config drive, byte for byte: the kernel's cache of what the platform attached
/// and every reader of the drive finds there. A copy in anybody's memory begins elsewhere, or ends in something else.
bool is_of_drive(const std::string& memory, std::size_t at, const std::string& drive) {
  const std::string_view here = std::string_view(memory).substr(at / block * block, block);
  for (std::size_t i = 0; i + block <= drive.size(); i += block)
    if (std::string_view(drive).substr(i, block) == here) return true;
  return false;
}

/// Where a text lies in a file, with what is around it, unprintable bytes as dots. Blocks of the `drive` do not count.
std::vector<std::string> places_of(const fs::path& file, const std::string& text, const std::string& drive = "") {
  const std::string bytes = read_file(file);
  std::vector<std::string> places;
  for (std::size_t at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1)) {
    if (is_of_drive(bytes, at, drive)) continue;
    std::string around = bytes.substr(at < 60 ? 0 : at - 60, 60 + text.size() + 40);
    for (char& c : around)
      if (c < 0x20 || c > 0x7e) c = '.';
    places.push_back(around);
  }
  return places;
}

}  // namespace

TEST_CASE("after the login the clear password is nowhere in the machine") {
  const KeyPair owner;  // logs in, so that no password comes over SSH: sshd has copies of its own of one that does
  VmOptions options = boots(cloud_image());
  options.memory_mib = 512;
  options.config_drive =
      openstack_drive(R"({"admin_pass": ")" + password + R"(", "public_keys": {"mine": ")" + owner.line + "\"}}");
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "password,keys");
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_key(owner.file));
  vm.console().wait_for("Disks", seconds(60));

  CHECK(vm.console().log().find(password) == std::string::npos);
  // Before the search, whose shell and grep hold the pattern.
  const fs::path dump = vm.folder() / "memory";
  vm.dump_memory(dump, options.memory_mib);
  const auto places = places_of(dump, password, read_file(vm.folder() / "config-2.iso"));
  const bool seen = !places_of(dump, owner.line).empty();  // what is there is found, so the dump is one
  fs::remove(dump);
  CAPTURE(places);
  CHECK(places.empty());
  CHECK(seen);

  // The pattern is put together there, so that neither the shell nor grep has it in its own arguments.
  const std::string pattern = "p=vq7-Tempo; p=${p}rary-31-; printf '%sZweiundvierzig' $p >/run/pattern; ";
  const std::string found =
      ssh.run_checked(pattern +
                          "grep -laF -f /run/pattern /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; "
                          "find / -xdev -type f -size -64M -print0 | xargs -0 grep -laF -f /run/pattern 2>/dev/null; "
                          "find /run /tmp /dev/shm -type f -print0 | xargs -0 grep -laF -f /run/pattern 2>/dev/null; "
                          "rm /run/pattern; true",
                      seconds(300));
  CHECK(found == "/run/pattern\n");
}
