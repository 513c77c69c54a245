// veritysetup writes the hashes; veritysetup's own verify and the numbers of its superblock say whether we told the
// truth.
#include "builder/media/verity.hpp"

#include "builder/base/digest.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

struct Image {
  TempDir folder{fs::temp_directory_path(), "verity-test"};
  fs::path file = folder.path() / "root.squashfs";

  explicit Image(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 4096);
    replace_file(file, bytes);
  }
  Outcome verify(const Verity& verity) const {
    return run({.argv = {"veritysetup", "verify", "--hash-offset=" + std::to_string(verity.offset), file.string(),
                         file.string(), verity.root_hash}});
  }
};

void flip_bit(const fs::path& file, std::size_t at) {
  std::string bytes = read_file(file);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  replace_file(file, bytes);
}

}  // namespace

TEST_CASE("the appended hashes verify under the root hash, and the data comes first in whole blocks") {
  const Image image(300'001);
  const std::string before = read_file(image.file);
  const Verity verity = append_verity(image.file);
  CHECK(verity.offset == 74 * 4096);
  CHECK(verity.salt == sha256_of(before));
  CHECK(read_file(image.file).substr(0, before.size()) == before);
  CHECK(image.verify(verity).status == 0);
}

TEST_CASE("one flipped bit anywhere in the data is found") {
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{150'000}, std::size_t{300'000}, std::size_t{74 * 4096 - 1}}) {
    const Image image(300'001);
    const Verity verity = append_verity(image.file);
    flip_bit(image.file, at);
    CAPTURE(at);
    CHECK(image.verify(verity).status != 0);
  }
}

TEST_CASE("the same image gets the same hashes, another one others") {
  const Image one(70'000), two(70'000), three(70'001);
  const Verity first = append_verity(one.file);
  CHECK(append_verity(two.file).root_hash == first.root_hash);
  CHECK(read_file(one.file) == read_file(two.file));
  CHECK(append_verity(three.file).root_hash != first.root_hash);
}
