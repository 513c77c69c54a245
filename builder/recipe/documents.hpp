#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "builder/recipe/fault.hpp"
#include "builder/recipe/toml.hpp"

namespace lifeboat {

/// One file of a recipe, parsed.
struct Document {
  std::shared_ptr<const Source> source;
  TomlValue root;
};

struct Documents {
  std::vector<Document> files;  ///< what a file includes comes before it; the recipe itself is last; each file once
  std::vector<Fault> faults;    ///< syntax errors, includes that are missing or go in a circle
};

/// Reads `recipe` and everything its `include` lists name, relative to the file that names it. Throws Error where the
/// recipe itself cannot be read.
Documents load_documents(const std::filesystem::path& recipe);

}  // namespace lifeboat
