// The POSIX.1-2001 "pax interchange format": ustar headers, with an extended header where ustar has no room.
#include <array>
#include <cstdio>
#include <cstring>
#include <unordered_map>

#include "builder/base/error.hpp"
#include "builder/tree/output.hpp"
#include "builder/tree/write.hpp"

namespace lifeboat {
namespace {

constexpr std::uint64_t block = 512;
constexpr std::size_t name_room = 100;

struct Header {  // POSIX.1-2001, "ustar Interchange Format"
  std::array<char, name_room> name{};
  std::array<char, 8> mode{}, uid{}, gid{};
  std::array<char, 12> size{}, mtime{};
  std::array<char, 8> checksum{};
  char type = '0';
  std::array<char, 100> link{};
  std::array<char, 8> magic{'u', 's', 't', 'a', 'r', '\0', '0', '0'};
  std::array<char, 32> user{}, group{};
  std::array<char, 8> major{}, minor{};
  std::array<char, 155> prefix{};
  std::array<char, 12> unused{};
};
static_assert(sizeof(Header) == block);

/// What one header says, before it is put into fields.
struct TarEntry {
  char type = '0';
  std::string name, link = {};
  const Node& node;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
};

/// Octal digits and a NUL; false when the number has more of them than the field has room.
template <std::size_t room>
bool put_octal(std::array<char, room>& field, std::uint64_t number) {
  if (number >> (3 * (room - 1)) != 0) return false;
  field[room - 1] = '\0';
  for (std::size_t i = room - 1; i-- > 0; number >>= 3) field[i] = static_cast<char>('0' + (number & 7));
  return true;
}

void put_text(std::array<char, name_room>& field, std::string_view text) {
  std::memcpy(field.data(), text.data(), std::min(text.size(), field.size()));
}

void put_checksum(Header& header) {
  header.checksum.fill(' ');
  std::array<unsigned char, sizeof(Header)> bytes{};
  std::memcpy(bytes.data(), &header, sizeof(Header));
  unsigned sum = 0;
  for (unsigned char byte : bytes) sum += byte;
  std::snprintf(header.checksum.data(), header.checksum.size(), "%06o", sum);  // then NUL and the blank that is there
}

std::string_view bytes_of(const Header& header) { return {reinterpret_cast<const char*>(&header), sizeof(Header)}; }

/// "LENGTH KEY=VALUE\n", where LENGTH counts its own digits.
std::string record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + std::to_string(rest).size();
  length = rest + std::to_string(length).size();
  return std::to_string(length) + ' ' + std::string(key) + '=' + std::string(value) + '\n';
}

void write_header(Output& out, Header& header, std::string_view extended) {
  if (!extended.empty()) {
    Header before;
    before.type = 'x';
    put_text(before.name, "PaxHeader");
    put_octal(before.mode, 0644);
    put_octal(before.uid, 0);
    put_octal(before.gid, 0);
    put_octal(before.mtime, 0);
    put_octal(before.size, extended.size());
    put_checksum(before);
    out.write(bytes_of(before));
    out.write(extended);
    out.pad_to(block);
  }
  put_checksum(header);
  out.write(bytes_of(header));
}

void write_entry(Output& out, const TarEntry& entry) {
  Header header;
  std::string extended;
  header.type = entry.type;
  put_text(header.name, entry.name);
  put_text(header.link, entry.link);
  put_octal(header.mode, entry.node.mode & 07777);
  put_octal(header.mtime, static_cast<std::uint64_t>(entry.mtime));
  put_octal(header.major, entry.node.device_major);
  put_octal(header.minor, entry.node.device_minor);
  if (entry.name.size() >= name_room) extended += record("path", entry.name);
  if (entry.link.size() >= name_room) extended += record("linkpath", entry.link);
  if (!put_octal(header.uid, entry.node.uid)) extended += record("uid", std::to_string(entry.node.uid));
  if (!put_octal(header.gid, entry.node.gid)) extended += record("gid", std::to_string(entry.node.gid));
  if (!put_octal(header.size, entry.size)) extended += record("size", std::to_string(entry.size));
  if (entry.type != '1')
    for (const auto& [name, value] : entry.node.xattrs) extended += record("SCHILY.xattr." + name, value);
  write_header(out, header, extended);
}

char type_of(NodeType type) {
  switch (type) {
    case NodeType::regular:
      return '0';
    case NodeType::symlink:
      return '2';
    case NodeType::character_device:
      return '3';
    case NodeType::block_device:
      return '4';
    case NodeType::directory:
      return '5';
    case NodeType::fifo:
      return '6';
  }
  throw Error("a node of no known type");
}

/// "./" for the root, "usr/" for a folder, "usr/x" for the rest.
std::string name_of(const TreePath& path, const Node& node) {
  if (path.is_root()) return "./";
  return node.type == NodeType::directory ? path.str() + "/" : path.str();
}

}  // namespace

void write_tar(const Tree& tree, std::int64_t newest, const ByteSink& sink) {
  Output out(sink);
  std::unordered_map<const Node*, const TreePath*> first_names;
  for (const auto& [path, node] : tree.nodes()) {
    const std::int64_t mtime = clamp_time(node->mtime, newest);
    const auto [first, is_new] = first_names.emplace(node.get(), &path);
    if (!is_new) {
      write_entry(out, {.type = '1', .name = path.str(), .link = first->second->str(), .node = *node, .mtime = mtime});
      continue;
    }
    write_entry(out, {.type = type_of(node->type),
                      .name = name_of(path, *node),
                      .link = node->target,
                      .node = *node,
                      .size = node->content.size,
                      .mtime = mtime});
    node->content.copy_to([&](std::string_view piece) { out.write(piece); });
    out.pad_to(block);
  }
  out.write(std::string(2 * block, '\0'));
  out.flush();
}

}  // namespace lifeboat
