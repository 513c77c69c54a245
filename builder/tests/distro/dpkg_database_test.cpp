// dpkg's database over small packages that dpkg-deb makes, read by dpkg and apt themselves.
#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/distro/debian_steps.hpp"
#include "builder/tests/distro/small_world.hpp"
#include "builder/tree/write.hpp"
#include "testing/catch.hpp"

namespace lifeboat {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view empty_md5 = "d41d8cd98f00b204e9800998ecf8427e";  // of no bytes: RFC 1321
constexpr std::string_view abc_md5 = "900150983cd24fb0d6963f7d28e17f72";    // of "abc": RFC 1321

struct DpkgWorld : SmallWorld {
  DpkgWorld() {
    recipe.name = "small";
    recipe.architecture = "amd64";
    prepare_debian(tree);
  }

  /// Files by path; DEBIAN/* is the control part. Added in the order of names.
  void install(const std::string& name, const std::string& fields, const std::map<std::string, std::string>& files) {
    const fs::path source = folder.path() / name, deb = folder.path() / (name + ".deb");
    lifeboat::create_directories(source / "DEBIAN");
    replace_file(source / "DEBIAN/control", "Package: " + name +
                                                "\nVersion: 1.0\nArchitecture: amd64\nMaintainer: A <a@example.org>\n" +
                                                fields + "Description: small\n with a second line\n");
    for (const auto& [path, text] : files) {
      lifeboat::create_directories((source / path).parent_path());
      replace_file(source / path, text, path.ends_with("inst") ? 0755 : 0644);
    }
    run_checked({.argv = {"dpkg-deb", "--root-owner-group", "--build", source.string(), deb.string()}});
    const Package package{.name = name, .version = "1.0", .architecture = "amd64", .size = fs::file_size(deb)};
    packages.push_back(read_deb(deb, package, *spool));
    unpack_into(tree, packages.back().members, name);
  }

  std::string finish() {
    const FinishInput all = input();
    Maker maker(tree, all);
    write_dpkg_database(maker);
    return tree.read("var/lib/dpkg/status");
  }

  /// The tree as real files, without owners, for dpkg --root.
  fs::path extract() const {
    fs::path root = folder.path() / "root";
    lifeboat::create_directories(root);
    Pipe tar({.argv = {"tar", "--extract", "--no-same-owner", "--directory", root.string()}});
    write_tar(tree, time, [&](std::string_view bytes) { tar.write(bytes); });
    tar.finish();
    return root;
  }
};

TEST_CASE("status holds each control stanza, installed, with its configuration files' digests") {
  DpkgWorld world;
  world.install(
      "tool", "Section: admin\n",
      {{"DEBIAN/conffiles", "/etc/tool.conf\n/etc/empty.conf\n"}, {"etc/tool.conf", "abc"}, {"etc/empty.conf", ""}});
  CHECK(world.finish().starts_with(
      "Package: tool\nStatus: install ok installed\nVersion: 1.0\nArchitecture: amd64\n"
      "Maintainer: A <a@example.org>\nSection: admin\nDescription: small\n with a second line\n"
      "Conffiles:\n /etc/tool.conf " +
      std::string(abc_md5) + "\n /etc/empty.conf " + std::string(empty_md5) + "\n\nPackage: lifeboat-rescue\n"));
}

TEST_CASE("info files carry the architecture where several may be installed together") {
  DpkgWorld world;
  world.install("libtool", "Multi-Arch: same\n", {{"usr/lib/libtool.so", "abc"}, {"DEBIAN/postinst", "#!/bin/sh\n"}});
  world.install("tool", "", {{"usr/bin/tool", "abc"}});
  world.finish();
  CHECK(world.tree.read("var/lib/dpkg/info/libtool:amd64.list") == "/.\n/usr\n/usr/lib\n/usr/lib/libtool.so\n");
  CHECK(world.tree.find("var/lib/dpkg/info/libtool:amd64.postinst")->mode == 0755);
  CHECK(world.tree.find("var/lib/dpkg/info/libtool:amd64.control") == nullptr);
  CHECK(world.tree.read("var/lib/dpkg/info/tool.list") == "/.\n/usr\n/usr/bin\n/usr/bin/tool\n");
}

TEST_CASE("what was removed from the tree is not listed as installed") {
  DpkgWorld world;
  world.install("tool", "",
                {{"usr/bin/tool", "abc"},
                 {"usr/share/doc/tool/README", "text"},
                 {"DEBIAN/md5sums",
                  std::string(abc_md5) + "  usr/bin/tool\n" + std::string(abc_md5) + "  usr/share/doc/tool/README\n"}});
  world.tree.remove("usr/share");
  world.finish();
  CHECK(world.tree.read("var/lib/dpkg/info/tool.list") == "/.\n/usr\n/usr/bin\n/usr/bin/tool\n");
  CHECK(world.tree.read("var/lib/dpkg/info/tool.md5sums") == std::string(abc_md5) + "  usr/bin/tool\n");
}

TEST_CASE("triggers are known by name and by path") {
  DpkgWorld world;
  world.install("a", "",
                {{"DEBIAN/triggers", "# comment\ninterest-noawait /usr/share/x\nactivate-noawait ldconfig\n"}});
  world.install("libb", "Multi-Arch: same\n", {{"DEBIAN/triggers", "interest ldconfig\n"}});
  world.install("c", "", {{"DEBIAN/triggers", "interest-noawait ldconfig\n"}});
  world.finish();
  CHECK(world.tree.read("var/lib/dpkg/triggers/File") == "/usr/share/x a/noawait\n");
  CHECK(world.tree.read("var/lib/dpkg/triggers/ldconfig") == "libb:amd64\nc/noawait\n");
}

TEST_CASE("dpkg itself finds nothing wrong, and sees a file that changes later") {
  DpkgWorld world;
  world.install("tool", "", {{"usr/bin/tool", "abc"}, {"DEBIAN/md5sums", std::string(abc_md5) + "  usr/bin/tool\n"}});
  world.finish();
  const fs::path root = world.extract();
  CHECK(run({.argv = {"dpkg", "--root=" + root.string(), "--audit"}}).out.empty());
  CHECK(run({.argv = {"dpkg", "--root=" + root.string(), "--verify"}}).out.empty());
  replace_file(root / "usr/bin/tool", "changed");
  CHECK(run({.argv = {"dpkg", "--root=" + root.string(), "--verify"}}).out == "??5??????   /usr/bin/tool\n");
}

TEST_CASE("what the recipe stands in for satisfies apt, whatever version is asked") {
  DpkgWorld world;
  world.install("kernel", "Depends: initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool, init\n", {});
  const auto check = [&] {
    world.finish();
    return run({.argv = {"apt-get", "-o", "Dir::State::status=" + (world.extract() / "var/lib/dpkg/status").string(),
                         "-o", "Dir::State::lists=" + (world.folder.path() / "lists").string(), "check"}});
  };
  CHECK(check().status != 0);
  world.recipe.provided = {"initramfs-tools", "init"};
  const Outcome outcome = check();
  INFO(outcome.out << outcome.err);
  CHECK(outcome.status == 0);
}

}  // namespace
}  // namespace lifeboat
