#include "builder/media/squashfs_listing.hpp"

#include <algorithm>
#include <unordered_map>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/tree/write.hpp"

namespace lifeboat {
namespace {

constexpr std::string_view marker = "#\n# START OF DATA - DO NOT MODIFY\n#\n";

/// A path as the pseudo file writes it: "/" for the root; blanks, quotes and backslashes escaped, newlines not.
std::string escaped(const TreePath& path) {
  if (path.is_root()) return "/";
  std::string text;
  for (const char c : path.str()) {
    if (c == ' ' || c == '"' || c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

char type_letter(NodeType type) {
  switch (type) {
    case NodeType::directory:
      return 'D';
    case NodeType::regular:
      return 'R';
    case NodeType::symlink:
      return 'S';
    case NodeType::character_device:
      return 'C';
    case NodeType::block_device:
      return 'B';
    case NodeType::fifo:
      return 'I';
  }
  throw Error("a node of no known type");
}

/// unsquashfs takes the kernel's 32-bit device number apart as if it had 8 bits of minor.
std::string device_text(const Node& node) {
  const std::uint32_t number =
      (node.device_minor & 0xff) | (node.device_major << 8) | ((node.device_minor & ~0xffU) << 12);
  return std::to_string(number >> 8) + " " + std::to_string(number & 0xff);
}

/// What follows the owner; `offset` is that of the file's bytes after the marker.
std::string details(const Node& node, std::uint64_t offset) {
  switch (node.type) {
    case NodeType::regular:
      return " " + std::to_string(node.content.size) + " " + std::to_string(offset);
    case NodeType::symlink:
      return " " + node.target;
    case NodeType::character_device:
    case NodeType::block_device:
      return " " + device_text(node);
    case NodeType::fifo:
      return " f";
    case NodeType::directory:
      return "";
  }
  throw Error("a node of no known type");
}

std::string octal(std::uint32_t mode) {
  std::string digits;
  do digits.insert(digits.begin(), static_cast<char>('0' + (mode & 7)));
  while ((mode >>= 3) != 0);
  return digits;
}

/// unsquashfs prints owners as if they had a sign.
std::string owner_text(std::uint32_t id) { return std::to_string(static_cast<std::int32_t>(id)); }

std::string line_of(const std::string& name, const Node& node, std::int64_t newest, std::uint64_t offset) {
  return name + ' ' + type_letter(node.type) + ' ' + std::to_string(clamp_time(node.mtime, newest)) + ' ' +
         octal(node.mode) + ' ' + owner_text(node.uid) + ' ' + owner_text(node.gid) + details(node, offset);
}

/// The lines still to be compared.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  /// Takes `line`. Later releases of unsquashfs end the line of a file with a flag for holes.
  bool take(std::string_view line, bool is_file) {
    for (const std::string_view end : {"\n", " 0\n", " 1\n"}) {
      if (end.size() > 1 && !is_file) break;
      if (!rest_.starts_with(line) || !rest_.substr(line.size()).starts_with(end)) continue;
      rest_.remove_prefix(line.size() + end.size());
      return true;
    }
    return false;
  }
  /// Later releases print extended attributes as lines of their own.
  void skip_attributes(const std::string& name) {
    while (rest_.starts_with(name + " x ")) rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size() - 1) + 1);
  }
  bool empty() const { return rest_.empty(); }
  std::string next() const {
    return rest_.empty() ? "nothing" : "`" + printable(rest_.substr(0, rest_.find('\n'))) + "`";
  }

 private:
  std::string_view rest_;
};

}  // namespace

SquashfsListing::SquashfsListing(const Tree& tree, std::int64_t newest) : tree_(tree), newest_(newest) {
  std::unordered_map<const Node*, bool> seen;
  constexpr std::size_t longest_numbers = 200;
  for (const auto& [path, node] : tree.nodes()) {
    most_lines_ += 4 * path.str().size() + node->target.size() + longest_numbers;
    for (const auto& [name, value] : node->xattrs)
      most_lines_ += path.str().size() + name.size() + 4 * value.size() + 16;
    if (seen.emplace(node.get(), true).second && node->content.size > 0) files_.emplace_back(&path, &node->content);
  }
}

void SquashfsListing::feed(std::string_view bytes) {
  if (!in_lines_) return compare_bytes(bytes);
  const std::size_t searched = lines_.size() - std::min(lines_.size(), marker.size() - 1);
  lines_ += bytes;
  const std::size_t found = lines_.find(marker, searched);
  if (found == std::string::npos) {
    if (lines_.size() > most_lines_ + marker.size()) compare_lines();
    return;
  }
  const std::string data = lines_.substr(found + marker.size());
  lines_.resize(found);
  in_lines_ = false;
  compare_lines();
  compare_bytes(data);
}

void SquashfsListing::compare_lines() {
  Lines lines(lines_);
  std::unordered_map<const Node*, std::string> first_names;
  std::uint64_t offset = 0;
  for (const auto& [path, node] : tree_.nodes()) {
    const std::string name = escaped(path);
    const auto [first, is_new] = first_names.emplace(node.get(), name);
    const std::string line = is_new ? line_of(name, *node, newest_, offset) : name + " L " + first->second;
    if (!lines.take(line, node->type == NodeType::regular && is_new))
      throw Error("the squashfs differs from the tree at " + path.shown() + ": it should hold `" + printable(line) +
                  "`, unsquashfs reads " + lines.next());
    lines.skip_attributes(name);
    if (is_new) offset += node->content.size;
  }
  if (!lines.empty()) throw Error("the squashfs holds more than the tree: unsquashfs reads " + lines.next());
}

void SquashfsListing::compare_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    if (file_ == files_.size()) throw Error("the squashfs holds more bytes than the files of the tree");
    const auto& [path, content] = files_[file_];
    const std::string expected = content->read_part(at_, bytes.size());
    if (bytes.substr(0, expected.size()) != expected)
      throw Error("the squashfs differs from the tree at " + path->shown() + ": other bytes in the file");
    bytes.remove_prefix(expected.size());
    at_ += expected.size();
    if (at_ < content->size) continue;
    ++file_;
    at_ = 0;
  }
}

void SquashfsListing::finish() {
  if (in_lines_) compare_lines();
  if (file_ < files_.size())
    throw Error("the squashfs differs from the tree at " + files_[file_].first->shown() + ": its bytes end early");
}

}  // namespace lifeboat
