// Every source that QEMU itself can offer, each with a real login; the metadata services and agents have tests of their
// own.
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/key_pair.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;

namespace {

const std::string password = "vq7-Temporary-31";

std::string sha512_crypt(const std::string& text) {
  std::string hash = run_checked({"openssl", "passwd", "-6", text});
  while (hash.ends_with('\n')) hash.pop_back();
  return hash;
}

bool password_logs_in(Vm& vm) {
  return !Ssh(vm.ssh_port()).login_with_password("wrong") && Ssh(vm.ssh_port()).login_with_password(password);
}

std::string host_name(Vm& vm) {
  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_password(password));
  return owner.run_checked("hostname");
}

}  // namespace

TEST_CASE("a config drive on a FAT disk: its password logs in") {
  const Folder folder("sources");
  VmOptions options = boots(cloud_image());
  options.disks = {disk_on("virtio", make_vfat_volume(folder.path(), "config-2",
                                                      openstack_drive(R"({"admin_pass": ")" + password + "\"}")))};
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  CHECK(password_logs_in(vm));
  CHECK(vm.console().log().find("set for root, from the config drive /dev/vda") != std::string::npos);
}

TEST_CASE("a NoCloud seed on a CD and a key in fw_cfg: both let in, and the host name is the seed's") {
  const Folder folder("sources");
  const KeyPair key;
  VmOptions options = boots(cloud_image());
  options.disks = {cd_on("ide", make_iso_volume(folder.path(), "cidata",
                                                {{"meta-data", "instance-id: i1\nlocal-hostname: web1\n"},
                                                 {"user-data", "#cloud-config\npassword: " + password + "\n"}}))};
  options.extra = {"-fw_cfg", "name=opt/io.systemd.credentials/ssh.authorized_keys.root,string=" + key.line};
  Vm vm(options);
  Ready ready = vm.wait_until_ready();
  // The CD, or the address, may come later than the key: READY is said again then.
  for (int i = 0; i < 3 && ready.at("login") != "password,keys"; ++i) ready = vm.wait_until_ready(seconds(60));
  REQUIRE(ready.at("login") == "password,keys");
  CHECK(password_logs_in(vm));
  CHECK(Ssh(vm.ssh_port()).login_with_key(key.file));
  CHECK(host_name(vm) == "web1-rescue\n");
}

TEST_CASE("a NoCloud seed on a FAT disk: root's hash in its user data logs in") {
  if (!lifeboat::is_whole_matrix()) return;
  const Folder folder("sources");
  const std::string user_data =
      "#cloud-config\nchpasswd:\n  users:\n  - {name: root, password: '" + sha512_crypt(password) + "'}\n";
  VmOptions options = boots(cloud_image());
  options.disks = {
      disk_on("virtio", make_vfat_volume(folder.path(), "CIDATA", {{"meta-data", ""}, {"user-data", user_data}}))};
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  CHECK(password_logs_in(vm));
}

TEST_CASE("on Azure the CD that it attaches lets its user in, whatever its label; elsewhere it is nobody's") {
  const Folder folder("sources");
  const DriveFiles files{
      {"ovf-env.xml",
       "<Environment xmlns:wa=\"http://schemas.microsoft.com/windowsazure\"><wa:LinuxProvisioningConfigurationSet>"
       "<wa:HostName>web4</wa:HostName><wa:UserName>azureuser</wa:UserName><wa:UserPassword>" +
           password + "</wa:UserPassword></wa:LinuxProvisioningConfigurationSet></Environment>"}};
  VmOptions options = boots(cloud_image());
  options.disks = {cd_on("ide", make_iso_volume(folder.path(), "rd_rdfe_stable", files))};
  options.extra = {"-smbios", "type=3,asset=7783-7084-3265-9085-8269-3286-77"};
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  Ssh owner(vm.ssh_port(), seconds(30), "azureuser");
  REQUIRE(owner.login_with_password(password));
  CHECK(owner.run_checked("id -u; hostname") == "0\nweb4-rescue\n");
  vm.quit();

  if (!lifeboat::is_whole_matrix()) return;
  options.extra = {};
  Vm elsewhere(options);
  CHECK(elsewhere.wait_until_ready().at("login") == "none");
}

TEST_CASE("systemd credentials: a clear password in SMBIOS logs in, and the host key from fw_cfg is sshd's") {
  const KeyPair host_key;
  VmOptions options = boots(cloud_image());
  options.extra = {"-smbios", "type=11,value=io.systemd.credential:passwd.plaintext-password.root=" + password,
                   "-smbios", "type=11,value=io.systemd.credential:system.hostname=web2",
                   "-fw_cfg", "name=opt/io.systemd.credentials/lifeboat.host_key,file=" + host_key.file.string()};
  Vm vm(options);
  const Ready ready = vm.wait_until_ready();
  REQUIRE(ready.at("login") == "password");
  CHECK(password_logs_in(vm));
  CHECK(host_name(vm) == "web2-rescue\n");
  const std::string theirs = run_checked({"ssh-keygen", "-lf", host_key.file.string() + ".pub"});
  CHECK(theirs.find(ready.at("host-key")) != std::string::npos);
  CHECK(Ssh(vm.ssh_port()).host_key() == ready.at("host-key"));
  CHECK(vm.console().log().find("-----BEGIN SSH HOST KEY KEYS-----") != std::string::npos);
}

TEST_CASE("kernel arguments: a hash logs in; clear text is refused, said, and not shown") {
  VmOptions options = boots(cloud_image());
  options.kernel_arguments += " lifeboat.password=clear-text-4711 lifeboat.password_hash=" + sha512_crypt(password);
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  CHECK(password_logs_in(vm));
  const std::string said = vm.console().log();
  CHECK(said.find("lifeboat.password is not used") != std::string::npos);
  // The kernel itself prints its command line; what the init says is another matter.
  CHECK(said.find("clear-text-4711", said.find("Problem")) == std::string::npos);
}

TEST_CASE("beside a disk that cannot be read, of two config drives the CD counts, and the console says both") {
  const Folder folder("sources");
  const std::filesystem::path bad = folder.path() / "bad.raw";
  write_file(bad, "");
  std::filesystem::resize_file(bad, 64 << 20);
  VmOptions options = boots(cloud_image());
  options.disks = {disk_on(
      "virtio", make_vfat_volume(folder.path(), "config-2", openstack_drive(R"({"admin_pass": "evil-4711"})")))};
  options.extra = {"-blockdev",
                   "driver=blkdebug,node-name=bad,image.driver=file,image.filename=" + bad.string() +
                       ",inject-error.0.event=none,inject-error.0.iotype=read,inject-error.0.errno=5",
                   "-device", "virtio-blk-pci,drive=bad"};
  options.config_drive = openstack_drive(R"({"admin_pass": ")" + password + "\"}");
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  CHECK(password_logs_in(vm));
  CHECK_FALSE(Ssh(vm.ssh_port()).login_with_password("evil-4711"));
  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_password(password));
  // A disk may be read later than the login was there: then the report is written anew.
  for (const char* expected :
       {"config drive /dev/sr0: password; passed over: config drive /dev/vda", "/dev/vdb: Input/output error"})
    owner.run_checked(std::string("until grep -qF '") + expected + "' /run/lifeboat/report.json; do sleep 0.1; done",
                      seconds(60));
}

TEST_CASE("whatever is wrong with a config drive, it is said, and what is left logs in") {
  struct Row {
    const char* meta_data;
    std::string padding;  // behind it
    const char* said;
  };
  const std::vector<Row> table{
      {"this is no JSON", "", "meta_data.json: not valid JSON"},
      {R"({"admin_pass": "evil-4711\nroot2::0:0:::"})", "", "admin_pass is not used: it has a control character"},
      {R"({"admin_pass": "evil\u0000-4711"})", "", "admin_pass is not used: it has a control character"},
      {R"({"admin_pass": ["evil-4711"]})", "", "admin_pass is not used: it is not a text"},
      {R"(["evil-4711"])", "", "meta_data.json: not a JSON object"},
      {"", std::string(100'000, '['), "meta_data.json: not valid JSON"},
      {R"({"admin_pass": "evil-4711"})", std::string(2 << 20, ' '), "meta_data.json: larger than 1 MiB"},
  };
  const std::size_t rows = lifeboat::is_whole_matrix() ? table.size() : 1;
  for (std::size_t i = 0; i < rows; ++i) {
    CAPTURE(i, table[i].said);
    VmOptions options = boots(cloud_image());
    options.kernel_arguments += " lifeboat.password_hash=" + sha512_crypt(password);
    options.config_drive = openstack_drive(table[i].meta_data + table[i].padding);
    Vm vm(options);
    REQUIRE(vm.wait_until_ready().at("login") == "password");
    vm.console().wait_until_said(table[i].said, seconds(60));
    CHECK(password_logs_in(vm));
    CHECK_FALSE(Ssh(vm.ssh_port()).login_with_password("evil-4711"));
  }
}

TEST_CASE("a volume with the config drive's label on a partition of the original disk does not take over") {
  const Folder folder("sources");
  const std::filesystem::path evil = make_vfat_volume(folder.path(), "config-2",
                                                      openstack_drive(R"({"admin_pass": "evil-4711"})")),
                              disk = folder.path() / "original.raw";
  write_file(disk, "");
  std::filesystem::resize_file(disk, 80 << 20);
  run_checked({"sh", "-c",
               "echo 'start=2048, type=83' | sfdisk -q \"$0\" && dd if=\"$1\" of=\"$0\" bs=1M seek=1 "
               "conv=notrunc status=none",
               disk, evil});
  VmOptions options = boots(cloud_image());
  options.disks = {disk_on("virtio", disk)};
  options.config_drive = openstack_drive(R"({"admin_pass": ")" + password + "\"}");
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  CHECK(password_logs_in(vm));
  CHECK_FALSE(Ssh(vm.ssh_port()).login_with_password("evil-4711"));
}
