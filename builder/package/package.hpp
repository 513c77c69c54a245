#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/digest.hpp"

namespace lifeboat {

/// One side of `a (>= 1) | b`: a name with an optional version relation.
struct Alternative {
  enum class Relation : std::uint8_t { any, less, less_equal, equal, greater_equal, greater };
  std::string name;
  std::string architecture = {};  ///< after the colon: "any", "amd64"; usually empty
  Relation relation = Relation::any;
  std::string version = {};
};

/// `a | b | c`: at least one of them, the first preferred.
using Clause = std::vector<Alternative>;

/// A package as a repository's index describes it; the same for every family.
struct Package {
  std::string name;
  std::string version;
  std::string architecture;
  std::string source = {};          ///< source package, "" when it is the name
  std::string source_version = {};  ///< "" when it is the version
  std::string repository = {};      ///< Repository::name it came from
  std::string path = {};            ///< below the mirror's root: "pool/main/b/bash/bash_5.2_amd64.deb"
  std::uint64_t size = 0;           ///< bytes of the package file
  Sha256 sha256 = {};
  std::uint64_t installed_size = 0;  ///< bytes, as the index says
  std::string priority = {};         ///< "required", "important", "standard", "optional", ...
  bool essential = false;
  std::string multi_arch =
      {};  ///< Debian's Multi-Arch: "same", "foreign", "allowed" or ""; `name:any` takes only "allowed"
  std::vector<Clause> pre_depends = {}, depends = {};
  std::vector<Alternative> conflicts = {}, breaks = {}, provides = {};
};

}  // namespace lifeboat
