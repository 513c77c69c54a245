// systemd's credentials out of fw_cfg, SMBIOS and the kernel command line; and our own kernel arguments.
#include "init/source/credentials.hpp"

#include "builder/base/file.hpp"
#include "init/source/kernel_argument_source.hpp"
#include "init/source/merged.hpp"
#include "init/source/recipe_network.hpp"
#include "init/source/source.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/mount.hpp"
#include "init/tests/described.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;
using lifeboat::init::test::described;

namespace {

/// A SMBIOS structure of type 11 as /sys/firmware/dmi/entries/11-0/raw shows it.
std::string smbios_11(const std::vector<std::string>& strings) {
  std::string raw{"\x0b\x05\x00\x01", 4};
  raw += static_cast<char>(strings.size());
  for (const std::string& text : strings) raw += text + '\0';
  return raw + '\0';
}

struct Firmware {
  TempDir folder{"/tmp", "firmware"};
  CredentialPlaces places{.fw_cfg = (folder.path() / "fw_cfg").string(),
                          .dmi_entries = (folder.path() / "dmi").string()};

  void put_fw_cfg(const std::string& name, const std::string& value) const {
    REQUIRE(make_folders(places.fw_cfg + "/" + name));
    REQUIRE(write_file(places.fw_cfg + "/" + name + "/raw", value));
  }
  void put_smbios(int number, const std::string& raw) const {
    const std::string entry = places.dmi_entries + "/11-" + std::to_string(number);
    REQUIRE(make_folders(entry));
    REQUIRE(write_file(entry + "/raw", raw));
  }
  std::string found(const std::string& command_line = "", std::size_t total = 1 << 20) const {
    return described(take_credentials(collect_credentials(places, command_line, total)));
  }
};

}  // namespace

TEST_CASE("a credential comes from fw_cfg, without the line end behind it") {
  const Firmware firmware;
  firmware.put_fw_cfg("passwd.plaintext-password.root", "s3cret\n");
  firmware.put_fw_cfg("ssh.authorized_keys.root", "ssh-rsa A\nssh-rsa B\n");
  firmware.put_fw_cfg("system.hostname", "web1");
  firmware.put_fw_cfg("vmm.notify_socket", "vsock:2:1234\n");
  firmware.put_fw_cfg("lifeboat.deadline", "2h");
  firmware.put_fw_cfg("lifeboat.host_key", "-----BEGIN\n");
  CHECK(firmware.found() ==
        "password: s3cret\nhostname: web1\nhost key: -----BEGIN\n\nnotify socket: vsock:2:1234\ndeadline: 2h\n"
        "key: ssh-rsa A\nkey: ssh-rsa B");
}

TEST_CASE("credentials come from every SMBIOS structure of type 11, plain and in base64") {
  const Firmware firmware;
  firmware.put_smbios(0, smbios_11({"something else", "io.systemd.credential:system.hostname=a=b"}));
  firmware.put_smbios(1, smbios_11({"io.systemd.credential.binary:passwd.hashed-password.root=JDYkc2FsdCRoYXNo"}));
  firmware.put_smbios(3, smbios_11({"io.systemd.credential:lifeboat.deadline=1h"}));  // there is no 2
  CHECK(firmware.found() == "password hash: $6$salt$hash\nhostname: a=b");
}

TEST_CASE("the first of a name wins: fw_cfg, SMBIOS, the command line") {
  const Firmware firmware;
  firmware.put_fw_cfg("system.hostname", "fw");
  firmware.put_smbios(
      0, smbios_11({"io.systemd.credential:system.hostname=smbios", "io.systemd.credential:lifeboat.deadline=1h"}));
  CHECK(firmware.found("systemd.set_credential=lifeboat.deadline:2h systemd.set_credential=ssh.authorized_keys.root:"
                       "\"ssh-rsa A me\" systemd.set_credential_binary=passwd.plaintext-password.root:YWJj") ==
        "password: abc\nhostname: fw\ndeadline: 1h\nkey: ssh-rsa A me");
}

TEST_CASE("a hash goes before clear text, and what is no hash is said") {
  const Firmware firmware;
  firmware.put_fw_cfg("passwd.plaintext-password.root", "s3cret");
  firmware.put_fw_cfg("passwd.hashed-password.root", "$y$j9T$salt$hash");
  CHECK(firmware.found() == "password hash: $y$j9T$salt$hash");
  firmware.put_fw_cfg("passwd.hashed-password.root", "*");
  CHECK(firmware.found() ==
        "password: s3cret\nnote: passwd.hashed-password.root is not used: it has a character that "
        "no crypt(3) hash has");
}

TEST_CASE("broken credentials cost themselves alone") {
  const Firmware firmware;
  firmware.put_smbios(0, smbios_11({"io.systemd.credential:=x", "io.systemd.credential:novalue",
                                    "io.systemd.credential.binary:system.hostname=%%%",
                                    "io.systemd.credential:passwd.plaintext-password.root=a\nb"}));
  firmware.put_smbios(1, std::string("\x0b\xff\x00\x00\x01", 5));  // its formatted part is longer than it
  firmware.put_smbios(2, "");
  CHECK(firmware.found("systemd.set_credential=ssh.authorized_keys.root") ==
        "note: SMBIOS: a credential without a name is left out\n"
        "note: SMBIOS: system.hostname is left out: its base64 is broken\n"
        "note: the kernel command line: a credential without a name is left out\n"
        "note: passwd.plaintext-password.root is not used: it has a control character (a line end, a tab ...)");
}

TEST_CASE("credentials of more than the limit are left out and said") {
  const Firmware firmware;
  firmware.put_fw_cfg("a", std::string(60, 'x'));
  firmware.put_fw_cfg("b", std::string(60, 'x'));
  firmware.put_fw_cfg("system.hostname", "h");
  CHECK(firmware.found("", 100) == "hostname: h\nnote: fw_cfg: b is left out: credentials of more than 1 MiB");
}

TEST_CASE("without any credential the source has nothing") {
  const auto findings = take_credentials(collect_credentials(Firmware().places, "quiet"));
  REQUIRE_FALSE(findings);
  CHECK(is_nothing_there(findings.failure()));
}

TEST_CASE("our own kernel arguments: a hash and keys are taken, clear text is refused and not repeated") {
  const auto from = [](const char* line) {
    Platform platform;
    platform.kernel_command_line = line;
    return described(read_kernel_arguments(platform));
  };
  CHECK(from("lifeboat.password_hash=$6$salt$hash lifeboat.authorized_key=\"ssh-rsa A me\" lifeboat.deadline=2h "
             "lifeboat.authorized_key=\"ssh-rsa B\"") ==
        "password hash: $6$salt$hash\ndeadline: 2h\nkey: ssh-rsa A me\nkey: ssh-rsa B");
  CHECK(from("lifeboat.password=s3cret") ==
        "note: lifeboat.password is not used: whoever is on the machine can read it there; give its hash as "
        "lifeboat.password_hash (made by `openssl passwd -6`)");
  CHECK(from("lifeboat.password_hash=s3cret") == "note: lifeboat.password_hash is not used: it is no crypt(3) hash");
  CHECK(from("quiet") == "failure: no lifeboat.password_hash and no lifeboat.authorized_key");
}

TEST_CASE("credentials configure the network as systemd-networkd's files, and its name servers") {
  const Firmware firmware;
  firmware.put_fw_cfg("network.netdev.10-v7", "[NetDev]\nName=v7\nKind=vlan\n[VLAN]\nId=7\n");
  firmware.put_fw_cfg("network.network.20-lan", "[Match]\nName=lan0\n[Network]\nDHCP=yes\nVLAN=v7\n");
  firmware.put_fw_cfg("network.link.10-lan", "[Match]\nMACAddress=52:54:00:12:34:56\n[Link]\nName=lan0\n");
  firmware.put_fw_cfg("network.dns", "192.0.2.53 2001:db8::53\nx\n");
  firmware.put_fw_cfg("network.search_domains", "example.org\n");
  firmware.put_fw_cfg("network.conf.50-x", "[Network]\n");
  const auto findings = take_credentials(collect_credentials(firmware.places, ""));
  REQUIRE(findings);
  CHECK(to_text(findings->network) ==
        "dns=192.0.2.53\ndns=2001:db8::53\nsearch=example.org\nnote=the name server is left out: \"x\"\n"
        "link=lan0\nkind=card\nmac=52:54:00:12:34:56\nname=lan0\ndhcp4=yes\ndhcp6=by-router\n"
        "link=v7\nkind=vlan\nname=v7\nparent=lan0\nvlan=7\ndhcp6=by-router\n");
}

TEST_CASE("an answer that knows name servers alone hides no network that another one has") {
  Answer names{.origin = "names"}, links{.origin = "links"}, others{.origin = "others"};
  names.network.dns = {*parse_address("192.0.2.53")};
  links.network.links = {{.id = "eth0", .name = "eth0", .dhcp4 = true}};
  others.network.links = {{.id = "eth1", .name = "eth1", .dhcp4 = true}};
  CHECK(merge({&names, &links, &others}).network == &links);
  CHECK(merge({&links, &names}).network == &links);
  CHECK(merge({&names}).network == &names);
}

TEST_CASE("a network-config goes before networkd's files, and a broken one costs itself alone") {
  const Firmware firmware;
  firmware.put_fw_cfg("network.network.20-lan", "[Match]\nName=lan0\n[Network]\nDHCP=yes\n");
  firmware.put_fw_cfg("lifeboat.network-config", "version: 2\nethernets: {eth7: {dhcp4: true}}\n");
  const auto links = [&] { return take_credentials(collect_credentials(firmware.places, ""))->network.links; };
  REQUIRE(links().size() == 1);
  CHECK(links().front().name == "eth7");
  firmware.put_fw_cfg("lifeboat.network-config", "version: [");
  REQUIRE(links().size() == 1);
  CHECK(links().front().name == "lan0");
}

TEST_CASE("the recipe's network-config is the last of all sources") {
  CHECK(all_sources().back().name == "recipe");
  Platform platform;
  CHECK(is_nothing_there(read_recipe_network(platform).failure()));
  platform.recipe_network = "version: 2\nethernets: {eth7: {addresses: [192.0.2.5/24]}}\n";
  const auto findings = read_recipe_network(platform);
  REQUIRE(findings);
  REQUIRE(findings->network.links.size() == 1);
  CHECK(findings->network.links.front().addresses == std::vector<Prefix>{*parse_prefix("192.0.2.5/24")});
}
