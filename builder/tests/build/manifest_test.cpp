// The manifest: what is written is what the published schema promises, judged by Debian's jsonschema, and whatever lies
// there in its place is refused with its place.
#include "builder/build/manifest.hpp"

#include <sys/stat.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/tests/build/example_build.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Json = nlohmann::json;
using Pointer = Json::json_pointer;

const fs::path schema = LIFEBOAT_SOURCE_DIR "/docs/manifest.schema.json";
const std::string again = " | build the image again: lifeboat build RECIPE --output DIR";

Outcome validate(const fs::path& file) { return run({.argv = {"jsonschema", "-i", file, schema}}); }

/// A manifest with one value changed. Null takes the key away.
std::string changed(Json manifest, const std::string& pointer, const Json& value) {
  const Pointer place(pointer);
  if (value.is_null())
    manifest[place.parent_pointer()].erase(place.back());
  else
    manifest[place] = value;
  return manifest.dump(2) + "\n";
}

std::string refused(const std::string& text) {
  return refusal([&] { parse_manifest(text, "manifest.json"); });
}

/// Every object of the schema, wherever it stands.
void each_object(const Json& schema_part, const std::function<void(const Json&)>& visit) {
  if (schema_part.is_object() && schema_part.contains("properties")) visit(schema_part);
  for (const Json& inner : schema_part)
    if (inner.is_structured()) each_object(inner, visit);
}

}  // namespace

TEST_CASE("a manifest says what was built from what, with size and digest of every file") {
  const ExampleBuild build;
  const Json manifest = Json::parse(build.write());
  CHECK(manifest["time"] == 1795486335);
  CHECK(manifest["unpackaged_bytes"] == 4096);
  CHECK(manifest["outputs"][1] ==
        Json{{"name", "initrd.img"}, {"role", "medium"}, {"size", 20}, {"sha256", sha256_of("bytes of initrd.img\n")}});
  CHECK(manifest["packages"][0]["source"] == "util-linux");
  CHECK(manifest["packages"][0]["image_bytes"] == 20480);
  CHECK(manifest["packages"][1]["source"] == "ca-certificates");
  CHECK(manifest["packages"][1]["source_version"] == "20250419~deb12u2");
  CHECK(manifest["packages"][1]["image_bytes"] == 0);
}

TEST_CASE("the same build gives the same manifest, byte by byte") {
  const ExampleBuild one, two;
  CHECK(one.write() == two.write());
}

TEST_CASE("a manifest reads back as it was written") {
  ExampleBuild build;
  build.signer = sha256_of("key");
  build.write();
  const Manifest manifest = read_manifest(build.folder.path());
  CHECK(manifest.build_id == build.build_id);
  CHECK(manifest.name == "debian-12");
  CHECK(manifest.architecture == "amd64");
  CHECK(manifest.kernel_arguments == build.input().kernel_arguments);
  CHECK(manifest.signer == build.signer);
  REQUIRE(manifest.media.size() == 2);
  CHECK(manifest.media[0].name == "netboot");
  CHECK(manifest.media[0].files == std::vector<std::string>{"vmlinuz", "initrd.img"});
  CHECK(image_size(manifest.media) == 37);
  CHECK(minimum_memory(manifest.media) == 384);
  CHECK(manifest.unpackaged_bytes == 4096);
  REQUIRE(manifest.outputs.size() == 3);
  CHECK(manifest.outputs[2].name == "lock.toml");
  CHECK(manifest.outputs[2].role == "lock");
  CHECK(manifest.outputs[2].size == 19);
  CHECK(manifest.outputs[2].sha256 == sha256_of("bytes of lock.toml\n"));
  REQUIRE(manifest.packages.size() == build.lock.packages.size());
  CHECK(manifest.packages[4].name == "libstdc++6");
  CHECK(manifest.packages[4].version == "12.2.0-14+deb12u1");
  CHECK(manifest.packages[4].sha256 == sha256_of("libstdc++6"));
  CHECK(manifest.packages[5].size == 70550672);
  CHECK(manifest.packages[5].image_bytes == 99000000);
  REQUIRE(manifest.repositories.size() == 2);
  CHECK(manifest.repositories[1].name == "bookworm-security");
  CHECK(manifest.repositories[1].date == "Tue, 24 Nov 2026 02:12:15 UTC");
  CHECK(manifest.repositories[1].date_unix == 1795486335);
}

TEST_CASE("the published schema accepts a manifest, signed or not") {
  ExampleBuild build;
  build.signer = GENERATE(std::string(), sha256_of("key"));
  build.write();
  const Outcome outcome = validate(build / "manifest.json");
  CHECK(outcome.err.empty());
  CHECK(outcome.status == 0);
}

TEST_CASE("the published schema refuses a manifest that is not one") {
  const auto [pointer, value] = GENERATE(table<std::string, Json>({
      {"/format", 1},
      {"/surprise", "a key that nobody knows"},
      {"/build_id", "7bb476fa"},
      {"/signer", "me"},
      {"/secure_boot_certificate", "mine"},
      {"/time", -1},
      {"/packages", Json::array()},
      {"/outputs", nullptr},
      {"/outputs/0/role", "other"},
      {"/outputs/0/name", "../vmlinuz"},
      {"/outputs/1/size", "20"},
      {"/outputs/1/sha256", std::string(64, 'A')},
      {"/packages/0/image_bytes", nullptr},
      {"/packages/0/image_bytes", 1.5},
      {"/packages/0/path", "pool/../../bash.deb"},
      {"/packages/0/extra", true},
      {"/repositories/0/date", ""},
      {"/tools/lifeboat", nullptr},
  }));
  const ExampleBuild build;
  replace_file(build / "manifest.json", changed(Json::parse(build.write()), pointer, value));
  CAPTURE(pointer, value.dump());
  CHECK(validate(build / "manifest.json").status == 1);
}

TEST_CASE("the schema leaves nothing open: no unknown keys, and every known one is required") {
  const Json root = Json::parse(read_file(schema));
  int objects = 0;
  each_object(root, [&](const Json& object) {
    ++objects;
    std::set<std::string> keys, required;
    for (const auto& [key, value] : object["properties"].items()) keys.insert(key);
    for (const Json& key : object["required"]) required.insert(key);
    CAPTURE(object["required"].dump());
    CHECK(keys == required);
    CHECK(object["additionalProperties"] == false);
  });
  CHECK(objects == 5);  // the manifest, an output, a repository, a package
}

TEST_CASE("a folder without a manifest is no output") {
  const ExampleBuild build;
  const std::string file = (build / "manifest.json").string();
  const std::string hint = " | an output of `lifeboat build` has a manifest.json";
  const auto read = [&] { return refusal([&] { read_manifest(build.folder.path()); }); };
  CHECK(read() == "reading " + file + ": opening " + file + ": No such file or directory" + hint);
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  CHECK(read() == "reading " + file + ": it is not a regular file" + hint);
  fs::remove(file);
  replace_file(file, std::string((16 << 20) + 1, ' '));
  CHECK(read() == "reading " + file + ": it is larger than 16.0 MiB" + hint);
}

TEST_CASE("a manifest that was cut anywhere is refused") {
  const ExampleBuild build;
  const std::string text = build.write();
  CHECK(refused(text) == "no error");
  CHECK(refused(text.substr(0, text.size() - 1)) == "no error");  // only the last newline
  CHECK(refused("") == "manifest.json: it ends early, after 0 bytes" + again);
  for (std::size_t size = 1; size + 1 < text.size(); ++size) {
    CAPTURE(size);
    REQUIRE(refused(text.substr(0, size)) ==
            "manifest.json: it ends early, after " + std::to_string(size) + " bytes" + again);
  }
}

TEST_CASE("what is no JSON is refused with its line and column") {
  CHECK(refused("the last good output\n") == "manifest.json:1:2: this is not JSON" + again);
  CHECK(refused("{\n  \"format\": 2,\n  oops\n}\n") == "manifest.json:3:3: this is not JSON" + again);
  CHECK(refused("{\"format\": \"\xff\"}").starts_with("manifest.json:1:13: this is not JSON"));
  CHECK(refused(std::string(100000, '[')) == "manifest.json: it ends early, after 100000 bytes" + again);
}

TEST_CASE("a wrong value is refused with its key and what it must be") {
  const ExampleBuild build;
  const Json good = Json::parse(build.write());
  const auto [pointer, value, expected] = GENERATE(table<std::string, Json, std::string>({
      {"/outputs/2/size", "19", "`outputs[2].size` must be a number, not a string"},
      {"/outputs/2/size", -19, "`outputs[2].size` must be a whole number from 0 to 2^64 - 1, not -19"},
      {"/media/0/size", 1.5, "`media[0].size` must be a whole number from 0 to 2^64 - 1, not 1.5"},
      {"/build_id", 7, "`build_id` must be a string, not a number"},
      {"/build_id", true, "`build_id` must be a string, not a boolean"},
      {"/outputs", nullptr, "`outputs` is missing"},
      {"/outputs", "vmlinuz", "`outputs` must be an array, not a string"},
      {"/outputs/0", "vmlinuz", "`outputs[0]` must be an object, not a string"},
      {"/packages/3/sha256", "abc", "`packages[3].sha256` must be 64 hexadecimal digits, not `abc`"},
      {"/packages/3/version", nullptr, "`packages[3].version` is missing"},
      {"/outputs/0/name", "../vmlinuz",
       "`outputs[0].name` must be the name of a file in this folder, not `../vmlinuz`"},
      {"/outputs/0/name", "..", "`outputs[0].name` must be the name of a file in this folder, not `..`"},
      {"/outputs/0/name", "", "`outputs[0].name` must be the name of a file in this folder, not ``"},
      {"/outputs/0/name", "initrd.img", "`outputs` has `initrd.img` twice"},
      {"/format", 1, "`format` is 1, and this lifeboat reads 3"},
      {"/format", "2", "`format` must be a number, not a string"},
  }));
  CHECK(refused(changed(good, pointer, value)) == "manifest.json: " + expected + again);
  CHECK(refused("[]") == "manifest.json: `` must be an object, not an array" + again);
}

TEST_CASE("no value of a wrong type gets further than an Error") {
  const ExampleBuild build;
  const Json good = Json::parse(build.write());
  const Json leaves = good.flatten();
  for (const auto& [pointer, leaf] : leaves.items()) {
    for (const Json& value : {Json(), Json("text"), Json(-1), Json(1e300), Json(true), Json::array(), Json::object()}) {
      Json bad = good;
      bad[Pointer(pointer)] = value;
      CAPTURE(pointer, value.dump());
      REQUIRE_NOTHROW(refused(bad.dump()));
    }
  }
}

}  // namespace lifeboat::testing
