#include "builder/tree/archive.hpp"

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/tree/libarchive.hpp"

namespace lifeboat {
namespace {

/// What the kernel and squashfs can hold.
constexpr std::size_t longest_target = 4095;
constexpr std::size_t longest_xattr_name = 255;
constexpr std::size_t longest_xattr = 65536;
constexpr std::int64_t largest_major = 0xfff, largest_minor = 0xfffff;

/// The members of one archive as they arrive, with what they cost so far.
class TarReader {
 public:
  TarReader(LibArchive& archive, Spool& spool, const ArchiveLimits& limits)
      : archive_(archive), spool_(spool), limits_(limits) {}

  std::vector<ArchiveMember> read_all() {
    std::vector<ArchiveMember> members;
    while (archive_entry* entry = archive_.next()) {
      if (members.size() >= limits_.members) throw Error("it has over " + std::to_string(limits_.members) + " members");
      members.push_back(with_context(printable_name(entry), [&] { return member_of(entry); }));
    }
    return members;
  }

 private:
  ArchiveMember member_of(archive_entry* entry);
  Node node_of(archive_entry* entry);
  Content content_of(archive_entry* entry);

  LibArchive& archive_;
  Spool& spool_;
  const ArchiveLimits& limits_;
  std::uint64_t total_ = 0;
};

/// Bytes that an archive may unpack to: its files, and for each member twice what a header and padding take.
std::uint64_t most_bytes(const ArchiveLimits& limits) {
  return limits.total_size + 2048 * limits.members + (std::uint64_t{1} << 20);
}

std::uint32_t checked(std::int64_t number, std::int64_t most, std::string_view what) {
  if (number < 0 || number > most) throw Error("its " + std::string(what) + " is " + std::to_string(number));
  return static_cast<std::uint32_t>(number);
}

NodeType type_of(archive_entry* entry) {
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
      return NodeType::regular;
    case AE_IFDIR:
      return NodeType::directory;
    case AE_IFLNK:
      return NodeType::symlink;
    case AE_IFCHR:
      return NodeType::character_device;
    case AE_IFBLK:
      return NodeType::block_device;
    case AE_IFIFO:
      return NodeType::fifo;
    default:
      throw Error("it is no file, folder, symbolic link, device or fifo");
  }
}

std::string target_of(archive_entry* entry) {
  const char* target = archive_entry_symlink(entry);
  if (target == nullptr || *target == '\0') throw Error("it is a symbolic link to nothing");
  std::string text = target;
  if (text.size() > longest_target) throw Error("its link target is over 4095 bytes");
  return text;
}

std::map<std::string, std::string> xattrs_of(archive_entry* entry) {
  std::map<std::string, std::string> xattrs;
  archive_entry_xattr_reset(entry);
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
    if (name == nullptr || std::string_view(name).size() > longest_xattr_name || size > longest_xattr)
      throw Error("it has an extended attribute that no file system can hold");
    xattrs.emplace(name, std::string(static_cast<const char*>(value), size));
  }
  return xattrs;
}

ArchiveMember TarReader::member_of(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr || *name == '\0') throw Error("its name is empty or cannot be read");
  ArchiveMember member{.path = TreePath(name), .node = {}};
  if (const char* existing = archive_entry_hardlink(entry); existing != nullptr) {
    member.hard_link_to = TreePath(existing);
    if (member.hard_link_to.is_root()) throw Error("it is a hard link to nothing");
    return member;
  }
  member.node = node_of(entry);
  if (member.path.is_root() && member.node.type != NodeType::directory) throw Error("only a folder can be the root");
  return member;
}

Node TarReader::node_of(archive_entry* entry) {
  constexpr std::int64_t largest_id = 0xffffffff;
  Node node{.type = type_of(entry), .mode = archive_entry_perm(entry) & 07777U};
  node.uid = checked(archive_entry_uid(entry), largest_id, "owner");
  node.gid = checked(archive_entry_gid(entry), largest_id, "group");
  node.mtime = archive_entry_mtime(entry);
  node.xattrs = xattrs_of(entry);
  if (node.type == NodeType::symlink) {
    node.mode = 0777;  // symlink(2) knows no other
    node.target = target_of(entry);
  }
  if (node.type == NodeType::regular) node.content = content_of(entry);
  if (node.type == NodeType::character_device || node.type == NodeType::block_device) {
    node.device_major =
        checked(static_cast<std::int64_t>(archive_entry_rdevmajor(entry)), largest_major, "major number");
    node.device_minor =
        checked(static_cast<std::int64_t>(archive_entry_rdevminor(entry)), largest_minor, "minor number");
  }
  return node;
}

Content TarReader::content_of(archive_entry* entry) {
  const auto size = static_cast<std::uint64_t>(archive_entry_size(entry));  // a sparse file counts with its holes
  if (size > limits_.member_size)
    throw Error("it is " + format_size(size) + "; the limit is " + format_size(limits_.member_size));
  if (size > limits_.total_size - total_)
    throw Error("the files up to it are over the limit of " + format_size(limits_.total_size));
  total_ += size;
  Content content = spool_.reserve(size);
  archive_.copy_data(
      size, [&](std::uint64_t offset, std::string_view piece) { spool_.write_at(content.offset + offset, piece); });
  return content;
}

}  // namespace

std::vector<ArchiveMember> read_tar(const std::function<std::string_view()>& read, Spool& spool, std::string_view name,
                                    const ArchiveLimits& limits) {
  return with_context("reading " + printable(name), [&] {
    LibArchive archive(LibArchive::Format::tar, read, most_bytes(limits));
    return TarReader(archive, spool, limits).read_all();
  });
}

void unpack_into(Tree& tree, const std::vector<ArchiveMember>& members, std::string_view name) {
  with_context("unpacking " + printable(name), [&] {
    for (const ArchiveMember& member : members) {
      if (member.hard_link_to.is_root())
        tree.add(member.path, member.node);
      else
        tree.add_hard_link(member.path, member.hard_link_to);
    }
  });
}

}  // namespace lifeboat
