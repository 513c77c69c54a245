#include "init/source/meta_data.hpp"

#include "init/tests/cases.hpp"
#include "init/tests/described.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using namespace lifeboat::init::test;

TEST_CASE("meta_data.json is read as the table says") {
  for (const auto& one : read_cases("meta_data.txt")) {
    INFO(one.name);
    CHECK(described(parse_meta_data(one.input)) == one.expected);
  }
}

TEST_CASE("a password of more bytes than crypt takes is refused, the longest is not") {
  const auto with = [](std::size_t length) { return "{\"admin_pass\":\"" + std::string(length, 'x') + "\"}"; };
  CHECK(described(parse_meta_data(with(511))) == "password: " + std::string(511, 'x'));
  CHECK(described(parse_meta_data(with(512))) == "note: admin_pass is not used: it is longer than 511 bytes");
}

TEST_CASE("JSON that nests a hundred thousand deep neither crashes nor yields a key") {
  const std::string deep =
      "{\"public_keys\":" + std::string(100000, '[') + "\"ssh-rsa A\"" + std::string(100000, ']') + "}";
  CHECK(described(parse_meta_data(deep)) == "note: public_keys: what is no text is left out");
}

TEST_CASE("bytes that are no UTF-8 make the document invalid") {
  CHECK(described(parse_meta_data("{\"admin_pass\":\"\xff\xfe\"}")) == "failure: meta_data.json: not valid JSON");
}
