// Secure Boot with the operator's own key: the firmware starts the signed UKI and nothing else. The key gets into the
// firmware as an operator would put it there: from a rescue system, while the firmware is still in Setup Mode.
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

const std::string password = "vq7-Temporary-31";
const std::string efi_variables = "/sys/firmware/efi/efivars";
const std::string global_guid = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const std::string database_guid = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
const std::string owner_guid = "77fa9abd-0359-4d32-bd60-28f4e78f784b";  // of the test: any does

/// The UKI of the cloud image as `lifeboat build` writes it, signed or not.
fs::path build_uki(const fs::path& folder, const std::string& name, const std::vector<std::string>& more) {
  const fs::path recipe = folder / "uki.toml", output = folder / name;
  write_file(recipe, "include = [\"" LIFEBOAT_SOURCE_DIR "/recipes/debian-12-cloud.toml\"]\nmedia = [\"uki\"]\n");
  std::vector<std::string> argv{LIFEBOAT_BINARY_DIR "/bin/lifeboat", "build",    recipe, "--fast", "--overlays",
                                LIFEBOAT_SOURCE_DIR "/overlays",     "--output", output, "--quiet"};
  argv.insert(argv.end(), more.begin(), more.end());
  run_checked(argv, seconds(300));
  return output / "rescue.efi";
}

/// A machine whose firmware can do Secure Boot; `variables` is its memory. Debian's cloud kernel has no AHCI, and so
/// the config drive is a virtio disk.
VmOptions machine(const fs::path& folder, const fs::path& program, const fs::path& variables) {
  VmOptions options;
  options.machine = "q35";
  options.firmware = Firmware::secure_boot;
  options.firmware_variables = variables;
  const std::string meta_data =
      R"({"uuid": "6f0c4c4e-4a4f-4b7e-9f0a-0123456789ab", "admin_pass": ")" + password + "\"}";
  const fs::path disk = folder / "esp.img";
  make_efi_disk(program, disk);
  options.disks = {{.file = disk}, {.file = make_iso_volume(folder, "config-2", openstack_drive(meta_data))}};
  return options;
}

Ssh log_in(Vm& vm) {
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(password));
  ssh.run_checked("mountpoint -q " + efi_variables + " || mount -t efivarfs efivarfs " + efi_variables);
  return ssh;
}

/// The one byte of a global variable, behind its four bytes of attributes.
std::string global_byte(Ssh& ssh, const std::string& name) {
  return ssh.run_checked("tail -c 1 " + efi_variables + "/" + name + "-" + global_guid +
                         " | od -An -tu1 | tr -d ' \\n'");
}

/// The operator's key, both UKIs and a firmware that trusts the key; made once, by booting the unsigned one.
class Operator {
 public:
  Operator() {
    run_checked({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Operator",
                 "-keyout", key_, "-out", certificate_});
    unsigned_uki = build_uki(folder_.path(), "unsigned", {});
    signed_uki =
        build_uki(folder_.path(), "signed", {"--secure-boot-key", key_, "--secure-boot-certificate", certificate_});
    fs::copy_file(std::string(ovmf_folder) + "OVMF_VARS_4M.fd", variables_);
    Vm vm(machine(folder_.path(), unsigned_uki, variables_));
    Ssh ssh = log_in(vm);
    secure_boot_before = global_byte(ssh, "SecureBoot");
    enrol(ssh, "db", database_guid);
    enrol(ssh, "KEK", global_guid);
    enrol(ssh, "PK", global_guid);  // the last: it ends Setup Mode
    vm.quit();
    vm.wait_for_end(seconds(10));
  }

  /// Another machine with the same firmware.
  VmOptions trusting_machine(const fs::path& folder, const fs::path& program) const {
    const fs::path variables = folder / "variables.fd";
    fs::copy_file(variables_, variables);
    return machine(folder, program, variables);
  }

  fs::path unsigned_uki, signed_uki;
  std::string secure_boot_before;

 private:
  Folder folder_{"secure-boot"};
  fs::path key_ = folder_.path() / "key.pem", certificate_ = folder_.path() / "certificate.pem";
  fs::path variables_ = folder_.path() / "variables.fd";

  /// As efitools make it, signed by the key itself, and written in one go with the attributes of such a variable.
  void enrol(Ssh& ssh, const std::string& name, const std::string& guid) const {
    const fs::path list = folder_.path() / "list", update = folder_.path() / (name + ".auth");
    run_checked({"cert-to-efi-sig-list", "-g", owner_guid, certificate_, list});
    run_checked({"sign-efi-sig-list", "-g", owner_guid, "-k", key_, "-c", certificate_, name, list, update});
    const std::string attributes("\x27\0\0\0", 4);
    write_file(update, attributes + read_file(update));
    const std::string text = run_checked({"base64", "-w0", update});
    ssh.run_checked("echo " + text + " | base64 -d > /tmp/update && dd bs=64k if=/tmp/update of=" + efi_variables +
                    "/" + name + "-" + guid);
  }
};

const Operator& the_operator() {
  static const Operator made;
  return made;
}

/// The firmware says why it does not start a program, and nothing of the program has run.
void check_refused(const fs::path& program) {
  const Folder folder("refused");
  Vm vm(the_operator().trusting_machine(folder.path(), program));
  vm.console().wait_for("Access Denied", seconds(60));
  vm.quit();
  vm.wait_for_end(seconds(10));
  REQUIRE(vm.console().log().find("Rescue") == std::string::npos);
  REQUIRE(vm.console().log().find("Linux") == std::string::npos);
}

void flip_bit(const fs::path& file, std::uintmax_t at) {
  std::string bytes = read_file(file);
  bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1);
  write_file(file, bytes);
}

}  // namespace

TEST_CASE("without Secure Boot an unsigned UKI boots to a login") { REQUIRE(the_operator().secure_boot_before == "0"); }

TEST_CASE("under Secure Boot the UKI that the operator signed boots to a login, with the kernel locked down") {
  const Folder folder("signed");
  Vm vm(the_operator().trusting_machine(folder.path(), the_operator().signed_uki));
  Ssh ssh = log_in(vm);
  REQUIRE(global_byte(ssh, "SecureBoot") == "1");
  REQUIRE(global_byte(ssh, "SetupMode") == "0");
  const std::string said = ssh.run_checked("dmesg");
  REQUIRE(said.find("Kernel is locked down from EFI Secure Boot") != std::string::npos);
  REQUIRE(ssh.run_checked("cat /proc/cmdline").find("lifeboat.build_id=") != std::string::npos);
}

TEST_CASE("under Secure Boot an unsigned UKI does not start") { check_refused(the_operator().unsigned_uki); }

TEST_CASE("under Secure Boot a signed UKI with one bit changed does not start, be it in the initrd or in the kernel") {
  const Folder folder("altered");
  const fs::path altered = folder.path() / "altered.efi";
  const std::uintmax_t size = fs::file_size(the_operator().signed_uki);
  for (const std::uintmax_t at : {size / 2, size - (std::uintmax_t{4} << 20)}) {  // the kernel is the last section
    if (at == size / 2 && !lifeboat::is_whole_matrix()) continue;
    fs::copy_file(the_operator().signed_uki, altered, fs::copy_options::overwrite_existing);
    flip_bit(altered, at);
    check_refused(altered);
  }
}
