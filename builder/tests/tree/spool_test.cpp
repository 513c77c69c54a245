#include "builder/tree/spool.hpp"

#include <thread>
#include <vector>

#include "builder/base/file.hpp"
#include "builder/tests/base/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;

TEST_CASE("a spool gives back what was put in") {
  const auto spool = Spool::create(fs::temp_directory_path());
  const Content first = spool->append("first");
  const Content second = spool->append("second");
  CHECK(first.read() == "first");
  CHECK(second.read() == "second");
  CHECK(spool->append("").read().empty());
  CHECK(Content{}.read().empty());
}

TEST_CASE("a part of a content never reaches into its neighbour") {
  const auto spool = Spool::create(fs::temp_directory_path());
  const Content content = spool->append("0123456789");
  spool->append("neighbour");
  CHECK(content.read_part(2, 3) == "234");
  CHECK(content.read_part(8, 100) == "89");
  CHECK(content.read_part(10, 1).empty());
  CHECK(content.read_part(11, 1).empty());
}

TEST_CASE("reserved room that nobody wrote reads as zeros, also at the end") {
  const auto spool = Spool::create(fs::temp_directory_path());
  const Content content = spool->reserve(3 << 20);
  spool->write_at(content.offset + 10, "x");
  const std::string bytes = content.read();
  REQUIRE(bytes.size() == 3U << 20);
  CHECK(bytes.find_first_not_of('\0') == 10);
  CHECK(bytes.find_last_not_of('\0') == 10);
  CHECK(spool->reserve(0).read().empty());
}

TEST_CASE("no room is reserved that no file can have") {
  const auto spool = Spool::create(fs::temp_directory_path());
  CHECK(message_of([&] { spool->reserve(~std::uint64_t{0}); }) == "no file can have 18446744073709551615 bytes");
}

TEST_CASE("a content is handed on in pieces of at most 1 MiB") {
  const auto spool = Spool::create(fs::temp_directory_path());
  const std::string bytes = std::string(1 << 20, 'a') + std::string(1 << 20, 'b') + "c";
  std::vector<std::string> pieces;
  spool->append(bytes).copy_to([&](std::string_view piece) { pieces.emplace_back(piece); });
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0] + pieces[1] + pieces[2] == bytes);
  CHECK(pieces[2] == "c");
}

TEST_CASE("a spool leaves no name in its folder") {
  TempDir folder(fs::temp_directory_path(), "spool-test");
  const auto spool = Spool::create(folder.path());
  spool->append("x");
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("a spool in a folder that is not there says so") {
  const std::string message = message_of([] { Spool::create("/nonexistent"); });
  CHECK(message == "creating a temporary file in /nonexistent: No such file or directory");
}

TEST_CASE("a content outlives every other owner of its spool") {
  auto spool = Spool::create(fs::temp_directory_path());
  const Content content = spool->append("kept");
  spool.reset();
  CHECK(content.read() == "kept");
}

TEST_CASE("several threads append at once and each reads its own") {
  const auto spool = Spool::create(fs::temp_directory_path());
  std::vector<std::vector<Content>> contents(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < contents.size(); ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 500; ++i) {
        const std::string text = std::to_string(t) + ":" + std::to_string(i);
        if (i % 2 == 0) {
          contents[t].push_back(spool->append(text));
          continue;
        }
        const Content room = spool->reserve(text.size());
        spool->write_at(room.offset, text);
        contents[t].push_back(room);
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < contents.size(); ++t)
    for (std::size_t i = 0; i < 500; ++i) REQUIRE(contents[t][i].read() == std::to_string(t) + ":" + std::to_string(i));
}
