#include "builder/recipe/checks.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view digits = "0123456789";

bool consists_of(std::string_view value, std::initializer_list<std::string_view> sets) {
  return std::all_of(value.begin(), value.end(), [&](char c) {
    return std::any_of(sets.begin(), sets.end(), [&](std::string_view set) { return set.find(c) != set.npos; });
  });
}

bool starts_with_one_of(std::string_view value, std::initializer_list<std::string_view> sets) {
  return consists_of(value.substr(0, 1), sets);
}

std::string ticked(std::string_view value) { return "`" + std::string(value) + "`"; }

std::optional<Complaint> one_of(std::string_view value, std::span<const std::string> allowed, std::string_view what) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return {};
  const std::string near = did_you_mean(value, allowed);
  return Complaint{ticked(value) + " is not " + std::string(what),
                   near.empty() ? "one of: " + join(allowed, ", ") : "did you mean " + ticked(near) + "?"};
}

/// What is wrong with a path's components, or "".
std::string component_fault(std::string_view path) {
  for (const std::string_view component : split(path, '/')) {
    if (component.empty()) return "has an empty component";
    if (component == "." || component == "..") return "has a component " + ticked(component);
  }
  return {};
}

}  // namespace

std::optional<Complaint> check_name(std::string_view value, const RecipeVocabulary&) {
  if (starts_with_one_of(value, {lower, digits}) && consists_of(value, {lower, digits, ".-_"})) return {};
  return Complaint{ticked(value) + " is not a name",
                   "a name is made of a-z, 0-9, `.`, `-` and `_`, and starts with a letter or digit"};
}

std::optional<Complaint> check_line(std::string_view value, const RecipeVocabulary&) {
  if (printable(value) == value) return {};
  return Complaint{"the text holds a control character", "write it as one line of printable characters"};
}

std::optional<Complaint> check_package(std::string_view value, const RecipeVocabulary&) {
  if (starts_with_one_of(value, {lower, upper, digits}) && consists_of(value, {lower, upper, digits, "+.-_"}))
    return {};
  return Complaint{ticked(value) + " is not a package name",
                   "a package name is made of letters, digits, `+`, `.`, `-` and `_`; versions belong in the lock"};
}

std::optional<Complaint> check_dependency(std::string_view value, const RecipeVocabulary& vocabulary) {
  const std::size_t slash = value.find('/');
  if (slash != std::string_view::npos && !check_package(value.substr(0, slash), vocabulary) &&
      !check_package(value.substr(slash + 1), vocabulary))
    return {};
  return Complaint{ticked(value) + " is not a package and what it depends on",
                   "two package names with a slash between them, such as `xfsprogs/python3`"};
}

std::optional<Complaint> check_suite(std::string_view value, const RecipeVocabulary&) {
  if (consists_of(value, {lower, upper, digits, ".-_/"}) && component_fault(value).empty()) return {};
  return Complaint{ticked(value) + " is not a suite", "the folder below dists/ of the mirror, such as `bookworm`"};
}

std::optional<Complaint> check_fingerprint(std::string_view value, const RecipeVocabulary&) {
  if (value.size() == 40 && consists_of(value, {digits, "abcdefABCDEF"})) return {};
  return Complaint{"a fingerprint is 40 hexadecimal digits, not " + ticked(value),
                   "gpg --show-keys --with-colons KEYRING prints them in its `fpr` lines"};
}

std::optional<Complaint> check_absolute_path(std::string_view value, const RecipeVocabulary&) {
  const std::string fault = value.starts_with('/') ? component_fault(value.substr(1)) : "does not start with a slash";
  if (fault.empty()) return {};
  return Complaint{ticked(value) + " " + fault, "write the whole path, from `/` on"};
}

std::optional<Complaint> check_glob(std::string_view value, const RecipeVocabulary&) {
  const std::string fault = value.starts_with('/') ? "starts with a slash" : component_fault(value);
  if (!fault.empty())
    return Complaint{"the glob " + ticked(value) + " " + fault, "paths are relative: `usr/share/man/**`"};
  for (const std::string_view component : split(value, '/'))
    if (component.find("***") != component.npos)
      return Complaint{"the glob " + ticked(value) + " holds `***`",
                       "`*` stays within one folder, `**` goes across folders"};
  if (value.find_first_of("[]{}!\\") == value.npos) return {};
  return Complaint{"the glob " + ticked(value) + " holds a character that globs here do not know",
                   "only `*`, `?` and `**` are special; write one glob for each case"};
}

std::optional<Complaint> check_module(std::string_view value, const RecipeVocabulary&) {
  if (consists_of(value, {lower, upper, digits, "_-"})) return {};
  return Complaint{ticked(value) + " is not a module's name",
                   "as lsmod prints it: `virtio_net`, without path and `.ko`"};
}

std::optional<Complaint> check_module_glob(std::string_view value, const RecipeVocabulary& vocabulary) {
  if (value.find('/') != value.npos) return check_glob(value, vocabulary);
  if (consists_of(value, {lower, upper, digits, "_-"})) return {};
  return Complaint{ticked(value) + " is not a module's name",
                   "a name such as `virtio_net`, or a glob of paths below kernel/ such as `fs/nls/*`"};
}

std::optional<Complaint> check_architecture(std::string_view value, const RecipeVocabulary&) {
  static const std::vector<std::string> allowed{"amd64"};
  return one_of(value, allowed, "an architecture that Lifeboat builds for");
}

std::optional<Complaint> check_compression(std::string_view value, const RecipeVocabulary&) {
  // No lz4: what tar2sqfs 1.2.0 writes with it, unsquashfs 4.5.1 refuses as corrupt.
  static const std::vector<std::string> allowed{"zstd", "xz", "gzip"};
  return one_of(value, allowed, "a compression that squashfs knows");
}

std::optional<Complaint> check_deadline(std::string_view value, const RecipeVocabulary&) {
  const std::string_view number = value.substr(0, value.size() - 1), unit = value.substr(number.size());
  const bool is_number = !number.empty() && number.size() <= 6 && consists_of(number, {digits}) &&
                         number.find_first_not_of('0') != number.npos;
  if (value == "none" || (is_number && consists_of(unit, {"hms"}))) return {};
  return Complaint{ticked(value) + " is no time that a session lasts",
                   "a number from 1 to 999999 with `h`, `m` or `s`, such as `24h`; or `none`"};
}

std::optional<Complaint> check_at_deadline(std::string_view value, const RecipeVocabulary&) {
  static const std::vector<std::string> allowed{"stay", "power-off", "reboot"};
  return one_of(value, allowed, "what can happen at the deadline");
}

std::optional<Complaint> check_without_source(std::string_view value, const RecipeVocabulary&) {
  static const std::vector<std::string> allowed{"locked", "random-password"};
  return one_of(value, allowed, "what can be where no source lets anybody in");
}

std::optional<Complaint> check_rescue_host_keys(std::string_view value, const RecipeVocabulary&) {
  static const std::vector<std::string> allowed{"new", "original"};
  return one_of(value, allowed, "a kind of host keys");
}

std::optional<Complaint> check_network_config(std::string_view value, const RecipeVocabulary&) {
  constexpr std::size_t largest = 65536;
  if (value.size() > largest)
    return Complaint{"the network configuration is longer than 64 KiB", "describe the links that a login needs alone"};
  const std::size_t strange =
      std::find_if(value.begin(), value.end(), [](char c) { return c >= 0 && c < 0x20 && c != '\n'; }) - value.begin();
  if (strange != value.size())
    return Complaint{"the network configuration holds a tab or a control character", "YAML is indented with blanks"};
  if (value.find("version:") != value.npos || value.find("ethernets:") != value.npos) return {};
  return Complaint{"the text is no network configuration: it has neither `version:` nor `ethernets:`",
                   "write the text itself, between \"\"\" and \"\"\", not a file's name"};
}

std::optional<Complaint> check_network_fallback(std::string_view value, const RecipeVocabulary&) {
  static const std::vector<std::string> allowed{"none", "original"};
  return one_of(value, allowed, "what can be where nothing else brings the network up");
}

std::optional<Complaint> check_distribution(std::string_view value, const RecipeVocabulary& vocabulary) {
  if (vocabulary.distributions.empty()) return check_name(value, vocabulary);
  return one_of(value, vocabulary.distributions, "a distribution that Lifeboat knows");
}

std::optional<Complaint> check_medium(std::string_view value, const RecipeVocabulary& vocabulary) {
  if (vocabulary.media.empty()) return check_name(value, vocabulary);
  return one_of(value, vocabulary.media, "a medium that Lifeboat writes");
}

}  // namespace lifeboat
