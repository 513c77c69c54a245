// What a pipeline sees: signed outputs, their check, and events.
#include <nlohmann/json.hpp>

#include "builder/base/text.hpp"
#include "builder/tests/build/small_archive.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A pair of keys as a person makes them.
struct Keys {
  explicit Keys(const fs::path& folder) : secret(folder / "release.pem"), open(folder / "release.pub.pem") {
    run_checked({.argv = {"openssl", "genpkey", "-algorithm", "ed25519", "-out", secret}});
    run_checked({.argv = {"openssl", "pkey", "-in", secret, "-pubout", "-out", open}});
  }
  fs::path secret, open;
};

Outcome verify(const Workshop& shop, const std::vector<std::string>& more) {
  std::vector<std::string> argv{LIFEBOAT_BINARY_DIR "/bin/lifeboat", "verify", shop.output};
  argv.insert(argv.end(), more.begin(), more.end());
  return run({.argv = std::move(argv)});
}

std::vector<Json> events_of(const std::string& out) {
  std::vector<Json> events;
  for (const std::string_view line : split_lines(out)) events.push_back(Json::parse(line));
  REQUIRE_FALSE(events.empty());
  return events;
}

}  // namespace

TEST_CASE("a build that was signed is verified with the public key, by us and by openssl, and by no other key") {
  const Workshop shop;
  const Keys keys(shop.folder.path());
  const Outcome outcome = shop.build({"--sign-key", keys.secret});
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(verify(shop, {"--key", keys.open}).status == 0);
  CHECK(run({.argv = {"openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", keys.open, "-in",
                      shop.output / "manifest.json", "-sigfile", shop.output / "manifest.json.sig"}})
            .status == 0);
  const TempDir other_folder(fs::temp_directory_path(), "other-key");
  const Keys other(other_folder.path());
  const Outcome foreign = verify(shop, {"--key", other.open});
  CAPTURE(foreign.err);
  CHECK(foreign.status == 1);
  CHECK(foreign.err.find("manifest.json is signed with another key: expected SHA-256:") != std::string::npos);
  replace_file(shop.output / "vmlinuz", "other bytes");
  const Outcome altered = verify(shop, {"--key", keys.open});
  CAPTURE(altered.err);
  CHECK(altered.status == 1);
  CHECK(altered.err.find("vmlinuz") != std::string::npos);
  CHECK(altered.err.find("initrd.img") == std::string::npos);
}

TEST_CASE("a key that cannot sign stops the build before anything is fetched") {
  const Workshop shop;
  const Keys keys(shop.folder.path());
  for (const fs::path& wrong : {shop.recipe, keys.open, shop.folder.path() / "nowhere.pem"}) {
    const Outcome outcome = shop.build({"--sign-key", wrong});
    CAPTURE(outcome.err);
    CHECK(outcome.status == 1);
    CHECK(outcome.err.find(wrong.string()) != std::string::npos);
    CHECK(outcome.err.find("repositories") == std::string::npos);
    CHECK_FALSE(fs::exists(shop.output));
  }
}

TEST_CASE("a Secure Boot key that cannot sign, or has nothing to sign, stops the build before anything is fetched") {
  const Workshop shop;
  const std::string key = (shop.folder.path() / "key.pem").string();
  const std::string certificate = (shop.folder.path() / "certificate.pem").string();
  run_checked({.argv = {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", key,
                        "-out", certificate}});
  const auto refusal = [&](const std::string& with_key) {
    const Outcome outcome = shop.build({"--secure-boot-key", with_key, "--secure-boot-certificate", certificate});
    CHECK(outcome.status == 1);
    CHECK(outcome.err.find("repositories") == std::string::npos);
    CHECK_FALSE(fs::exists(shop.output));
    return outcome.err.substr(outcome.err.find("lifeboat: error: "));
  };
  CHECK(refusal(key) ==
        "lifeboat: error: --secure-boot-key signs the medium uki, and this build has none\n"
        "hint: add it to the recipe: media = [\"uki\"]\n");
  shop.change_recipe("media = [\"netboot\"]", "media = [\"uki\"]");
  CHECK(refusal(certificate).starts_with("lifeboat: error: reading the key " + certificate + ": it holds a PEM"));
}

TEST_CASE("a pipeline reads a build as events, from start to done") {
  const Workshop shop;
  const Outcome outcome = shop.build({"--json"});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  const std::vector<Json> events = events_of(outcome.out);
  CHECK(events.front() == Json{{"event", "start"}, {"title", "A small image"}, {"recipe", shop.recipe.string()}});
  CHECK(events.back().at("event") == "done");
  CHECK(events.back().at("output") == shop.output.string());
  std::vector<std::string> begun, ended;
  for (const Json& event : events) {
    if (event.at("event") == "step") begun.push_back(event.at("name"));
    if (event.at("event") == "step-done") ended.push_back(event.at("name"));
  }
  CHECK(begun == std::vector<std::string>{"repositories", "resolve", "fetch", "unpack", "finish", "squashfs", "media"});
  CHECK(ended == begun);
  const std::vector<Json> again = events_of(shop.build({"--json"}).out);
  CHECK(again.at(2).at("event") == "step-skipped");
  CHECK(again.back().at("build_id") == events.back().at("build_id"));
}

TEST_CASE("a pipeline reads a failure as the last event") {
  const Workshop shop(small_archive(), "file:///nowhere");
  const Outcome outcome = shop.build({"--json"});
  CHECK(outcome.status == 1);
  const std::vector<Json> events = events_of(outcome.out);
  CHECK(events.at(events.size() - 2).at("event") == "step-failed");
  CHECK(events.back().at("event") == "error");
  CHECK(events.back().at("what").get<std::string>().find("teststable InRelease") != std::string::npos);
  CHECK(events.back().at("hint").get<std::string>().find("--mirror") != std::string::npos);
}

}  // namespace lifeboat::testing
