// Attacks on what a repository's Release vouches for: its indexes, and the package files of those.
#include "builder/base/text.hpp"
#include "builder/tests/fetch/attack_fixture.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Kind = Answer::Kind;
namespace fs = std::filesystem;

TEST_CASE("an index of the same size with other bytes is refused with both digests") {
  Attack attack;
  attack.drop_by_hash();
  std::string index = read_file(attack.archive.index(".xz"));
  index[index.size() / 2] ^= 1;
  replace_file(attack.archive.index(".xz"), index);
  attack.refuses_index("test/main/binary-amd64/Packages.xz: expected SHA-256 " + attack.signed_digest + ", got " +
                       sha256_of(index));
}

TEST_CASE("an index of an older, smaller or larger state is refused with both sizes") {
  Attack attack;
  attack.drop_by_hash();
  const std::uint64_t size = fs::file_size(attack.archive.index(".xz"));
  replace_file(attack.archive.index(".xz"), read_file(attack.archive.index(".xz")) + "more");
  attack.refuses_index("expected " + std::to_string(size) + " bytes, got " + std::to_string(size + 4));
  replace_file(attack.archive.index(".xz"), "");
  attack.refuses_index("expected " + std::to_string(size) + " bytes, got 0");
}

TEST_CASE("wrong bytes under the name of the right digest are refused, too") {
  Attack attack;
  const fs::path by_hash = attack.archive.dist() / "main/binary-amd64/by-hash/SHA256" / attack.signed_digest;
  std::string index = read_file(by_hash);
  index[index.size() / 2] ^= 1;
  replace_file(by_hash, index);
  replace_file(attack.archive.index(".xz"), index);
  const std::string reason =
      "test/main/binary-amd64/Packages.xz: expected SHA-256 " + attack.signed_digest + ", got " + sha256_of(index);
  attack.refuses_index(reason, reason);
}

TEST_CASE("an index that is cut off is refused") {
  Attack attack;
  HttpServer server(attack.archive.root());
  server.always("/dists/teststable/main/binary-amd64/by-hash/SHA256/" + attack.signed_digest, {Kind::status, 404});
  server.always("/dists/teststable/main/binary-amd64/Packages.xz", {Kind::cut});
  attack.mirrors = {};
  attack.mirrors.add("debian", server.url());
  CHECK(message_of([&] {
          attack.fetch();
        }).ends_with("Packages.xz: the connection ended before the file did" + std::string(mirror_hint_text)));
  CHECK_FALSE(attack.cache.has(attack.signed_digest));
}

TEST_CASE("the index of another component or architecture cannot stand in for the one asked for") {
  Attack attack;
  std::string release = attack.archive.release();
  for (std::size_t at = 0; (at = release.find("binary-amd64", at)) != std::string::npos;)
    release.replace(at, 12, "binary-arm64");
  attack.archive.sign(release);
  CHECK(attack.message() ==
        "test InRelease lists no main/binary-amd64/Packages (.xz, .gz or plain)\n"
        "hint: the recipe's components and architecture must be ones that the repository has");
  CHECK(attack.cached().empty());
}

TEST_CASE("the well signed index of another repository cannot stand in for this one's") {
  Attack attack;
  attack.drop_by_hash();
  SignedRepository other;
  other.add({.name = "hello", .version = "0.9", .files = {{"usr/bin/hello", "with the old hole in it"}}});
  other.publish();
  const std::uint64_t size = fs::file_size(attack.archive.index(".xz"));
  const std::string swapped = read_file(other.index(".xz"));
  REQUIRE(swapped.size() != size);
  replace_file(attack.archive.index(".xz"), swapped);
  attack.refuses_index("expected " + std::to_string(size) + " bytes, got " + std::to_string(swapped.size()));
}

TEST_CASE("an index for which only a weak digest is signed is refused") {
  Attack attack;
  const std::string whole = attack.archive.release();
  std::string release;
  for (const std::string_view line : split_lines(whole)) {
    const bool strong = split_words(line).size() == 3 && is_sha256(split_words(line)[0]);
    if (!strong || line.find("/Packages") == std::string_view::npos) release.append(line).append("\n");
  }
  release = replaced(release, "SHA256:\n", "SHA256:\n " + std::string(64, 'a') + " 5 main/something-else\n");
  REQUIRE(release.find("main/binary-amd64/Packages.xz") != std::string::npos);  // below MD5Sum, SHA1 and SHA512
  attack.archive.sign(release);
  CHECK(attack.message() ==
        "test InRelease lists no main/binary-amd64/Packages (.xz, .gz or plain)\n"
        "hint: the recipe's components and architecture must be ones that the repository has");
  CHECK(attack.cached().empty());
}

TEST_CASE("another package under the name of the wanted one is refused with both sizes, and with both digests") {
  Attack attack;
  const fs::path wanted_file = attack.archive.root() / attack.packages[0];
  const Sha256 digest = sha256_of_file(wanted_file);
  const std::uint64_t size = fs::file_size(wanted_file);
  const std::vector<WantedFile> wanted{
      {.mirror = "debian", .path = attack.packages[0], .sha256 = digest, .size = size, .name = "hello.deb"}};
  const auto message = [&] {
    Progress progress(true);
    Progress::Step step(progress, "fetch");
    const std::string text =
        message_of([&] { fetch_files(wanted, attack.mirrors, attack.cache, *attack.downloader, false, step); });
    step.done("");
    return text;
  };
  const std::string start =
      "fetching hello.deb: no mirror has a good copy:\n  " + attack.archive.url() + "/" + attack.packages[0] + ": ";
  std::string other = read_file(attack.archive.root() / attack.packages[1]);
  other.resize(size - 4);
  replace_file(wanted_file, other);
  CHECK(message() ==
        start + "expected " + std::to_string(size) + " bytes, got " + std::to_string(size - 4) + mirror_hint_text);
  CHECK(attack.cached().empty());
  other.resize(size);
  replace_file(wanted_file, other);
  CHECK(message() == start + "hello.deb: expected SHA-256 " + digest + ", got " + sha256_of(other) + mirror_hint_text);
  CHECK(attack.cached().empty());
}
