// The text of a Release.
#include "builder/base/error.hpp"
#include "builder/fetch/deb_repository.hpp"
#include "builder/fuzz/input.hpp"

using namespace lifeboat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const DebRelease release = parse_deb_release(fuzz::text_of(data, size), "InRelease");
    fuzz::require(!release.files.empty());
    for (const auto& [path, file] : release.files) fuzz::require(is_sha256(file.sha256));
    fuzz::require(parse_release_date(release.date) == release.date_unix);
    fuzz::require(parse_release_date(release_date_text(release.date_unix)) == release.date_unix);
  } catch (const Error&) {
  }
  return 0;
}
