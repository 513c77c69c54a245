#include "builder/build/manifest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

// ordered_json: people read the file too, so what matters comes first.
using Json = nlohmann::ordered_json;

constexpr int format = 3;
constexpr std::uint64_t largest_manifest = 16 << 20;  ///< a thousand packages take half a megabyte
constexpr const char* build_again = "build the image again: lifeboat build RECIPE --output DIR";

std::uint64_t bytes_in_image(const ManifestInput& input, const std::string& package) {
  const auto found = input.image_bytes.find(package);
  return found == input.image_bytes.end() ? 0 : found->second;
}

Json repository_json(const Lock::Repository& repository) {
  return {{"name", repository.where.name},
          {"mirror", repository.where.mirror},
          {"suite", repository.where.suite},
          {"date", repository.date},
          {"date_unix", repository.date_unix}};
}

Json package_json(const Package& package, std::uint64_t image_bytes) {
  return {{"name", package.name},
          {"version", package.version},
          {"architecture", package.architecture},
          {"source", package.source.empty() ? package.name : package.source},
          {"source_version", package.source_version.empty() ? package.version : package.source_version},
          {"repository", package.repository},
          {"path", package.path},
          {"size", package.size},
          {"sha256", package.sha256},
          {"image_bytes", image_bytes}};
}

Json medium_json(const BuiltMedium& medium) {
  return {
      {"name", medium.name}, {"files", medium.files}, {"size", medium.size}, {"minimum_memory", medium.minimum_memory}};
}

Json output_json(const fs::path& folder, const OutputFile& output) {
  const fs::path file = folder / output.name;
  return {
      {"name", output.name}, {"role", output.role}, {"size", fs::file_size(file)}, {"sha256", sha256_of_file(file)}};
}

Json head_json(const ManifestInput& input) {
  return {{"format", format},
          {"name", input.recipe.name},
          {"title", input.recipe.title},
          {"distribution", input.recipe.distribution},
          {"architecture", input.recipe.architecture},
          {"build_id", input.build_id},
          {"recipe_sha256", input.recipe_digest},
          {"signer", input.signer},
          {"secure_boot_certificate", input.secure_boot_certificate},
          {"time", input.lock.time()},
          {"kernel_release", input.kernel_release},
          {"kernel_arguments", input.kernel_arguments},
          {"root_size", input.root_size},
          {"unpackaged_bytes", bytes_in_image(input, "")},
          {"tools", input.tools}};
}

/// What JSON calls the value, for errors: "an object".
std::string kind_of(const Json& json) {
  const std::string name = json.type_name();
  if (name == "null") return name;
  return (name == "object" || name == "array" ? "an " : "a ") + name;
}

/// A value with its way from the root, so that every error says where: `outputs[2].size`.
class Value {
 public:
  Value(const Json& json, std::string where, const fs::path& file)
      : json_(json), where_(std::move(where)), file_(file) {}

  Value operator[](const char* key) const {
    if (!json_.is_object()) wrong("an object");
    const std::string place = where_.empty() ? key : where_ + "." + key;
    const auto found = json_.find(key);
    if (found == json_.end()) throw Error(file_.string() + ": `" + place + "` is missing", build_again);
    return {*found, place, file_};
  }

  std::string text() const {
    if (!json_.is_string()) wrong("a string");
    return json_.get<std::string>();
  }

  std::uint64_t number() const {
    if (!json_.is_number()) wrong("a number");
    if (!json_.is_number_unsigned()) refuse("must be a whole number from 0 to 2^64 - 1, not " + json_.dump());
    return json_.get<std::uint64_t>();
  }

  Sha256 digest() const {
    std::string value = text();
    if (!is_sha256(value)) refuse("must be 64 hexadecimal digits, not `" + value + "`");
    return value;
  }

  /// A name that stays in the manifest's folder.
  std::string file_name() const {
    std::string value = text();
    if (value.empty() || value == "." || value == ".." || value.find_first_of(std::string_view("/\0", 2)) != value.npos)
      refuse("must be the name of a file in this folder, not `" + value + "`");
    return value;
  }

  template <class Item>
  std::vector<Item> list(Item (*read)(const Value&)) const {
    if (!json_.is_array()) wrong("an array");
    std::vector<Item> items;
    for (std::size_t i = 0; i < json_.size(); ++i)
      items.push_back(read({json_[i], where_ + "[" + std::to_string(i) + "]", file_}));
    return items;
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(file_.string() + ": `" + where_ + "` " + why, build_again);
  }

 private:
  [[noreturn]] void wrong(const std::string& wanted) const { refuse("must be " + wanted + ", not " + kind_of(json_)); }

  const Json& json_;
  std::string where_;
  const fs::path& file_;
};

Manifest::Output read_output(const Value& value) {
  return {value["name"].file_name(), value["role"].text(), value["sha256"].digest(), value["size"].number()};
}

std::string read_file_name(const Value& value) { return value.file_name(); }

BuiltMedium read_medium(const Value& value) {
  return {value["name"].text(), value["files"].list(read_file_name), value["size"].number(),
          value["minimum_memory"].number()};
}

Manifest::Package read_package(const Value& value) {
  return {value["name"].text(), value["version"].text(), value["sha256"].digest(), value["size"].number(),
          value["image_bytes"].number()};
}

Manifest::Repository read_repository(const Value& value) {
  return {value["name"].text(), value["date"].text(), static_cast<std::int64_t>(value["date_unix"].number())};
}

/// The format first: a manifest of another one has other keys, and naming those would mislead.
void check_format(const Value& root) {
  const Value found = root["format"];
  if (found.number() == format) return;
  found.refuse("is " + std::to_string(found.number()) + ", and this lifeboat reads " + std::to_string(format));
}

void check_names_differ(const Manifest& manifest, const fs::path& file) {
  std::vector<std::string> names;
  for (const Manifest::Output& output : manifest.outputs) names.push_back(output.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) throw Error(file.string() + ": `outputs` has `" + *twice + "` twice", build_again);
}

/// "FILE:3:17", counted as editors do.
std::string place_of(const fs::path& file, std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t column = at - (before.rfind('\n') + 1);  // npos + 1 is 0: the first line
  return file.string() + ":" + std::to_string(line) + ":" + std::to_string(column + 1);
}

Json parse_json(std::string_view text, const fs::path& file) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    if (error.byte > text.size())
      throw Error(file.string() + ": it ends early, after " + std::to_string(text.size()) + " bytes", build_again);
    throw Error(place_of(file, text, error.byte == 0 ? 0 : error.byte - 1) + ": this is not JSON", build_again);
  }
}

}  // namespace

std::uint64_t image_size(const std::vector<BuiltMedium>& media) {
  std::uint64_t most = 0;
  for (const BuiltMedium& medium : media) most = std::max(most, medium.size);
  return most;
}

std::uint64_t minimum_memory(const std::vector<BuiltMedium>& media) {
  std::uint64_t most = 0;
  for (const BuiltMedium& medium : media) most = std::max(most, medium.minimum_memory);
  return most;
}

void write_manifest(const fs::path& folder, const ManifestInput& input, const std::vector<OutputFile>& outputs) {
  Json manifest = head_json(input);
  manifest["media"] = Json::array();
  for (const BuiltMedium& medium : input.media) manifest["media"].push_back(medium_json(medium));
  manifest["outputs"] = Json::array();
  for (const OutputFile& output : outputs) manifest["outputs"].push_back(output_json(folder, output));
  manifest["repositories"] = Json::array();
  for (const auto& repository : input.lock.repositories)
    manifest["repositories"].push_back(repository_json(repository));
  manifest["packages"] = Json::array();
  for (const Package& package : input.lock.all_packages())
    manifest["packages"].push_back(package_json(package, bytes_in_image(input, package.name)));
  replace_file(folder / manifest_file, manifest.dump(2) + "\n");
}

std::string read_manifest_text(const fs::path& folder) {
  try {
    return read_small_file(folder / manifest_file, largest_manifest);
  } catch (const Error& error) {
    throw Error(error.what(), "an output of `lifeboat build` has a " + std::string(manifest_file));
  }
}

Manifest parse_manifest(std::string_view text, const fs::path& file) {
  const Json json = parse_json(text, file);
  const Value root(json, "", file);
  check_format(root);
  Manifest manifest{.build_id = root["build_id"].text(),
                    .name = root["name"].text(),
                    .architecture = root["architecture"].text(),
                    .kernel_arguments = root["kernel_arguments"].text(),
                    .signer = root["signer"].text(),
                    .unpackaged_bytes = root["unpackaged_bytes"].number(),
                    .media = root["media"].list(read_medium),
                    .outputs = root["outputs"].list(read_output),
                    .packages = root["packages"].list(read_package),
                    .repositories = root["repositories"].list(read_repository)};
  check_names_differ(manifest, file);
  return manifest;
}

Manifest read_manifest(const fs::path& folder) {
  return parse_manifest(read_manifest_text(folder), folder / manifest_file);
}

}  // namespace lifeboat
