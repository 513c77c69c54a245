#include "builder/fetch/decompress.hpp"

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using lifeboat::testing::message_of;

namespace {

struct Fixture {
  TempDir folder{"/tmp", "lb-decompress"};
  std::string read(const std::string& bytes, std::uint64_t limit = 1 << 20) const {
    replace_file(folder.path() / "file", bytes);
    return decompress_file(folder.path() / "file", limit, "Packages");
  }
};

std::string compressed(const std::string& program, const std::string& content) {
  return run_checked({.argv = {program, "-c"}, .input = content});
}

const std::string text = "Package: a\nVersion: 1\n";

}  // namespace

TEST_CASE("xz, gzip and plain indexes give the same text") {
  const Fixture f;
  CHECK(f.read(compressed("xz", text)) == text);
  CHECK(f.read(compressed("gzip", text)) == text);
  CHECK(f.read(text) == text);
}

TEST_CASE("an empty index is empty text in every form") {
  const Fixture f;
  CHECK(f.read(compressed("xz", "")).empty());
  CHECK(f.read(compressed("gzip", "")).empty());
  CHECK(f.read("").empty());
}

TEST_CASE("a compressed index that is cut off anywhere is an error") {
  const Fixture f;
  for (const char* program : {"xz", "gzip"}) {
    const std::string whole = compressed(program, text);
    for (std::size_t size = 12; size < whole.size(); ++size) {
      INFO(program << " cut at " << size);
      CHECK_THROWS_AS(f.read(whole.substr(0, size)), Error);
    }
  }
}

TEST_CASE("a bomb stops at the limit") {
  const Fixture f;
  const std::string bomb = compressed("gzip", std::string(std::size_t{8} << 20, 'a'));
  CHECK(bomb.size() < 16384);
  CHECK(message_of([&] { f.read(bomb, 1 << 20); }) == "decompressing Packages: it holds more than 1.0 MiB");
  CHECK(f.read(compressed("xz", std::string(1 << 20, 'a')), 1 << 20).size() == 1 << 20);
}
