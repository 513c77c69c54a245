#include "init/source/config_drive.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "init/source/superblock.hpp"
#include "init/sys/mount.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::run_checked;
using lifeboat::TempDir;

namespace {

std::string make_iso(const TempDir& folder, const std::string& label) {
  const std::string content = (folder.path() / "content").string(), file = (folder.path() / "drive.iso").string();
  REQUIRE(make_folders(content + "/openstack/latest"));
  REQUIRE(write_file(content + "/openstack/latest/meta_data.json", "{}"));
  run_checked({.argv = {"xorriso", "-as", "mkisofs", "-quiet", "-V", label, "-R", "-J", "-o", file, content}});
  return file;
}

std::string make_vfat(const TempDir& folder, const std::string& bits, const std::string& label) {
  const std::string file = (folder.path() / ("fat" + bits)).string();
  REQUIRE(write_file(file, ""));
  REQUIRE(::truncate(file.c_str(), off_t{64} << 20) == 0);
  run_checked({.argv = {"mkfs.vfat", "-F", bits, "-n", label, file}});
  return file;
}

std::string label_of(const std::string& file) {
  const auto volume = read_volume_label(file);
  REQUIRE(volume);
  return *volume ? (*volume)->type + ":" + (*volume)->label : "none";
}

/// A folder as a config drive is mounted.
std::string mounted(const TempDir& folder) {
  REQUIRE(make_folders(folder.path().string() + "/openstack/latest"));
  return folder.path().string() + "/openstack/latest/meta_data.json";
}

std::string why_not(const TempDir& folder) {
  const auto findings = read_config_drive(folder.path().string(), {});
  return findings ? "it was read" : findings.error();
}

}  // namespace

TEST_CASE("the label is read from what xorriso and mkfs.vfat write") {
  const TempDir folder("/tmp", "labels");
  CHECK(label_of(make_iso(folder, "config-2")) == "iso9660:config-2");
  CHECK(label_of(make_iso(folder, "CONFIG-2")) == "iso9660:CONFIG-2");
  for (const char* bits : {"12", "16", "32"}) CHECK(label_of(make_vfat(folder, bits, "CONFIG-2")) == "vfat:CONFIG-2");
}

TEST_CASE("a FAT label that was changed later is the one of the root directory") {
  const TempDir folder("/tmp", "labels");
  const std::string file = make_vfat(folder, "32", "OLD");
  run_checked({.argv = {"fatlabel", file, "CONFIG-2"}});
  const int fd = ::open(file.c_str(), O_WRONLY);
  REQUIRE(fd >= 0);
  REQUIRE(::pwrite(fd, "STALE      ", 11, 0x47) == 11);  // the boot sector's copy, which other tools leave behind
  ::close(fd);
  CHECK(label_of(file) == "vfat:CONFIG-2");
}

TEST_CASE("Joliet's label counts: the primary one of libarchive has neither '-' nor small letters") {
  const TempDir folder("/tmp", "labels");
  const std::string file = (folder.path() / "drive.iso").string(), content = (folder.path() / "content").string();
  REQUIRE(make_folders(content + "/openstack/latest"));
  run_checked({.argv = {"bsdtar", "--format=iso9660", "--options=iso9660:volume-id=config-2", "-cf", file, "-C",
                        content, "openstack"}});
  const auto bytes = lifeboat::read_file(file);
  CHECK(bytes.substr(32768 + 40, 9) == "CONFIG_2 ");
  CHECK(label_of(file) == "iso9660:config-2");
}

TEST_CASE("UDF is known by its descriptors, and has no label for us; with ISO 9660 beside it that one's counts") {
  const TempDir folder("/tmp", "labels");
  const std::string file = (folder.path() / "file").string();
  const auto sector = [](char type, const std::string& id) {
    std::string bytes = type + id + '\1';
    bytes.resize(2048);
    return bytes;
  };
  const std::string udf = sector('\0', "BEA01") + sector('\0', "NSR03") + sector('\0', "TEA01");
  REQUIRE(write_file(file, std::string(32768, '\0') + udf));
  CHECK(label_of(file) == "udf:");
  std::string iso = sector('\1', "CD001");
  iso.replace(40, 4, "BOTH");
  std::fill(iso.begin() + 44, iso.begin() + 72, ' ');
  REQUIRE(write_file(file, std::string(32768, '\0') + iso + udf));
  CHECK(label_of(file) == "iso9660:BOTH");
  REQUIRE(write_file(file, std::string(32768, '\0') + udf.substr(0, 2050)));
  CHECK(label_of(file) == "none");
}

TEST_CASE(
    "an older cloud's network_config is read where there is no network_data.json, and nothing outside of content") {
  const TempDir folder("/tmp", "drive");
  const std::string meta_data = mounted(folder), root = folder.path().string() + "/openstack";
  REQUIRE(make_folders(root + "/content"));
  REQUIRE(write_file(root + "/content/0000",
                     "auto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n    address 10.0.0.5\n"
                     "    netmask 255.255.255.0\n    gateway 10.0.0.1\n"));
  const auto read = [&](const std::string& path) {
    REQUIRE(
        write_file(meta_data, R"({"network_config": {"name": "network_config", "content_path": ")" + path + "\"}}"));
    auto findings = read_config_drive(folder.path().string(), {});
    REQUIRE(findings);
    return findings;
  };
  const std::string plan =
      "link=eth0\nkind=card\nname=eth0\ndhcp6=by-router\naddress=10.0.0.5/24\nroute=0.0.0.0/0 10.0.0.1 0\n";
  CHECK(to_text(read("/content/0000")->network) == plan);
  for (const char* path : {"/etc/passwd", "/content/../latest/meta_data.json", "/content/a b"}) {
    const auto refused = read(path);
    CHECK(refused->network.is_empty());
    CHECK(refused->notes == std::vector<std::string>{"network_config is not used: its content_path is none"});
  }
  REQUIRE(write_file(root + "/latest/network_data.json",
                     R"({"links":[{"id":"a","type":"phy","ethernet_mac_address":"02:00:00:00:00:01"}],)"
                     R"("networks":[{"type":"ipv4_dhcp","link":"a"}]})"));
  CHECK(read("/content/0000")->network.links.front().id == "a");
}

TEST_CASE("a meta_data.json that is broken costs what it holds, not the user data and network beside it") {
  const TempDir folder("/tmp", "drive");
  REQUIRE(write_file(mounted(folder), R"({"admin_pass":)"));
  const std::string broken = why_not(folder), root = folder.path().string() + "/openstack/latest/";
  CHECK(broken.starts_with("meta_data.json"));
  REQUIRE(write_file(root + "user_data", "#cloud-config\nhostname: web1\n"));
  CHECK(why_not(folder) == broken);  // nothing that a boot can go by
  REQUIRE(write_file(root + "user_data", "#cloud-config\npassword: pw-4711\n"));
  REQUIRE(write_file(root + "network_data.json",
                     R"({"links":[{"id":"a","type":"phy","ethernet_mac_address":"02:00:00:00:00:01"}],)"
                     R"("networks":[{"type":"ipv4_dhcp","link":"a"}]})"));
  const auto findings = read_config_drive(folder.path().string(), {});
  REQUIRE(findings);
  CHECK(findings->password.view() == "pw-4711");
  CHECK(findings->network.links.front().id == "a");
  CHECK(findings->notes == std::vector<std::string>{broken});
}

TEST_CASE("CloudStack's keys are taken although its password cannot be read") {
  const TempDir folder("/tmp", "drive");
  const std::string root = folder.path().string() + "/cloudstack";
  REQUIRE(make_folders(root + "/password"));
  REQUIRE(make_folders(root + "/metadata"));
  REQUIRE(::symlink("/etc/hostname", (root + "/password/vm_password.txt").c_str()) == 0);
  REQUIRE(write_file(root + "/metadata/public-keys.txt", "ssh-ed25519 AAAA me\n"));
  const auto findings = read_config_drive(folder.path().string(), {});
  REQUIRE(findings);
  CHECK(findings->keys == std::vector<std::string>{"ssh-ed25519 AAAA me"});
  REQUIRE(findings->notes.size() == 1);
  CHECK(findings->notes.front().find("vm_password.txt") != std::string::npos);
}

TEST_CASE("a config drive's network is taken; a broken one is a note and costs nothing else") {
  const TempDir folder("/tmp", "drive");
  REQUIRE(write_file(mounted(folder), R"({"admin_pass":"pw-4711"})"));
  const std::string file = folder.path().string() + "/openstack/latest/network_data.json";
  const auto read = [&](const std::string& text) {
    REQUIRE(write_file(file, text));
    auto findings = read_config_drive(folder.path().string(), {});
    REQUIRE(findings);
    CHECK(findings->password.view() == "pw-4711");
    return to_text(findings->network) + (findings->notes.empty() ? "" : "note " + findings->notes.front());
  };
  CHECK(read(R"({"links":[{"id":"a","type":"phy","ethernet_mac_address":"02:00:00:00:00:01"}],)"
             R"("networks":[{"type":"ipv4_dhcp","link":"a"}]})") ==
        "link=a\nkind=card\nmac=02:00:00:00:00:01\ndhcp4=yes\ndhcp6=by-router\n");
  CHECK(read("{") == "note network_data.json is not used: not valid JSON");
  CHECK(read(R"({"links":[{"id":"a"}]})") ==
        "note the link \"a\" is left out: it has neither an Ethernet address nor a name");
  CHECK(read(std::string((1 << 20) + 1, ' ')) == "note openstack/latest/network_data.json: larger than 1 MiB");
  CHECK(read("") == "");
}

TEST_CASE("anything else has no label, at any length") {
  const TempDir folder("/tmp", "labels");
  const std::string file = (folder.path() / "file").string();
  for (std::size_t size : {0U, 511U, 512U, 32768U, 32800U, 40000U}) {
    REQUIRE(write_file(file, std::string(size, '\xff')));
    CHECK(label_of(file) == "none");
  }
  const std::string fat = make_vfat(folder, "16", "CONFIG-2");
  REQUIRE(::truncate(fat.c_str(), 512) == 0);  // cut off behind the boot sector
  CHECK(label_of(fat) == "vfat:CONFIG-2");
}

TEST_CASE("meta_data.json is read from the drive's folder") {
  const TempDir folder("/tmp", "drive");
  REQUIRE(write_file(mounted(folder), R"({"admin_pass":"abc","hostname":"h"})"));
  const auto findings = read_config_drive(folder.path().string(), {});
  REQUIRE(findings);
  CHECK(findings->password.view() == "abc");
  CHECK(findings->hostname == "h");
}

TEST_CASE("a drive that would lead elsewhere, block or flood is refused with the reason") {
  const TempDir folder("/tmp", "drive");
  const std::string file = mounted(folder);
  CHECK(why_not(folder) == "opening openstack/latest/meta_data.json: No such file or directory");
  REQUIRE(::symlink("/etc/passwd", file.c_str()) == 0);
  CHECK(why_not(folder) == "opening openstack/latest/meta_data.json: Too many levels of symbolic links");
  REQUIRE(::unlink(file.c_str()) == 0);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK(why_not(folder) == "openstack/latest/meta_data.json: not a plain file");
  REQUIRE(::unlink(file.c_str()) == 0);
  REQUIRE(::mkdir(file.c_str(), 0700) == 0);
  CHECK(why_not(folder) == "openstack/latest/meta_data.json: not a plain file");
  REQUIRE(::rmdir(file.c_str()) == 0);
  REQUIRE(write_file(file, std::string((1 << 20) + 1, ' ')));
  CHECK(why_not(folder) == "openstack/latest/meta_data.json: larger than 1 MiB");
  REQUIRE(write_file(file, std::string((1 << 20) - 2, ' ') + "{}"));
  CHECK(why_not(folder) == "it was read");
}
