#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/distro/distro.hpp"
#include "builder/distro/maker.hpp"
#include "builder/tests/distro/module.hpp"

namespace lifeboat {

/// A tree of a few files and what finishing it may look at.
struct SmallWorld {
  static constexpr std::int64_t time = 1'700'000'000;  // day 19675

  TempDir folder{std::filesystem::temp_directory_path(), "lifeboat-distro-test"};
  std::shared_ptr<Spool> spool = Spool::create(folder.path());
  Recipe recipe;
  std::vector<UnpackedPackage> packages;
  Tree tree;

  FinishInput input() const;
  void add_file(const TreePath& path, std::string_view text, std::uint32_t mode = 0644);
  /// Packages must be added in the order of their names, as a build hands them over.
  void add_package(std::string name);
};

/// The text of the Error that `body` throws, with ", hint: ..." where it has one; "no error" when it throws none.
template <typename Body>
std::string error_text(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what() + (error.hint().empty() ? "" : ", hint: " + error.hint());
  }
  return "no error";
}

}  // namespace lifeboat
