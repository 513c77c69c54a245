// A package's file archive: read into a tree, written as a tar, and read again it is the same tree.
#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/fuzz/input.hpp"
#include "builder/fuzz/tar_checksums.hpp"
#include "builder/tree/archive.hpp"
#include "builder/tree/write.hpp"

using namespace lifeboat;

namespace {

constexpr ArchiveLimits limits{.member_size = 1 << 18, .total_size = 1 << 20, .members = 500};
constexpr std::int64_t newest = 0xffffffff;

/// `bytes` in pieces of 4,000, so that the reader has to carry on from one to the next.
std::function<std::string_view()> pieces_of(std::string_view bytes) {
  return [bytes]() mutable {
    const std::string_view piece = bytes.substr(0, 4000);
    bytes.remove_prefix(piece.size());
    return piece;
  };
}

Tree tree_of(std::string_view tar, Spool& spool) {
  Tree tree;
  unpack_into(tree, read_tar(pieces_of(tar), spool, "archive", limits), "archive");
  return tree;
}

std::string tar_of(const Tree& tree) {
  std::string tar;
  write_tar(tree, newest, [&](std::string_view piece) { tar += piece; });
  return tar;
}

/// Everything lies in a folder, and is found where it lies.
void check_places(const Tree& tree) {
  for (const auto& [path, node] : tree.nodes()) {
    const auto parent = tree.nodes().find(path.parent());
    fuzz::require(parent != tree.nodes().end() && parent->second->type == NodeType::directory);
    fuzz::require(tree.find(path) == node.get());
  }
}

/// Extended headers are UTF-8 by their standard, and libarchive reads no others.
bool is_text(const Tree& tree) {
  return std::all_of(tree.nodes().begin(), tree.nodes().end(), [](const auto& each) {
    return printable(each.first.str()) == each.first.str() && printable(each.second->target) == each.second->target;
  });
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  return fuzz::mutate_tar(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto spool = Spool::create(std::filesystem::temp_directory_path());
  Tree tree;
  try {
    tree = tree_of(fuzz::text_of(data, size), *spool);
  } catch (const Error&) {
    return 0;
  }
  check_places(tree);
  if (!is_text(tree)) return 0;
  const std::string tar = tar_of(tree);
  fuzz::require(tar_of(tree_of(tar, *spool)) == tar);
  return 0;
}
