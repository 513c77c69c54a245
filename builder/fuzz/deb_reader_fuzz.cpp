// A whole .deb of the package "hello".
#include "builder/base/error.hpp"
#include "builder/fuzz/input.hpp"
#include "builder/fuzz/tar_checksums.hpp"
#include "builder/package/deb_reader.hpp"

using namespace lifeboat;

namespace {

constexpr ArchiveLimits limits{.member_size = 1 << 18, .total_size = 1 << 20, .members = 500};

Package hello() {
  Package package;
  package.name = "hello";
  package.version = "1.0";
  package.architecture = "amd64";
  return package;
}

void check_node(const Node& node) {
  fuzz::require(node.type == NodeType::directory || node.type == NodeType::regular || node.type == NodeType::symlink);
  fuzz::require(node.xattrs.empty());
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  return fuzz::mutate_tar(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::MemoryFile file;
  file.fill(fuzz::text_of(data, size));
  const auto spool = Spool::create(std::filesystem::temp_directory_path());
  try {
    const UnpackedPackage unpacked = read_deb(file.path(), hello(), *spool, limits);
    fuzz::require(unpacked.control.contains("control"));
    Tree tree;
    unpack_into(tree, unpacked.members, "hello");
    for (const auto& [path, node] : tree.nodes()) check_node(*node);
  } catch (const Error&) {
  }
  return 0;
}
