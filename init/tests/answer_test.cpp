// What a source found, on its way from the worker to PID 1.
#include "init/source/answer.hpp"

#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

Result<std::string> hash(const Secret& password) { return "hash of " + std::string(password.view()); }
Status accept(std::string_view) { return Done{}; }
Status refuse(std::string_view) { return Failure{"libcrypt knows no such scheme"}; }

}  // namespace

TEST_CASE("a source's answer comes through the worker's pipe as it was") {
  Answer answer{.origin = "config drive /dev/sr0",
                .password_hash = "$y$j9T$a/b$c",
                .user = "rescue",
                .keys = {"ssh-rsa A", "ssh-rsa B=="},
                .hostname = "web1",
                .host_key = Secret("-----BEGIN\nabc\n"),
                .notify_socket = "vsock:2:1",
                .deadline = "24h",
                .notes = {"a note"}};
  const auto read = parse_answer(to_text(answer));
  REQUIRE(read);
  CHECK(to_text(*read) == to_text(answer));
  CHECK(read->password_hash == "$y$j9T$a/b$c");
  CHECK(read->user == "rescue");
  CHECK(read->keys == answer.keys);
  CHECK(read->host_key.view() == "-----BEGIN\nabc\n");
  CHECK(read->notify_socket == "vsock:2:1");
  CHECK(read->deadline == "24h");
  CHECK(read->notes == answer.notes);
}

TEST_CASE("a line end in a value cannot make a second line of the answer") {
  const auto read = parse_answer(to_text({.origin = "config drive", .hostname = "web1\npassword_hash=evil"}));
  REQUIRE(read);
  CHECK(read->password_hash.empty());
  CHECK(read->hostname == "web1?password_hash=evil");
}

TEST_CASE("a password is hashed, and goes before a hash; a hash is taken where libcrypt knows it") {
  Findings both;
  both.password = Secret("clear");
  both.password_hash = "$6$given";
  CHECK(answer_from(std::move(both), "here", hash, accept).password_hash == "hash of clear");
  Findings hashed;
  hashed.password_hash = "$6$given";
  CHECK(answer_from(std::move(hashed), "here", hash, accept).password_hash == "$6$given");
  Findings strange;
  strange.password_hash = "$99$given";
  const Answer refused = answer_from(std::move(strange), "here", hash, refuse);
  CHECK(refused.password_hash.empty());
  CHECK(refused.notes == std::vector<std::string>{"the password's hash is not used: libcrypt knows no such scheme"});
}

TEST_CASE("what a password file would trip over is no hash") {
  CHECK(hash_trouble("$y$j9T$a/b$c.d").empty());
  CHECK(hash_trouble("$1$abcdefgh$0123456789012345678901").empty());
  CHECK(hash_trouble("abJnggxhB/yWI").empty());  // DES has no $ at all
  for (const char* broken : {"", "*", "!", "clear text", "clear", "$6$a:b", "$6$a\nroot2::0:0", "$6$\xc3\xa4"})
    CHECK_FALSE(hash_trouble(broken).empty());
}
