#include "builder/build/manifest.hpp"

#include <nlohmann/json.hpp>

#include "builder/base/file.hpp"

namespace lifeboat {
namespace {

// ordered_json: people read the file too, so what matters comes first.
using Json = nlohmann::ordered_json;

Json package_json(const Package& package) {
  return {{"name", package.name},
          {"version", package.version},
          {"architecture", package.architecture},
          {"source", package.source.empty() ? package.name : package.source},
          {"source_version", package.source_version.empty() ? package.version : package.source_version},
          {"repository", package.repository},
          {"path", package.path},
          {"size", package.size},
          {"sha256", package.sha256}};
}

Json output_json(const std::filesystem::path& folder, const std::string& name) {
  return {
      {"name", name}, {"size", std::filesystem::file_size(folder / name)}, {"sha256", sha256_of_file(folder / name)}};
}

}  // namespace

void write_manifest(const std::filesystem::path& folder, const ManifestInput& input,
                    const std::vector<std::string>& outputs) {
  Json manifest{{"format", 1},
                {"name", input.recipe.name},
                {"title", input.recipe.title},
                {"distribution", input.recipe.distribution},
                {"architecture", input.recipe.architecture},
                {"build_id", input.build_id},
                {"recipe_sha256", input.recipe_digest},
                {"time", input.universe.newest},
                {"kernel_release", input.kernel_release},
                {"kernel_arguments", input.kernel_arguments},
                {"root_size", input.root_size}};
  for (const std::string& name : outputs) manifest["outputs"].push_back(output_json(folder, name));
  for (const auto& repository : input.universe.repositories)
    manifest["repositories"].push_back(
        {{"name", repository.name}, {"suite", repository.suite}, {"date", repository.date}});
  for (const Package& package : input.packages) manifest["packages"].push_back(package_json(package));
  replace_file(folder / "manifest.json", manifest.dump(2) + "\n");
}

}  // namespace lifeboat
