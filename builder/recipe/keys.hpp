#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "builder/recipe/checks.hpp"
#include "builder/recipe/fault.hpp"
#include "builder/recipe/recipe.hpp"
#include "builder/recipe/toml.hpp"

namespace lifeboat {

/// A place in one of the files.
struct Location {
  std::shared_ptr<const Source> source;
  Place place;
};

/// What reading the keys needs beside the recipe that it fills.
struct Reading {
  Recipe& recipe;
  const RecipeVocabulary& vocabulary;
  std::vector<Fault>& faults;
  std::shared_ptr<const Source> source;       ///< the file that is being read
  std::map<std::string, Location> locations;  ///< key ("kernel.groups") or list item ("kernel.groups:storage") -> where

  void fault(const Place& place, std::string what, std::string hint = {});
};

/// Reads one file's root table into the recipe. Lists grow, tables grow key by key, single values replace what an
/// included file said.
void read_keys(const TomlValue& root, Reading& reading);

/// Faults for the required keys that no file has.
void check_required(Reading& reading);

}  // namespace lifeboat
