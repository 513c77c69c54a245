// The lock: what a person's editor makes of it.
#include "builder/base/error.hpp"
#include "builder/build/lock.hpp"
#include "builder/fuzz/input.hpp"
#include "builder/package/deb_syntax.hpp"

using namespace lifeboat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Lock lock = parse_lock(fuzz::text_of(data, size), "lock");
    for (const Package& package : lock.packages) {
      fuzz::require(is_sha256(package.sha256) && is_deb_path(package.path) && package.size > 0);
      lock.repository_of(package);
    }
    // A lock that was read says the same when it is written and read again.
    const std::string text = to_text(lock);
    fuzz::require(to_text(parse_lock(text, "again")) == text);
  } catch (const Error& error) {
    fuzz::require(*error.what() != '\0');
  }
  return 0;
}
