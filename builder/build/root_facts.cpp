#include "builder/build/root_facts.hpp"

#include <nlohmann/json.hpp>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/file.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr const char* facts_file = "root.json";

/// Throws nlohmann's exception for a missing or wrong value, Error for a missing file.
RootImage parse_facts(const fs::path& folder) {
  const nlohmann::json facts = nlohmann::json::parse(read_file(folder / facts_file));
  RootImage root = root_files(folder);
  facts.at("kernel_release").get_to(root.kernel_release);
  facts.at("size").get_to(root.size);
  facts.at("sha256").get_to(root.sha256);
  facts.at("verity").at("offset").get_to(root.verity.offset);
  facts.at("verity").at("root_hash").get_to(root.verity.root_hash);
  facts.at("verity").at("salt").get_to(root.verity.salt);
  facts.at("drivers_unpacked").get_to(root.drivers_unpacked);
  facts.at("package_bytes").get_to(root.package_bytes);
  facts.at("warnings").get_to(root.warnings);
  for (const fs::path& file : {root.kernel, root.drivers, root.file})
    if (sha256_of_file(file) != facts.at("files").at(file.filename().string()).get<std::string>())
      throw Error(file.string() + " has changed since it was made");
  return root;
}

}  // namespace

RootImage root_files(const fs::path& folder) {
  RootImage root;
  root.file = folder / "root.squashfs";
  root.kernel = folder / "vmlinuz";
  root.drivers = folder / "drivers.cpio.zst";
  return root;
}

void write_root_facts(const fs::path& folder, const RootImage& root) {
  nlohmann::json facts{
      {"kernel_release", root.kernel_release},
      {"size", root.size},
      {"sha256", root.sha256},
      {"verity", {{"offset", root.verity.offset}, {"root_hash", root.verity.root_hash}, {"salt", root.verity.salt}}},
      {"drivers_unpacked", root.drivers_unpacked},
      {"package_bytes", root.package_bytes},
      {"warnings", root.warnings},
      {"files", {{root.file.filename().string(), root.sha256}}}};
  for (const fs::path& file : {root.kernel, root.drivers})
    facts["files"][file.filename().string()] = sha256_of_file(file);
  replace_file(folder / facts_file, facts.dump(2) + "\n");
}

std::optional<RootImage> read_root(const fs::path& folder) {
  try {
    return parse_facts(folder);
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception&) {
    return std::nullopt;  // whatever is wrong with it, it is made again
  }
}

}  // namespace lifeboat
