// One step of Debian's finish at a time, over a tree of a few files.
#include "builder/distro/debian_steps.hpp"

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/ca_bundle.hpp"
#include "builder/tests/distro/small_world.hpp"
#include "testing/catch.hpp"

namespace lifeboat {
namespace {

struct DebianWorld : SmallWorld {
  DebianWorld() { prepare_debian(tree); }

  void add_masters() {
    add_file("usr/share/base-passwd/passwd.master",
             "root:*:0:0:root:/root:/bin/bash\ndaemon:*:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n");
    add_file("usr/share/base-passwd/group.master", "root:*:0:\nshadow:*:42:\n");
  }

  void run(void (*step)(Maker&)) {
    const FinishInput all = input();
    Maker maker(tree, all);
    step(maker);
  }
};

TEST_CASE("a Debian tree starts with merged /usr and the folders of every system") {
  const DebianWorld world;
  CHECK(world.tree.find("bin")->target == "usr/bin");
  CHECK(world.tree.resolve("lib64/ld.so") == TreePath("usr/lib64/ld.so"));
  CHECK(world.tree.find("tmp")->mode == 01777);
  CHECK(world.tree.find("root")->mode == 0700);
  CHECK(world.tree.find("var/run")->target == "/run");
}

TEST_CASE("a distribution is found by its name") {
  CHECK(find_distribution("debian").finish == finish_debian);
  CHECK(error_text([] { find_distribution("debain"); }) ==
        "no distribution is called `debain`, hint: did you mean `debian`?");
  CHECK(error_text([] { find_distribution("plan9"); }) == "no distribution is called `plan9`, hint: known: debian");
}

TEST_CASE("users are the masters' and those of the installed packages, and nobody has a password") {
  DebianWorld world;
  world.add_masters();
  world.add_package("openssh-server");
  world.run(write_debian_users);
  CHECK(world.tree.read("etc/passwd") ==
        "root:x:0:0:root:/root:/bin/bash\n"
        "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
        "sshd:x:102:65534::/run/sshd:/usr/sbin/nologin\n");
  CHECK(world.tree.read("etc/shadow") ==
        "root:*:19675:0:99999:7:::\ndaemon:*:19675:0:99999:7:::\nsshd:!:19675::::::\n");
  CHECK(world.tree.read("etc/group") == "root:x:0:\nshadow:x:42:\n");
  CHECK(world.tree.read("etc/gshadow") == "root:*::\nshadow:*::\n");
  CHECK(world.tree.find("etc/shadow")->mode == 0640);
  CHECK(world.tree.find("etc/shadow")->gid == 42);
}

TEST_CASE("a broken master file is an error that shows the line") {
  DebianWorld world;
  world.add_masters();
  world.add_file("usr/share/base-passwd/passwd.master", "root:*:0:0\n");
  CHECK(error_text([&] { world.run(write_debian_users); }) ==
        "reading /usr/share/base-passwd/passwd.master: expected 7 fields in `root:*:0:0`");
}

TEST_CASE("the alternative of the highest priority takes the link") {
  DebianWorld world;
  world.add_file("bin/nano", "", 0755);
  world.add_file("usr/bin/vim.tiny", "", 0755);
  world.run(write_debian_alternatives);
  CHECK(world.tree.find("usr/bin/editor")->target == "/etc/alternatives/editor");
  CHECK(world.tree.find("etc/alternatives/editor")->target == "/bin/nano");
  CHECK(world.tree.read("var/lib/dpkg/alternatives/editor") ==
        "auto\n/usr/bin/editor\n\n/bin/nano\n40\n/usr/bin/vim.tiny\n15\n\n");
  CHECK(world.tree.find("usr/bin/awk") == nullptr);
}

TEST_CASE("a recipe's choice takes the link and stays when packages change") {
  DebianWorld world;
  world.add_file("bin/nano", "", 0755);
  world.add_file("usr/bin/vim.tiny", "", 0755);
  world.recipe.alternatives = {{"editor", "/usr/bin/vim.tiny"}};
  world.run(write_debian_alternatives);
  CHECK(world.tree.find("etc/alternatives/editor")->target == "/usr/bin/vim.tiny");
  CHECK(world.tree.read("var/lib/dpkg/alternatives/editor").starts_with("manual\n"));
}

TEST_CASE("slave links follow their master") {
  DebianWorld world;
  world.add_file("usr/bin/mawk", "", 0755);
  world.run(write_debian_alternatives);
  CHECK(world.tree.find("etc/alternatives/nawk")->target == "/usr/bin/mawk");
  CHECK(world.tree.read("var/lib/dpkg/alternatives/awk") ==
        "auto\n/usr/bin/awk\nnawk\n/usr/bin/nawk\n\n/usr/bin/mawk\n5\n/usr/bin/mawk\n\n");
}

TEST_CASE("a program that a package put in place of the link is left alone") {
  DebianWorld world;
  world.add_file("usr/bin/mawk", "", 0755);
  world.add_file("usr/bin/awk", "a real program", 0755);
  world.run(write_debian_alternatives);
  CHECK(world.tree.read("usr/bin/awk") == "a real program");
}

TEST_CASE("an alternative that does not exist is an error that says what does") {
  DebianWorld world;
  world.add_file("bin/nano", "", 0755);
  world.recipe.alternatives = {{"editor", "/usr/bin/emacs"}};
  CHECK(error_text([&] { world.run(write_debian_alternatives); }) ==
        "alternative `editor`: no installed package offers /usr/bin/emacs, hint: in the image: /bin/nano");
  world.recipe.alternatives = {{"edtor", "/bin/nano"}};
  CHECK(error_text([&] { world.run(write_debian_alternatives); }) ==
        "alternative `edtor`: nothing in the image offers it, hint: did you mean `editor`?");
}

TEST_CASE("an installed package without the default that its script copies is an error") {
  DebianWorld world;
  world.add_package("readline-common");
  CHECK(error_text([&] { world.run(copy_debian_defaults); }) ==
        "finishing package readline-common: its default /usr/share/readline/inputrc for /etc/inputrc is not there");
}

TEST_CASE("ping may open raw sockets") {
  DebianWorld world;
  world.add_package("iputils-ping");
  world.add_file("bin/ping", "", 0755);
  world.run(set_debian_modes);
  using namespace std::string_literals;
  CHECK(world.tree.find("usr/bin/ping")->xattrs.at("security.capability") == "\1\0\0\2\0\x20"s + std::string(14, '\0'));
}

TEST_CASE("shells are listed under both names that merged /usr gives them") {
  DebianWorld world;
  world.add_package("debianutils");
  world.add_file("usr/share/debianutils/shells", "# valid login shells\n/bin/sh\n");
  world.add_file("usr/share/debianutils/shells.d/dash", "/bin/dash\n");
  world.run(write_debian_shells);
  CHECK(world.tree.read("etc/shells") == "# valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/dash\n/usr/bin/dash\n");
}

TEST_CASE("a PAM template without its variable is an error") {
  DebianWorld world;
  world.add_package("libpam-runtime");
  world.add_file("usr/share/pam/common-account", "# nothing to fill in\n");
  CHECK(error_text([&] { world.run(write_debian_pam); }) ==
        "writing /etc/pam.d/common-account: libpam-runtime's template has no line $account_primary");
}

TEST_CASE("a package whose script nobody has read is warned about; one with generated service code is not") {
  DebianWorld world;
  for (const char* name : {"exim4-base", "quota", "vlan"}) world.add_package(name);
  const std::string service =
      "#!/bin/sh\nset -e\n# Automatically added by dh_installsystemd/13\nsystemctl daemon-reload\n"
      "# End automatically added section\nexit 0\n";
  world.packages[0].control["postinst"] = "#!/bin/sh\nset -e\nadduser --system Debian-exim\n";
  world.packages[1].control["postinst"] = service;
  world.packages[2].control["postinst"] =
      "# Automatically added by dh_installalternatives/13\nupdate-alternatives --install /usr/bin/x x /usr/bin/y 1\n";
  const std::string rest =
      " has an installation script that Lifeboat does not know and did not run; what it makes (a user, a link, a file) "
      "may "
      "be missing in the image";
  CHECK(warnings_debian(world.input()) == std::vector<std::string>{"package exim4-base" + rest, "package vlan" + rest});
}

/// A self-signed certificate and its subject's hash, both from the openssl program.
std::string make_certificate(const SmallWorld& world, const std::string& name) {
  const std::string file = (world.folder.path() / "cert").string();
  run_checked({.argv = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=" + name, "-keyout", "/dev/null", "-out", file}});
  return read_file(file);
}

TEST_CASE("OpenSSL finds every certificate by its hash, two of one subject too") {
  DebianWorld world;
  const std::string first = make_certificate(world, "One"), second = make_certificate(world, "One");
  const std::string hash(trim(run_checked({.argv = {"openssl", "x509", "-noout", "-hash"}, .input = first})));
  world.add_file("usr/share/ca-certificates/mozilla/A (b), c.crt", first);
  world.add_file("usr/share/ca-certificates/mozilla/B.crt", second.substr(0, second.size() - 1));
  world.run(write_ca_bundle);
  CHECK(world.tree.find(TreePath("etc/ssl/certs") / (hash + ".0"))->target == "A_=b=__c.pem");
  CHECK(world.tree.find(TreePath("etc/ssl/certs") / (hash + ".1"))->target == "B.pem");
  CHECK(world.tree.find("etc/ssl/certs/B.pem")->target == "/usr/share/ca-certificates/mozilla/B.crt");
  CHECK(world.tree.read("etc/ssl/certs/ca-certificates.crt") == first + second);
  CHECK(world.tree.read("etc/ca-certificates.conf").ends_with("\nmozilla/A (b), c.crt\nmozilla/B.crt\n"));
}

TEST_CASE("a certificate that is none stops the build") {
  DebianWorld world;
  world.add_file("usr/share/ca-certificates/mozilla/A.crt", "hello");
  CHECK(error_text([&] { world.run(write_ca_bundle); }) ==
        "reading the certificate /usr/share/ca-certificates/mozilla/A.crt: it is no PEM certificate");
}

void add_apt_with_example(DebianWorld& world) {
  world.add_package("apt");
  world.add_file("usr/share/doc/apt/examples/sources.list",
                 "# deb http://commented.example/debian bookworm main\n"
                 "deb http://public.example/debian bookworm main contrib\n"
                 "deb http://public.example/debian trixie main\n"
                 "#deb-src http://public.example/debian bookworm main\n");
  world.recipe.repositories.push_back({.name = "bookworm",
                                       .mirror = "debian",
                                       .suite = "bookworm",
                                       .components = {"main"},
                                       .keyring = "/host/keys/k.gpg",
                                       .fingerprints = {},
                                       .snapshot = {}});
}

TEST_CASE("apt's sources are the recipe's suites at the addresses that apt's package names") {
  DebianWorld world;
  add_apt_with_example(world);
  world.recipe.repositories.push_back({.name = "private",
                                       .mirror = "private",
                                       .suite = "our-own",
                                       .components = {"main"},
                                       .keyring = "/host/keys/k.gpg",
                                       .fingerprints = {},
                                       .snapshot = {}});
  world.add_file("usr/share/keyrings/k.gpg", "");
  world.run(write_debian_apt_sources);
  CHECK(world.tree.read("etc/apt/sources.list.d/lifeboat.sources") ==
        "Types: deb\nURIs: http://public.example/debian\nSuites: bookworm\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/k.gpg\n");
}

TEST_CASE("without apt in the image there are no sources") {
  DebianWorld world;
  world.run(write_debian_apt_sources);
  CHECK(world.tree.find("etc/apt/sources.list.d/lifeboat.sources") == nullptr);
}

TEST_CASE("apt's sources need the keyring in the image") {
  DebianWorld world;
  add_apt_with_example(world);
  CHECK(error_text([&] { world.run(write_debian_apt_sources); }) ==
        "writing apt's sources: the image has no /usr/share/keyrings/k.gpg for suite bookworm, hint: add the package "
        "that brings it: debian-archive-keyring");
}

}  // namespace
}  // namespace lifeboat
