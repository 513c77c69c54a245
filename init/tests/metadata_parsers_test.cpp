// What metadata services say, and everything that is none of it.
#include <functional>
#include <map>

#include "init/source/akamai_service.hpp"
#include "init/source/azure_service.hpp"
#include "init/source/cloudstack_service.hpp"
#include "init/source/digitalocean_service.hpp"
#include "init/source/ec2_service.hpp"
#include "init/source/gce_service.hpp"
#include "init/source/hetzner_service.hpp"
#include "init/source/meta_data.hpp"
#include "init/source/oracle_service.hpp"
#include "init/source/scaleway_service.hpp"
#include "init/source/source.hpp"
#include "init/source/vultr_service.hpp"
#include "init/tests/cases.hpp"
#include "init/tests/described.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using test::described;
using test::read_cases;

namespace {

constexpr std::time_t new_year_2026 = 1767225600;

using Parse = Result<Findings> (*)(std::string_view);

/// Documents that are JSON objects, with the failure's name of each.
const std::map<std::string, std::pair<Parse, std::string>> json_parsers{
    {"azure", {parse_azure_instance, "instance"}},
    {"digitalocean", {parse_digitalocean_metadata, "v1.json"}},
    {"scaleway", {parse_scaleway_conf, "conf"}},
    {"vultr", {parse_vultr_metadata, "v1.json"}},
    {"oracle", {parse_oracle_instance, "instance"}},
    {"akamai-keys", {parse_akamai_keys, "ssh-keys"}},
    {"akamai-instance", {parse_akamai_instance, "instance"}},
    {"openstack", {parse_meta_data, "meta_data.json"}},
};

/// Where each has its keys: the document around a JSON value.
const std::map<std::string, std::pair<std::string, std::string>> around_keys{
    {"azure", {R"({"compute":{"publicKeys":[{"keyData":)", "}]}}"}},
    {"digitalocean", {R"({"public_keys":)", "}"}},
    {"scaleway", {R"({"ssh_public_keys":[{"key":)", "}]}"}},
    {"vultr", {R"({"public-keys":)", "}"}},
    {"oracle", {R"({"metadata":{"ssh_authorized_keys":)", "}}"}},
    {"akamai-keys", {R"({"users":{"root":)", "}}"}},
    {"openstack", {R"({"public_keys":)", "}"}},
};

std::string describe_password(const std::string& text) {
  const auto password = parse_password_reply(text);
  if (password) return "password " + std::string(password->view());
  return (is_nothing_there(password.failure()) ? "nothing: " : "failure: ") + password.error();
}

std::string describe_ec2(const std::string& text) {
  const Ec2Keys keys = parse_ec2_keys(text);
  Findings lines;
  add_key_lines(keys.lines, lines);
  std::string out;
  for (const std::string& number : keys.numbers) out += (out.empty() ? "number " : "\nnumber ") + number;
  for (const std::string& key : lines.keys) out += (out.empty() ? "key " : "\nkey ") + key;
  return out;
}

std::string describe(const std::string& kind, const std::string& text) {
  if (kind == "password") return describe_password(text);
  if (kind == "ec2") return describe_ec2(text);
  if (kind == "hetzner") return described(parse_hetzner_keys(text));
  if (kind != "gce") return described(json_parsers.at(kind).first(text));
  const std::string line = "\n=====\n";
  const std::size_t at = text.find(line);
  return described(parse_gce_attributes(text.substr(0, at), text.substr(at + line.size()), new_year_2026));
}

}  // namespace

TEST_CASE("documents of metadata services are read as the table says") {
  for (const auto& one : read_cases("metadata_services.txt")) {
    INFO(one.name);
    CHECK(describe(one.name.substr(0, one.name.find(' ')), one.input) == one.expected);
  }
}

TEST_CASE("what is no JSON object is a failure that names the document") {
  for (const auto& [kind, parser] : json_parsers) {
    INFO(kind);
    const auto& [parse, name] = parser;
    for (const std::string text : {"", " ", "<html>404</html>", "{\"a\":", "{}x", "{\"\xff\xfe\":1}", "{'a':1}"})
      CHECK(described(parse(text)) == "failure: " + name + ": not valid JSON");
    for (const std::string text : {"[]", "\"text\"", "5", "null", "true"})
      CHECK(described(parse(text)) == "failure: " + name + ": not a JSON object");
    CHECK(described(parse("{}")) == "");
  }
}

TEST_CASE("Hetzner's list that is neither JSON nor YAML is a failure with its line") {
  CHECK(described(parse_hetzner_keys("- a\nb: [")).starts_with("failure: public-keys: YAML, line 2: "));
}

TEST_CASE("documents that nest a hundred thousand deep neither crash nor yield a key") {
  const std::string deep = std::string(100'000, '[') + "\"ssh-rsa A\"" + std::string(100'000, ']');
  for (const auto& [kind, around] : around_keys) {
    INFO(kind);
    const auto findings = json_parsers.at(kind).first(around.first + deep + around.second);
    REQUIRE(findings);
    CHECK(findings->keys.empty());
    CHECK(findings->notes.size() == 1);
  }
  CHECK(parse_hetzner_keys(deep)->keys.empty());
  CHECK(parse_gce_attributes(deep, deep, new_year_2026)->keys.empty());
}

TEST_CASE("of 10,000 keys 256 are taken, with a note; 10,000 wrong ones are one note") {
  std::string keys, lines, wrong;
  for (int i = 0; i < 10'000; ++i) {
    keys += (i == 0 ? "[\"" : ",\"") + ("ssh-rsa K" + std::to_string(i)) + "\"";
    lines += "u:ssh-rsa K" + std::to_string(i) + "\\n";
    wrong += (i == 0 ? "[" : ",") + std::to_string(i);
  }
  keys += "]";
  wrong += "]";
  const auto check = [](const Result<Findings>& findings) {
    REQUIRE(findings);
    CHECK(findings->keys.size() == 256);
    CHECK(findings->keys.back() == "ssh-rsa K255");
    CHECK(findings->notes == std::vector<std::string>{"more than 256 keys: the others are left out"});
  };
  for (const auto& [kind, around] : around_keys) {
    INFO(kind);
    check(json_parsers.at(kind).first(around.first + keys + around.second));
    CHECK(json_parsers.at(kind).first(around.first + wrong + around.second)->notes.size() == 1);
  }
  check(parse_hetzner_keys(keys));
  check(parse_gce_attributes("{\"ssh-keys\":\"" + lines + "\"}", "", new_year_2026));
  std::string ec2;
  for (int i = 0; i < 10'000; ++i) ec2 += std::to_string(i) + "=key\n";
  CHECK(parse_ec2_keys(ec2).numbers.size() == 256);
}

TEST_CASE("a machine belongs to the clouds that its firmware names") {
  struct Machine {
    Platform platform;
    std::string clouds;  ///< that it surely belongs to
  };
  const std::vector<Machine> machines{
      {{.sys_vendor = "QEMU", .product_name = "Standard PC (Q35 + ICH9, 2009)"}, ""},
      {{}, ""},
      {{.sys_vendor = "OpenStack Foundation", .product_name = "OpenStack Nova"}, "OpenStack"},
      {{.product_name = "OpenStack Compute"}, "OpenStack"},
      {{.product_name = "KVM", .chassis_asset_tag = "HUAWEICLOUD"}, "OpenStack"},
      {{.sys_vendor = "Amazon EC2", .product_uuid = "ec2a1b2c-0000-0000-0000-000000000000"}, "AWS"},
      {{.sys_vendor = "Xen", .product_uuid = "45e12aec-dcd1-b213-94ed-01234567890a"},
       "AWS"},  // little-endian: ec2ae145
      {{.sys_vendor = "Xen", .product_uuid = "45e1a2ec-dcd1-b213-94ed-01234567890a"}, ""},
      {{.product_uuid = "ec"}, ""},
      {{.product_name = "Google Compute Engine"}, "GCE"},
      {{.product_serial = "GoogleCloud-0123"}, "GCE"},
      {{.sys_vendor = "Microsoft Corporation", .chassis_asset_tag = "7783-7084-3265-9085-8269-3286-77"}, "Azure"},
      {{.sys_vendor = "Microsoft Corporation", .product_name = "Virtual Machine"}, ""},  // Hyper-V at home
      {{.sys_vendor = "DigitalOcean", .product_name = "Droplet"}, "DigitalOcean"},
      {{.sys_vendor = "Hetzner", .product_name = "vServer"}, "Hetzner"},
      {{.sys_vendor = "Scaleway"}, "Scaleway"},
      {{.kernel_command_line = "root=/dev/vda1 scaleway boot=local"}, "Scaleway"},
      {{.sys_vendor = "Vultr"}, "Vultr"},
      {{.kernel_command_line = "quiet vultr\n"}, "Vultr"},
      {{.kernel_command_line = "root=LABEL=vultrroot"}, ""},
      {{.product_name = "CloudStack KVM Hypervisor"}, "CloudStack"},
      {{.product_name = "Exoscale Compute Platform"}, "Exoscale"},
      {{.chassis_asset_tag = "OracleCloud.com"}, "Oracle"},
      {{.sys_vendor = "Linode"}, "Akamai"},
      {{.sys_vendor = "Akamai"}, "Akamai"},
  };
  for (const Machine& machine : machines) {
    std::string clouds;
    for (const Source& source : all_sources()) {
      const auto* network = std::get_if<NetworkSource>(&source.how);
      if (network == nullptr || network->belongs(machine.platform) != Belonging::yes) continue;
      clouds += std::string(source.name.substr(0, source.name.find(" metadata service")));
    }
    CHECK(clouds == machine.clouds);
  }
}

TEST_CASE("OpenStack and what is like EC2 may be anywhere, but the latter not on AWS") {
  CHECK(may_be_like_ec2({}) == Belonging::maybe);
  CHECK(may_be_like_ec2({.product_uuid = "ec2a1b2c-0000-0000-0000-000000000000"}) == Belonging::no);
}
