#include "init/source/file_injection.hpp"

#include "init/source/source.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view untouched = "root:*:19000:0:99999:7:::\n";

bool is_nothing(const Result<Findings>& findings) { return !findings && is_nothing_there(findings.failure()); }

}  // namespace

TEST_CASE("the hash that Nova puts into root's line is the password, whoever else stands in the file") {
  const auto findings = parse_injected_files(
      "daemon:$1$daemon$xxxxxxxxxxxxxxxxxxxxxx:1::::::\nroot:$1$abcdefgh$irWbblnpmw.5z7wgBnprh0:19000:0:99999:7:::\n",
      "");
  REQUIRE(findings);
  CHECK(findings->password_hash == "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0");
  CHECK(findings->keys.empty());
  CHECK(findings->notes.empty());
}

TEST_CASE("a medium that nobody wrote to, or whose root is locked, has nothing to say") {
  CHECK(is_nothing(parse_injected_files(untouched, "")));
  CHECK(is_nothing(parse_injected_files("", "")));
  CHECK(is_nothing(parse_injected_files("root", "")));
  CHECK(is_nothing(parse_injected_files("root::19000::::::\n", "# a comment alone\n")));
  CHECK(is_nothing(parse_injected_files("root:!$1$abcdefgh$irWbblnpmw.5z7wgBnprh0:19000::::::\n", "\n")));
}

TEST_CASE("keys are taken without Nova's comments, beside a locked password or a broken one") {
  const auto findings = parse_injected_files(
      untouched, "\n# The following ssh key was injected by Nova\nssh-ed25519 AAAA one\n\r\n ssh-ed25519 BBBB two\r\n");
  REQUIRE(findings);
  CHECK(findings->password_hash.empty());
  CHECK(findings->keys == std::vector<std::string>{"ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"});

  const auto broken = parse_injected_files("root:clear text:19000::::::\n", "ssh-ed25519 AAAA one\n");
  REQUIRE(broken);
  CHECK(broken->password_hash.empty());
  CHECK(broken->notes ==
        std::vector<std::string>{"etc/shadow is not used: it has a character that no crypt(3) hash has"});
}

TEST_CASE("the network that Nova writes is the plan, also where neither password nor key is there") {
  const auto findings = parse_injected_files(
      untouched, "",
      "# Injected by Nova on instance boot\nauto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n"
      "    hwaddress ether 52:54:00:12:34:56\n    address 192.0.2.5\n    netmask 255.255.255.0\n"
      "    broadcast 192.0.2.255\n    gateway 192.0.2.1\n    dns-nameservers 192.0.2.53\n");
  REQUIRE(findings);
  CHECK(to_text(findings->network) ==
        "link=eth0\nkind=card\nmac=52:54:00:12:34:56\nname=eth0\ndhcp6=by-router\naddress=192.0.2.5/24\n"
        "route=0.0.0.0/0 192.0.2.1 0\ndns=192.0.2.53\n");
}

TEST_CASE("a machine that was started from no disk has no such partition") {
  CHECK(is_nothing(read_injected_files(Platform{})));
  Platform from_cd;
  from_cd.own_disk = "sr0";
  CHECK(is_nothing(read_injected_files(from_cd)));
}

}  // namespace lifeboat::init
