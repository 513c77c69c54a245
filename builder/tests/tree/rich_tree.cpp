#include "builder/tests/tree/rich_tree.hpp"

namespace lifeboat {

Tree rich_tree(Spool& spool) {
  Tree tree;
  tree.find("")->mtime = 5;
  const auto put = [&](const char* path, Node node, std::int64_t mtime) {
    node.mtime = mtime;
    tree.add(path, std::move(node));
  };
  put("bin", symlink_node("usr/bin"), 10);
  put("usr/bin", directory_node(0711), 20);
  put("usr/bin/su", file_node(spool.append("su"), 04755), latest + 1);
  // A capability is binary: it may hold what ends a record or a text.
  tree.find("usr/bin/su")->xattrs = {
      {"security.capability", std::string("\x01\x00\x00\x02\x00\x20\x00\x00\x0a=\n\0\0\0\0\0\0\0\0\0", 20)}};
  put("usr/bin/empty", file_node({}), -7);
  put("usr/bin/big", file_node(spool.append(std::string((2 << 20) + 3, 'b'))), 1000);
  tree.add_hard_link("usr/bin/ask", "usr/bin/su");
  tree.add_hard_link("zlast", "usr/bin/su");
  put("dev/console", {.type = NodeType::character_device, .mode = 0600, .device_major = 5, .device_minor = 1}, 30);
  put("dev/sda", {.type = NodeType::block_device, .mode = 0660, .gid = 6, .device_major = 8, .device_minor = 65536},
      30);
  put("pipe", {.type = NodeType::fifo, .mode = 0600}, 40);
  put("tmp", directory_node(01777), 50);
  Node owned = file_node(spool.append("mine"), 0600);
  owned.uid = 4294967294;
  owned.gid = 3000000;
  put("owned", owned, 60);
  const std::string long_name = std::string(99, 'n');
  put(("long/" + long_name + "/" + std::string(255, 'x')).c_str(), file_node(spool.append("deep")), 70);
  put(("l" + long_name).c_str(), symlink_node(std::string(100, 't')), 70);
  put("gr\xc3\xbc\xc3\x9f"
      "e \n",
      symlink_node("../" + std::string(4000, 't')), 80);
  return tree;
}

}  // namespace lifeboat
