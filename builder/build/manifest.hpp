#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/digest.hpp"
#include "builder/build/lock.hpp"
#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// `manifest.json`: what an output folder holds and what it was made from. docs/manifest.schema.json describes it.
constexpr const char* manifest_file = "manifest.json";

/// A medium as built.
struct BuiltMedium {
  std::string name;                  ///< row of media's table: "iso"
  std::vector<std::string> files;    ///< names in the output folder
  std::uint64_t size = 0;            ///< bytes that one machine gets of it
  std::uint64_t minimum_memory = 0;  ///< MiB with which a machine that boots it reaches a login
};

/// The most that any of them has.
std::uint64_t image_size(const std::vector<BuiltMedium>& media);      ///< bytes
std::uint64_t minimum_memory(const std::vector<BuiltMedium>& media);  ///< MiB

/// What the manifest says beside what can be read off the files themselves.
struct ManifestInput {
  const Recipe& recipe;
  const Lock& lock;
  std::string build_id;
  Sha256 recipe_digest;
  std::string kernel_release;
  std::string kernel_arguments;  ///< the whole command line that the image is meant to boot with
  std::uint64_t root_size = 0;   ///< bytes of the root image
  /// Package -> bytes of its files in the root, before compression; "" -> of files that no package has.
  std::map<std::string, std::uint64_t> image_bytes;
  std::map<std::string, std::string> tools;  ///< what shaped the bytes: "tar2sqfs" -> "1.2.0"
  std::vector<BuiltMedium> media;
  std::string signer = {};              ///< fingerprint of the key that will sign it; "": unsigned
  Sha256 secure_boot_certificate = {};  ///< fingerprint of the one that the medium uki is signed for; "": unsigned
};

/// A file of the output folder and what it is for: "medium", "lock", "sbom".
struct OutputFile {
  std::string name;
  std::string role;
};

/// Writes folder/manifest.json: `input`, and size and SHA-256 of every file of `outputs`.
void write_manifest(const std::filesystem::path& folder, const ManifestInput& input,
                    const std::vector<OutputFile>& outputs);

/// A manifest as read.
struct Manifest {
  struct Output {
    std::string name;  ///< one component: it cannot leave the folder
    std::string role;
    Sha256 sha256;
    std::uint64_t size = 0;
  };
  struct Package {
    std::string name;
    std::string version;
    Sha256 sha256;
    std::uint64_t size = 0;         ///< bytes of the package file
    std::uint64_t image_bytes = 0;  ///< bytes of its files in the root, before compression
  };
  struct Repository {
    std::string name;
    std::string date;  ///< of its Release, as signed
    std::int64_t date_unix = 0;
  };
  std::string build_id;
  std::string name;
  std::string architecture;
  std::string kernel_arguments;
  std::string signer;                  ///< "": unsigned
  std::uint64_t unpackaged_bytes = 0;  ///< of the root's files that no package has
  std::vector<BuiltMedium> media;
  std::vector<Output> outputs;
  std::vector<Package> packages;
  std::vector<Repository> repositories;
};

/// folder/manifest.json. Throws Error naming file and place for one that is missing, truncated, larger than any
/// manifest, of another format, or that has a value of another type.
Manifest read_manifest(const std::filesystem::path& folder);

/// The bytes of folder/manifest.json, and what they say: for who must judge the bytes as well (a signature).
std::string read_manifest_text(const std::filesystem::path& folder);
Manifest parse_manifest(std::string_view text, const std::filesystem::path& file);

}  // namespace lifeboat
