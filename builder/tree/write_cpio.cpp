// The "newc" cpio that the kernel unpacks as initramfs (Documentation/driver-api/early-userspace/buffer-format.rst).
#include <cstdio>
#include <unordered_map>

#include "builder/base/error.hpp"
#include "builder/tree/output.hpp"
#include "builder/tree/write.hpp"

namespace lifeboat {
namespace {

constexpr std::uint64_t unit = 4;  // every part starts at a multiple of this

struct CpioEntry {
  std::uint32_t inode = 0, mode = 0, links = 1, uid = 0, gid = 0, mtime = 0;
  std::uint64_t size = 0;
  std::uint32_t device_major = 0, device_minor = 0;
  std::string name;
};

void write_header(Output& out, const CpioEntry& entry) {
  if (entry.size > 0xffffffff) throw Error("/" + entry.name + " is over 4 GiB, too much for an initramfs");
  char text[111];
  std::snprintf(text, sizeof text, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", entry.inode,
                entry.mode, entry.uid, entry.gid, entry.links, entry.mtime, static_cast<std::uint32_t>(entry.size), 0U,
                0U, entry.device_major, entry.device_minor, static_cast<std::uint32_t>(entry.name.size() + 1), 0U);
  out.write({text, sizeof text - 1});
  out.write({entry.name.c_str(), entry.name.size() + 1});
  out.pad_to(unit);
}

std::uint32_t type_bits(NodeType type) {  // the S_IF values of <linux/stat.h>
  switch (type) {
    case NodeType::regular:
      return 0100000;
    case NodeType::symlink:
      return 0120000;
    case NodeType::character_device:
      return 0020000;
    case NodeType::block_device:
      return 0060000;
    case NodeType::directory:
      return 0040000;
    case NodeType::fifo:
      return 0010000;
  }
  throw Error("a node of no known type");
}

/// Names of one file: how many there are, how many are still to come, and its number.
struct Links {
  std::uint32_t all = 0, left = 0, inode = 0;
};

std::unordered_map<const Node*, Links> count_links(const Tree& tree) {
  std::unordered_map<const Node*, Links> links;
  for (const auto& [path, node] : tree.nodes()) {
    Links& of = links[node.get()];
    if (of.inode == 0) of.inode = static_cast<std::uint32_t>(links.size());
    of.left = ++of.all;
  }
  return links;
}

CpioEntry entry_of(const TreePath& path, const Node& node, const Links& links, std::int64_t newest) {
  return {.inode = links.inode,
          .mode = type_bits(node.type) | (node.mode & 07777),
          .links = node.type == NodeType::directory ? 2 : links.all,
          .uid = node.uid,
          .gid = node.gid,
          .mtime = static_cast<std::uint32_t>(clamp_time(node.mtime, newest)),
          .size = node.type == NodeType::symlink ? node.target.size() : node.content.size,
          .device_major = node.device_major,
          .device_minor = node.device_minor,
          .name = path.is_root() ? "." : path.str()};
}

}  // namespace

void write_cpio(const Tree& tree, std::int64_t newest, const ByteSink& sink) {
  Output out(sink);
  auto links = count_links(tree);
  for (const auto& [path, node] : tree.nodes()) {
    Links& of = links[node.get()];
    CpioEntry entry = entry_of(path, *node, of, newest);
    const bool last_name = --of.left == 0;
    if (!last_name) entry.size = 0;  // the bytes come with the last name, as cpio and the kernel expect
    write_header(out, entry);
    if (last_name) node->content.copy_to([&](std::string_view piece) { out.write(piece); });
    if (node->type == NodeType::symlink) out.write(node->target);
    out.pad_to(unit);
  }
  write_header(out, {.name = "TRAILER!!!"});
  out.flush();
}

}  // namespace lifeboat
