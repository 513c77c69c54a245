#include "builder/package/deb_contents.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool has_control(std::string_view text) { return std::any_of(text.begin(), text.end(), is_control); }

/// Debian Policy 10.6: "Packages must not include device files or named pipes in the package file tree."
void check_type(NodeType type) {
  constexpr std::string_view rule = ", and a package may hold none (Debian Policy 10.6)";
  if (type == NodeType::character_device) throw Error("it is a character device" + std::string(rule));
  if (type == NodeType::block_device) throw Error("it is a block device" + std::string(rule));
  if (type == NodeType::fifo) throw Error("it is a named pipe" + std::string(rule));
}

/// Debian Policy 9.2.2: the numbers that mean the same account on every machine. All others are given out by each
/// machine as it goes.
bool is_fixed_id(std::uint32_t id) { return id < 100 || (id >= 60000 && id < 65000); }

/// dpkg keeps the bits, as Debian's su and mount need them, and so do we, for root and for accounts that are the same
/// everywhere. With another number the file would run as whoever gets that number in the image, and what others may
/// write they could make their own.
void check_set_id(const Node& node) {
  constexpr std::uint32_t setuid = 04000, setgid = 02000, others_write = 022;
  if (node.type == NodeType::symlink || (node.mode & (setuid | setgid)) == 0) return;
  if ((node.mode & setuid) != 0 && !is_fixed_id(node.uid))
    throw Error("it is setuid for user " + std::to_string(node.uid) + ", who is somebody else on every machine");
  if ((node.mode & setgid) != 0 && !is_fixed_id(node.gid))
    throw Error("it is setgid for group " + std::to_string(node.gid) + ", which is another one on every machine");
  if (node.type == NodeType::regular && (node.mode & others_write) != 0)
    throw Error("it is setuid or setgid, and others than its owner may write it");
}

void check_member(const ArchiveMember& member) {
  if (has_control(member.path.str())) throw Error("its name holds a control character");
  if (has_control(member.node.target))
    throw Error("its target " + printable(member.node.target) + " holds a control character");
  if (!member.hard_link_to.is_root()) return;
  check_type(member.node.type);
  check_set_id(member.node);
  if (!member.node.xattrs.empty())
    throw Error("it has the extended attribute " + printable(member.node.xattrs.begin()->first) +
                ", which dpkg takes from no package");
}

/// "Field:"; a colon in the first place is none.
bool is_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 && line[0] != '-' && line[0] != '#' &&
         std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return c > ' ' && c < 0x7f; });
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lowered;
}

/// One line of a control file; `seen` are the fields so far, in small letters.
void check_line(std::string_view line, std::set<std::string>& seen) {
  const std::string shown = "\"" + printable(line.substr(0, 60)) + "\"";
  if (std::any_of(line.begin(), line.end(), [](char c) { return c != '\t' && is_control(c); }))
    throw Error(shown + " holds a control character");
  if (trim(line).empty()) throw Error("an empty line");
  if (line[0] == ' ' || line[0] == '\t') {
    if (seen.empty()) throw Error(shown + " continues no field");
    return;
  }
  if (!is_field(line)) throw Error(shown + " is no field");
  if (!seen.insert(lower(line.substr(0, line.find(':')))).second)
    throw Error("a second " + std::string(line.substr(0, line.find(':'))));
}

/// The path that a line of the list names; "" where it names none. "DIGEST  PATH"; "/PATH" or "FLAG /PATH"; "VERB
/// NAME".
std::string_view path_in(std::string_view list, std::string_view line) {
  const std::string_view before = list == "md5sums" ? "  " : list == "conffiles" ? "/" : " ";
  const std::size_t at = line.find(before);
  return at == std::string_view::npos ? "" : line.substr(at + before.size());
}

}  // namespace

void check_deb_files(const std::vector<ArchiveMember>& members) {
  std::set<TreePath> files;
  for (const ArchiveMember& member : members)
    with_context(member.path.shown(), [&] {
      check_member(member);
      const bool folder = member.hard_link_to.is_root() && member.node.type == NodeType::directory;
      if (!folder && !files.insert(member.path).second) throw Error("it is in the package twice");
    });
}

void check_deb_control(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::set<std::string> seen;
  std::size_t number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++number;
    with_context("its control file, line " + std::to_string(number), [&] { check_line(line, seen); });
  }
}

void check_deb_lists(const std::map<std::string, std::string>& control) {
  for (const char* name : {"conffiles", "md5sums", "triggers"}) {
    const auto list = control.find(name);
    if (list == control.end()) continue;
    std::size_t number = 0;
    for (const std::string_view line : split_lines(list->second)) {
      ++number;
      with_context("its file " + std::string(name) + ", line " + std::to_string(number), [&] {
        if (has_control(line)) throw Error("\"" + printable(line.substr(0, 60)) + "\" holds a control character");
        static_cast<void>(TreePath(path_in(name, line)));
      });
    }
  }
}

void check_deb_control_name(std::string_view name) {
  constexpr std::array<std::string_view, 2> own{"list", "status"};
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
           c == '.' || c == '_';
  });
  if (!plain) throw Error("its control part holds a file with the name \"" + printable(name) + "\"");
  if (std::find(own.begin(), own.end(), name) != own.end())
    throw Error("its control part holds a file " + std::string(name) + ", which dpkg alone writes");
}

}  // namespace lifeboat
