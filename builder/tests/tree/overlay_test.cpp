#include "builder/tree/overlay.hpp"

#include <sys/stat.h>

#include "builder/base/file.hpp"
#include "builder/tests/base/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

struct Overlay {
  TempDir folder{fs::temp_directory_path(), "overlay-test"};
  std::shared_ptr<Spool> spool = Spool::create(fs::temp_directory_path());
  Tree tree;

  void put(const fs::path& path, std::string_view text, mode_t mode) const {
    lifeboat::create_directories((folder.path() / path).parent_path());
    replace_file(folder.path() / path, text, mode);
  }
  void lay() { lay_over(tree, folder.path(), *spool, 1234); }
};

}  // namespace

TEST_CASE("an overlay's files belong to root and have one of two modes") {
  Overlay overlay;
  overlay.put("etc/motd", "hello\n", 0600);
  overlay.put("usr/bin/tool", "#!/bin/sh\n", 0710);
  overlay.lay();
  const Node& motd = *overlay.tree.find("etc/motd");
  CHECK(overlay.tree.read("etc/motd") == "hello\n");
  CHECK(motd.mode == 0644);
  CHECK(motd.uid == 0);
  CHECK(motd.gid == 0);
  CHECK(motd.mtime == 1234);
  CHECK(overlay.tree.find("usr/bin/tool")->mode == 0755);
  CHECK(overlay.tree.find("usr/bin")->mode == 0755);
  CHECK(overlay.tree.find("usr/bin")->mtime == 1234);
}

TEST_CASE("an overlay's links stay as they are, also when they lead nowhere on the host") {
  Overlay overlay;
  overlay.put("etc/x", "", 0644);
  fs::create_symlink("/run/nowhere", overlay.folder.path() / "etc/resolv.conf");
  fs::create_directory_symlink("/etc", overlay.folder.path() / "link");
  overlay.lay();
  CHECK(overlay.tree.find("etc/resolv.conf")->target == "/run/nowhere");
  CHECK(overlay.tree.find("link")->target == "/etc");
}

TEST_CASE("an overlay replaces files and leaves the modes of folders that are there") {
  Overlay overlay;
  overlay.tree.add("root", directory_node(0700));
  overlay.tree.add("usr/sbin", directory_node());
  overlay.tree.add("sbin", symlink_node("usr/sbin"));
  overlay.tree.add("root/.profile", file_node(overlay.spool->append("old")));
  overlay.put("root/.profile", "new", 0644);
  overlay.put("sbin/tool", "tool", 0755);
  overlay.lay();
  CHECK(overlay.tree.read("root/.profile") == "new");
  CHECK(overlay.tree.find("root")->mode == 0700);
  CHECK(overlay.tree.find("sbin")->type == NodeType::symlink);
  CHECK(overlay.tree.read("usr/sbin/tool") == "tool");
}

TEST_CASE("an absent overlay lays nothing") {
  Overlay overlay;
  lay_over(overlay.tree, overlay.folder.path() / "absent", *overlay.spool, 0);
  CHECK(overlay.tree.nodes().size() == 1);
}

TEST_CASE("a fifo in an overlay is an error") {
  Overlay overlay;
  const fs::path fifo = overlay.folder.path() / "pipe";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(message_of([&] { overlay.lay(); }) == fifo.string() + " is no file, folder or symbolic link");
}
