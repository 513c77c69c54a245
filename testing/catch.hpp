#pragma once
// The one place that knows which Catch2 the machine has: version 3 (Debian 13) or 2 (Debian 12).
// Tests use only what both offer: TEST_CASE, SECTION, REQUIRE*, CHECK*, GENERATE, INFO, CAPTURE.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
