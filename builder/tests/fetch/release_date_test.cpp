#include "builder/fetch/release_date.hpp"

#include <limits>

#include "builder/tests/fetch/signed_repository.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;

// The numbers are those of date(1): date -u -d '2025-09-06 09:57:01' +%s

TEST_CASE("a Release's date is read as Unix time and written back as it was") {
  CHECK(parse_release_date("Sat, 06 Sep 2025 09:57:01 UTC") == 1757152621);
  CHECK(release_date_text(1757152621) == "Sat, 06 Sep 2025 09:57:01 UTC");
  CHECK_FALSE(parse_release_date("06 Sep 2025 09:57:01 UTC"));
}

TEST_CASE("dates are written like strftime writes them, over every month, weekday and leap day") {
  for (std::int64_t time = 0; time < 253402300799; time += 86400 * 29 + 3661) {
    CHECK(release_date_text(time) == release_date(time));
    CHECK(parse_release_date(release_date_text(time)) == time);
  }
}

TEST_CASE("a snapshot archive names a moment in digits") {
  CHECK(snapshot_stamp(1757152621) == "20250906T095701Z");
  CHECK(snapshot_stamp(1709251199) == "20240229T235959Z");
}

TEST_CASE("moments that four digits of a year cannot tell are cut to the nearest that they can") {
  CHECK(snapshot_stamp(std::numeric_limits<std::int64_t>::max()) == "99991231T235959Z");
  CHECK(release_date_text(std::numeric_limits<std::int64_t>::min()) == "Thu, 01 Jan 1970 00:00:00 UTC");
}
