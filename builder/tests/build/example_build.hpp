#pragma once
// The outcome of a build, made up: what manifest, SBOM and verification are tried on. The packages are Debian's real
// ones, chosen for what is special in their names and versions.
#include <map>
#include <string>
#include <vector>

#include "builder/base/file.hpp"
#include "builder/build/manifest.hpp"

namespace lifeboat::testing {

struct ExampleBuild {
  ExampleBuild();

  TempDir folder{std::filesystem::temp_directory_path(), "example-build"};
  Recipe recipe;
  Lock lock;
  std::vector<OutputFile> outputs;  ///< lie in the folder
  std::string build_id = "7bb476fae40df657e5051e89609ec4d6";
  std::string signer;

  std::filesystem::path operator/(const char* name) const { return folder.path() / name; }
  ManifestInput input() const;
  /// Writes manifest.json and returns its text.
  std::string write() const;
};

/// "what | hint" of the Error that `body` ends with; "no error" when it ends well.
template <class Body>
std::string refusal(Body&& body) {
  try {
    body();
    return "no error";
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
}

}  // namespace lifeboat::testing
