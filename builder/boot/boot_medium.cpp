#include "builder/boot/boot_medium.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

struct MediumRow {
  MediumKind kind;
  std::string_view name;
  std::string_view extension;  ///< of its one file; netboot has none
};

constexpr std::array media{MediumRow{MediumKind::netboot, "netboot", ""}, MediumRow{MediumKind::iso, "iso", ".iso"},
                           MediumRow{MediumKind::qcow2, "qcow2", ".qcow2"}, MediumRow{MediumKind::raw, "raw", ".raw"},
                           MediumRow{MediumKind::uki, "uki", ".efi"}};
constexpr const char* build_hint = "build one first: lifeboat build recipes/debian-12.toml";

const MediumRow& row_named(const std::string& name) {
  const auto* row = std::ranges::find(media, name, &MediumRow::name);
  if (row == media.end()) throw Error("there is no medium " + name, join(boot_medium_names(), ", "));
  return *row;
}

/// The files of the medium in an output folder.
std::vector<std::string> files_of(const MediumRow& row) {
  if (row.kind == MediumKind::netboot) return {"vmlinuz", "initrd.img"};
  return {"rescue" + std::string(row.extension)};
}

/// The first of its files that is missing, or "".
std::string missing_file(const fs::path& folder, const MediumRow& row) {
  for (const std::string& file : files_of(row))
    if (!fs::exists(folder / file)) return file;
  return "";
}

BootMedium medium_in(const fs::path& folder, const MediumRow& row) {
  return {row.kind, row.kind == MediumKind::netboot ? folder : folder / files_of(row).front()};
}

BootMedium find_in_folder(const fs::path& folder, const std::string& name) {
  if (!name.empty()) {
    const MediumRow& row = row_named(name);
    const std::string missing = missing_file(folder, row);
    if (!missing.empty())
      throw Error(folder.string() + " has no medium " + name + ": there is no " + missing,
                  "put \"" + name + "\" into the recipe's `media` and build it again");
    return medium_in(folder, row);
  }
  for (const MediumRow& row : media)
    if (missing_file(folder, row).empty()) return medium_in(folder, row);
  // Half a netboot medium: name the half that is missing.
  throw Error(folder.string() + " is no folder of a built image: it has no " + missing_file(folder, media.front()),
              build_hint);
}

BootMedium find_by_extension(const fs::path& file) {
  for (const MediumRow& row : media)
    if (!row.extension.empty() && file.extension() == row.extension) return {row.kind, file};
  throw Error("the name of " + file.string() + " does not tell which medium it is",
              "say it: --medium iso, raw, qcow2 or uki");
}

}  // namespace

std::vector<std::string> boot_medium_names() {
  std::vector<std::string> names;
  for (const MediumRow& row : media) names.emplace_back(row.name);
  return names;
}

BootMedium find_boot_medium(const fs::path& path, const std::string& name) {
  if (!fs::exists(path)) throw Error("there is no " + path.string(), build_hint);
  const fs::path whole = fs::absolute(path);
  if (fs::is_directory(path)) return find_in_folder(whole, name);
  if (name.empty()) return find_by_extension(whole);
  const MediumRow& row = row_named(name);
  if (row.kind == MediumKind::netboot)
    throw Error(path.string() + " is a file, and a netboot medium is a folder",
                "give the folder: " + path.parent_path().string());
  return {row.kind, whole};
}

}  // namespace lifeboat
