// Nothing unverified runs: a bit that flips in the root image is found by dm-verity, said on the console, and its block
// is never handed on.
#include <fstream>
#include <sstream>

#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

/// A large file that every Debian has, and that no boot or login reads.
const std::string large_file = "/usr/bin/perl";

void flip_bit(const fs::path& file, std::uintmax_t at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(at));
  const char byte = static_cast<char>(stream.get() ^ 1);
  stream.seekp(static_cast<std::streamoff>(at));
  stream.put(byte);
  if (!stream) throw Failure("flipping a bit in " + file.string());
}

/// Where the root image begins in the ISO: "File data lba:  0 ,  1234 ,  ..., '/lifeboat/root.squashfs'".
std::uintmax_t root_offset(const fs::path& iso) {
  std::istringstream said(
      run_checked({"xorriso", "-indev", iso, "-find", "/lifeboat/root.squashfs", "-exec", "report_lba"}));
  for (std::string line; std::getline(said, line);) {
    if (!line.starts_with("File data lba:")) continue;
    std::istringstream words(line.substr(14));
    std::uintmax_t extent = 0, block = 0;
    char comma = 0;
    if (words >> extent >> comma >> block) return block * 2048;
  }
  throw Failure("xorriso does not say where /lifeboat/root.squashfs lies");
}

bool is_readable(const fs::path& squashfs) {
  return run_program({"sh", "-c", "exec unsquashfs -cat \"$1\" \"$2\" > /dev/null", "sh", squashfs, large_file})
             .status == 0;
}

/// An offset in the root image where a flipped bit spoils the large file: tried out, as no tool says it. A step is
/// smaller than the file is when packed.
std::uintmax_t offset_of_large_file(const fs::path& folder) {
  const fs::path copy = folder / "root.squashfs";
  fs::copy_file(generic_image() / "root.squashfs", copy);
  REQUIRE(is_readable(copy));
  constexpr std::uintmax_t step = 256 << 10;
  for (std::uintmax_t at = step; at < fs::file_size(copy); at += step) {
    flip_bit(copy, at);
    const bool spoiled = !is_readable(copy);
    flip_bit(copy, at);
    if (spoiled) return at;
  }
  throw Failure("no flipped bit spoils " + large_file);
}

VmOptions boots_iso(const fs::path& iso) {
  VmOptions options;
  options.disks = {cd_on("ide", iso)};
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  return options;
}

fs::path damaged_iso(const fs::path& folder, std::uintmax_t offset_in_root) {
  const fs::path iso = folder / "damaged.iso";
  fs::copy_file(medium_file(generic_image(), "iso"), iso);
  flip_bit(iso, root_offset(iso) + offset_in_root);
  return iso;
}

}  // namespace

TEST_CASE("a root image whose first block is altered is refused, with its reason on the console") {
  const Folder folder("damaged");
  Vm vm(boots_iso(damaged_iso(folder.path(), 40)));
  vm.console().wait_for("THE RESCUE SYSTEM CANNOT START: the root image in the rescue medium", seconds(120));
  vm.console().wait_for("is damaged, and nothing of it was used", seconds(10));
  vm.console().wait_for("Write the medium again", seconds(10));
}

TEST_CASE("a file whose block is altered gives an I/O error and a console line, and the rest of the system works") {
  const Folder folder("damaged");
  Vm vm(boots_iso(damaged_iso(folder.path(), offset_of_large_file(folder.path()))));
  vm.wait_until_ready(seconds(180));
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  const ProgramResult read = ssh.run("cat " + large_file + " > /dev/null", seconds(120));
  CHECK(read.status != 0);
  CHECK(read.err.find("Input/output error") != std::string::npos);
  vm.console().wait_for("THE ROOT IMAGE IS DAMAGED: block", seconds(10));
  CHECK(ssh.run_checked("id -u") == "0\n");
}
