#include "builder/media/verity.hpp"

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "init/contract/boot_configuration.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// The first 32 digits of a digest as a UUID: veritysetup would invent one.
std::string uuid_from(const Sha256& digest) {
  std::string uuid = digest.substr(0, 32);
  for (const std::size_t at : {20, 16, 12, 8}) uuid.insert(at, "-");
  return uuid;
}

/// The value of "Root hash:      0123..." in what veritysetup prints.
std::string root_hash_in(const std::string& printed) {
  constexpr std::string_view name = "Root hash:";
  const std::size_t at = printed.find(name);
  const std::size_t begin = at == std::string::npos ? at : printed.find_first_not_of(" \t", at + name.size());
  const std::string hash = begin == std::string::npos ? "" : printed.substr(begin, printed.find('\n', begin) - begin);
  if (!is_sha256(hash)) throw Error("veritysetup printed no root hash: " + printable(printed));
  return hash;
}

}  // namespace

Verity append_verity(const fs::path& file) {
  const Sha256 digest = sha256_of_file(file);
  constexpr std::uint64_t block = contract::verity_block;
  Verity verity{.offset = (fs::file_size(file) + block - 1) / block * block, .root_hash = {}, .salt = digest};
  fs::resize_file(file, verity.offset);
  verity.root_hash = root_hash_in(run_checked(
      {.argv = {"veritysetup", "format", "--data-block-size=" + std::to_string(block),
                "--hash-block-size=" + std::to_string(block), "--data-blocks=" + std::to_string(verity.offset / block),
                "--hash-offset=" + std::to_string(verity.offset), "--hash=sha256", "--salt=" + verity.salt,
                "--uuid=" + uuid_from(digest), file.string(), file.string()},
       .needed_for = "writing the root image's checksums"}));
  return verity;
}

}  // namespace lifeboat
