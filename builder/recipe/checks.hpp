#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "builder/recipe/recipe.hpp"

namespace lifeboat {

/// What is wrong with one string of a recipe.
struct Complaint {
  std::string what;
  std::string hint;
};

/// Judges one non-empty string.
using Check = std::optional<Complaint> (*)(std::string_view value, const RecipeVocabulary& vocabulary);

std::optional<Complaint> check_name(std::string_view value, const RecipeVocabulary&);  ///< a-z 0-9 . - _
std::optional<Complaint> check_line(std::string_view value, const RecipeVocabulary&);  ///< one printable line
std::optional<Complaint> check_package(std::string_view value, const RecipeVocabulary&);
/// "xfsprogs/python3": a package and what it depends on.
std::optional<Complaint> check_dependency(std::string_view value, const RecipeVocabulary& vocabulary);
std::optional<Complaint> check_suite(std::string_view value, const RecipeVocabulary&);        ///< may hold slashes
std::optional<Complaint> check_fingerprint(std::string_view value, const RecipeVocabulary&);  ///< 40 hexadecimal digits
std::optional<Complaint> check_absolute_path(std::string_view value, const RecipeVocabulary&);
std::optional<Complaint> check_glob(std::string_view value, const RecipeVocabulary&);    ///< relative, cannot leave
std::optional<Complaint> check_module(std::string_view value, const RecipeVocabulary&);  ///< a module's name
std::optional<Complaint> check_module_glob(std::string_view value,
                                           const RecipeVocabulary&);  ///< a name, or a path glob
std::optional<Complaint> check_architecture(std::string_view value, const RecipeVocabulary&);
std::optional<Complaint> check_compression(std::string_view value, const RecipeVocabulary&);
/// "24h", "none": what init/contract's parse_deadline reads, but for times of day.
std::optional<Complaint> check_deadline(std::string_view value, const RecipeVocabulary&);
std::optional<Complaint> check_at_deadline(std::string_view value, const RecipeVocabulary&);
std::optional<Complaint> check_without_source(std::string_view value, const RecipeVocabulary&);
std::optional<Complaint> check_rescue_host_keys(std::string_view value, const RecipeVocabulary&);
/// A text that may be NoCloud's network-config; the init reads it as a whole.
std::optional<Complaint> check_network_config(std::string_view value, const RecipeVocabulary&);
std::optional<Complaint> check_network_fallback(std::string_view value, const RecipeVocabulary&);
std::optional<Complaint> check_distribution(std::string_view value, const RecipeVocabulary& vocabulary);
std::optional<Complaint> check_medium(std::string_view value, const RecipeVocabulary& vocabulary);

}  // namespace lifeboat
