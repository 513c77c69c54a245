// Packages: its fields, dependencies and versions.
#include "builder/base/error.hpp"
#include "builder/fuzz/input.hpp"
#include "builder/package/deb_index.hpp"
#include "builder/package/deb_version.hpp"
#include "builder/package/relation.hpp"

using namespace lifeboat;

namespace {

/// A dependency that was read says the same when it is written and read again.
void check_clauses(const std::vector<Clause>& clauses) {
  for (const Clause& clause : clauses) {
    const std::string text = to_string(clause);
    const std::vector<Clause> again = parse_deb_depends(text);
    fuzz::require(again.size() == 1 && to_string(again[0]) == text);
  }
}

void check_package(const Package& package) {
  fuzz::require(!package.name.empty() && !package.version.empty() && is_sha256(package.sha256));
  fuzz::require(("/" + package.path + "/").find("/../") == std::string::npos && !package.path.starts_with('/'));
  check_clauses(package.depends);
  check_clauses(package.pre_depends);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::vector<Package> packages = parse_deb_index(fuzz::text_of(data, size), "amd64", "bookworm", "Packages");
    for (std::size_t i = 0; i < packages.size(); ++i) {
      check_package(packages[i]);
      const std::string &a = packages[i].version, &b = packages[0].version;
      fuzz::require(std::is_lt(compare_deb_versions(a, b)) == std::is_gt(compare_deb_versions(b, a)));
      fuzz::require(std::is_eq(compare_deb_versions(a, a)));
    }
  } catch (const Error&) {
  }
  return 0;
}
