// What a recipe says of access: the host key of the original system, and a random password where no source has one.
#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/key_pair.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

/// The cloud image with both options, built once.
const fs::path& image_with_options() {
  static const Folder folder("options");
  static const fs::path output = folder.path() / "image";
  if (fs::exists(output)) return output;
  const fs::path recipe = folder.path() / "options.toml";
  write_file(recipe, "include = [\"" LIFEBOAT_SOURCE_DIR
                     "/recipes/debian-12-cloud.toml\"]\nmedia = [\"netboot\"]\n"
                     "without_source = \"random-password\"\nrescue_host_keys = \"original\"\n");
  run_checked({LIFEBOAT_BINARY_DIR "/bin/lifeboat", "build", recipe, "--fast", "--overlays",
               LIFEBOAT_SOURCE_DIR "/overlays", "--output", output, "--quiet"},
              seconds(300));
  return output;
}

/// The Debian 11 disk with a host key of its own.
fs::path disk_with_host_key(const fs::path& folder, const fs::path& key) {
  const fs::path image = folder / "original.raw";
  fs::copy_file(disk("ext4-debian-11"), image);
  write_file(folder / "commands", "mkdir etc/ssh\nwrite " + key.string() + " etc/ssh/ssh_host_ed25519_key\n");
  run_checked({"/sbin/debugfs", "-w", "-f", folder / "commands", image.string() + "?offset=1048576"});
  return image;
}

}  // namespace

TEST_CASE("the host key of the system on the original disk is sshd's, and the disk is left as it was") {
  const Folder folder("host-key");
  const KeyPair key;
  const fs::path original = disk_with_host_key(folder.path(), key.file);
  const std::string before = sha256_of_file(original);

  VmOptions options = boots(image_with_options());
  options.disks = {disk_on("virtio", original)};
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  Vm vm(options);
  const Ready ready = vm.wait_until_ready();
  const std::string theirs = run_checked({"ssh-keygen", "-lf", key.file.string() + ".pub"});
  CHECK(theirs.find(ready.at("host-key")) != std::string::npos);
  Ssh owner(vm.ssh_port());
  CHECK(owner.host_key() == ready.at("host-key"));
  CHECK(owner.login_with_password("vq7-Temporary-31"));
  CHECK(vm.console().log().find("(ED25519, from") != std::string::npos);
  vm.quit();
  CHECK(sha256_of_file(original) == before);
}

TEST_CASE(
    "without any source a random password is shown once and logs in; without an original the new host key stays") {
  VmOptions options = boots(image_with_options());
  options.virtio_console = true;  // its driver is a module
  Vm vm(options);
  const Ready ready = vm.wait_until_ready();
  REQUIRE(ready.at("login") == "password");
  const std::string said = vm.console().log(), before = "root's password, shown here once: ";
  const std::size_t at = said.find(before);
  REQUIRE(at != std::string::npos);
  const std::string password = said.substr(at + before.size(), 19);
  CHECK(said.find(password, at + before.size() + 1) == std::string::npos);
  CHECK(said.find("no original disk was found") != std::string::npos);
  vm.virtio_console().wait_until_said(before + password, seconds(30));
  Ssh owner(vm.ssh_port());
  CHECK(owner.host_key() == ready.at("host-key"));
  REQUIRE(owner.login_with_password(password));
  CHECK(owner.run("grep -rlF -e " + password + " /etc /run /var /root /tmp").out.empty());
}
