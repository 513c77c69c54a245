#include "builder/base/digest.hpp"

#include "builder/base/file.hpp"
#include "builder/tests/base/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;

// The vectors of FIPS 180-2, appendix B.
TEST_CASE("SHA-256 of the standard's own examples") {
  CHECK(sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sha256_of(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-1 of the standard's own examples") {
  CHECK(sha1_of("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(sha1_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  CHECK(sha1_of(std::string(1000000, 'a')) == "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST_CASE("a digest does not depend on the pieces") {
  Sha256Stream stream;
  stream.update("a");
  stream.update("");
  stream.update("bc");
  CHECK(stream.finish() == sha256_of("abc"));
}

TEST_CASE("a moved stream goes on") {
  Sha256Stream first;
  first.update("a");
  Sha256Stream second = std::move(first);
  second.update("bc");
  CHECK(second.finish() == sha256_of("abc"));
}

TEST_CASE("a file has the digest of its bytes") {
  const TempDir folder(fs::temp_directory_path(), "digest-test");
  const std::string bytes(3000001, '\x80');
  replace_file(folder.path() / "x", bytes);
  CHECK(sha256_of_file(folder.path() / "x") == sha256_of(bytes));
  CHECK(sha1_of_file(folder.path() / "x") == sha1_of(bytes));
  CHECK(message_of([] { sha256_of_file("/nonexistent"); }) == "opening /nonexistent: No such file or directory");
  CHECK(message_of([] { sha256_of_file("/tmp"); }) == "reading /tmp: Is a directory");
}

TEST_CASE("only 64 lower-case digits are a digest") {
  CHECK(is_sha256(sha256_of("")));
  CHECK_FALSE(is_sha256(std::string(63, 'a')));
  CHECK_FALSE(is_sha256(std::string(65, 'a')));
  CHECK_FALSE(is_sha256(std::string(64, 'A')));
  CHECK_FALSE(is_sha256(std::string(63, 'a') + "g"));
  CHECK_FALSE(is_sha256(""));
}
