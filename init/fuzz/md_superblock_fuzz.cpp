// md's superblocks, both formats, and the array that a lone member makes. Their checksums are set right first: they
// would keep nearly every input out.
#include <string>

#include "init/disk/md_arrays.hpp"
#include "init/disk/read_bytes.hpp"
#include "init/disk/sources.hpp"
#include "init/fuzz/input.hpp"

using namespace lifeboat::init;

namespace {

constexpr std::uint64_t size = 64 << 20;

void mend_checksum(std::string& block, std::size_t length, std::size_t sum_at) {
  block.replace(sum_at, 4, 4, '\0');
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at + 4 <= length; at += 4) sum += little_endian(block, at, 4);
  if (length % 4 == 2) sum += little_endian(block, length - 2, 2);
  sum = (sum & 0xffffffffU) + (sum >> 32U);
  for (std::size_t i = 0; i < 4; ++i) block[sum_at + i] = static_cast<char>(sum >> (8 * i) & 0xffU);
}

void assemble(const RaidSuperblock& block) {
  Piece piece;
  piece.device = "/nonexistent";
  piece.disk = "vda";
  piece.raid = block;
  const std::vector<Piece> pieces = {piece};
  for (const RaidSet& set : assemble_arrays(pieces, {.order = {"vda"}, .own = {}, .named = {}, .open = {}})) {
    fuzz::require(set.slots.size() == block.slots && set.array.members.size() <= block.slots + 1);
    const auto source = source_of(set);
    if (source) fuzz::require(!read_source({}, *source, 0, 4096));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t count) {
  std::string block(fuzz::text_of(data, count));
  block.resize(4096, '\0');
  const std::uint64_t rows = little_endian(block, 220, 4);
  mend_checksum(block, rows <= 1920 ? 256 + rows * 2 : 256, 216);
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{4096}, size - 65536})
    if (const auto found = parse_md_superblock_1(block, at, size)) assemble(*found);
  mend_checksum(block, 4096, 38 * 4);
  if (const auto found = parse_md_superblock_0(block, size - 65536)) assemble(*found);
  return 0;
}
