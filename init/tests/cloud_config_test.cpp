// YAML, cloud-init's user data and the NoCloud seed that both are for.
#include "init/source/cloud_config.hpp"

#include <nlohmann/json.hpp>

#include "builder/base/file.hpp"
#include "init/source/no_cloud.hpp"
#include "init/source/yaml.hpp"
#include "init/sys/fd.hpp"
#include "init/tests/cases.hpp"
#include "init/tests/described.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using namespace lifeboat::init::test;
using lifeboat::TempDir;

namespace {

std::string found_in(const std::string& user_data) {
  Findings findings;
  read_cloud_config(user_data, findings);
  return described(std::move(findings));
}

std::string seed(const TempDir& folder, const std::string& meta_data, const std::string& user_data) {
  REQUIRE(write_file((folder.path() / "meta-data").string(), meta_data));
  REQUIRE(write_file((folder.path() / "user-data").string(), user_data));
  return described(read_no_cloud(folder.path().string(), {}));
}

}  // namespace

TEST_CASE("YAML becomes JSON as the table says") {
  for (const auto& one : read_cases("yaml.txt")) {
    INFO(one.name);
    const auto document = parse_yaml(one.input);
    CHECK((document ? document->dump() : document.error()) == one.expected);
  }
}

TEST_CASE("YAML that is too deep or has too many values is refused, in time") {
  CHECK(parse_yaml(std::string(100000, '[')).error() == "YAML, line 1: more than 20 levels");
  std::string many = "[";
  for (int i = 0; i < 100001; ++i) many += "a,";
  CHECK(parse_yaml(many + "]").error() == "YAML, line 1: more than 100,000 values");
  CHECK(parse_yaml("a: \xff\xfe").error().starts_with("YAML, line 1: "));
  CHECK(parse_yaml(std::string("a: \0b", 5)).error().starts_with("YAML, line 1: "));
}

TEST_CASE("user data is read as the table says") {
  for (const auto& one : read_cases("cloud_config.txt")) {
    INFO(one.name);
    CHECK(found_in(one.input) == one.expected);
  }
}

TEST_CASE("of ten thousand keys the first 256 are taken") {
  std::string text = "#cloud-config\nssh_authorized_keys:\n";
  for (int i = 0; i < 10000; ++i) text += "  - ssh-ed25519 A" + std::to_string(i) + "\n";
  Findings findings;
  read_cloud_config(text, findings);
  CHECK(findings.keys.size() == 256);
  CHECK(findings.keys.back() == "ssh-ed25519 A255");
}

TEST_CASE("a NoCloud seed needs both of its files, and what is broken in one leaves the other") {
  const TempDir folder("/tmp", "seed");
  CHECK(described(read_no_cloud(folder.path().string(), {})) ==
        "failure: opening meta-data: No such file or directory");
  REQUIRE(write_file((folder.path() / "meta-data").string(), "instance-id: i\n"));
  CHECK(described(read_no_cloud(folder.path().string(), {})) ==
        "failure: opening user-data: No such file or directory");
  CHECK(seed(folder, "local-hostname: web1\nlifeboat-deadline: 2h\npublic-keys:\n - ssh-rsa A\n",
             "#cloud-config\npassword: secret\n") == "password: secret\nhostname: web1\ndeadline: 2h\nkey: ssh-rsa A");
  CHECK(seed(folder, "a: [", "#cloud-config\npassword: secret\n") ==
        "password: secret\nnote: meta-data is not used: YAML, line 2: did not find expected node content");
  CHECK(seed(folder, "local-hostname: web1", "#!/bin/sh\necho root:evil | chpasswd\n") == "hostname: web1");
}

TEST_CASE("a NoCloud seed's network is taken; a broken one is a note beside the rest") {
  const TempDir folder("/tmp", "seed");
  const std::string file = (folder.path() / "network-config").string();
  REQUIRE(write_file(file, "version: 2\nethernets:\n  eth0:\n    dhcp4: true\n"));
  CHECK(seed(folder, "", "#cloud-config\npassword: pw") == "password: pw");
  CHECK(to_text(read_no_cloud(folder.path().string(), {})->network) ==
        "link=eth0\nkind=card\nname=eth0\ndhcp4=yes\ndhcp6=by-router\n");
  REQUIRE(write_file(file, "version: [2"));
  CHECK(seed(folder, "", "#cloud-config\npassword: pw")
            .starts_with("password: pw\nnote: network-config is not used: YAML, line "));
}

TEST_CASE("compressed user data is a note, as whatever password it holds is not read") {
  CHECK(found_in(std::string("\x1f\x8b\x08\0\0", 5)) == "note: user data is not used: it is compressed");
}

TEST_CASE("vendor data that cannot be read is a note beside what the user data says") {
  const TempDir folder("/tmp", "seed");
  std::filesystem::create_symlink("/etc/hostname", folder.path() / "vendor-data");
  CHECK(seed(folder, "", "#cloud-config\npassword: mine\n").starts_with("password: mine\nnote: "));
}

TEST_CASE("vendor data counts where user data says nothing") {
  const TempDir folder("/tmp", "seed");
  REQUIRE(write_file((folder.path() / "vendor-data").string(), "#cloud-config\npassword: theirs\n"));
  CHECK(seed(folder, "", "#cloud-config\npassword: mine\n") == "password: mine");
  CHECK(seed(folder, "", "") == "password: theirs");
}
