#include "builder/base/text.hpp"

#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

using Views = std::vector<std::string_view>;
using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("split keeps empty pieces") {
  CHECK(split("a,,b", ',') == Views{"a", "", "b"});
  CHECK(split("", ',') == Views{""});
  CHECK(split(",", ',') == Views{"", ""});
}

TEST_CASE("words are what stands between blanks") {
  CHECK(split_words("  a\tb \n c  ") == Views{"a", "b", "c"});
  CHECK(split_words("").empty());
  CHECK(split_words(" \n").empty());
}

TEST_CASE("lines lose their newlines and a last empty one") {
  CHECK(split_lines("a\n\nb\n") == Views{"a", "", "b"});
  CHECK(split_lines("a\nb") == Views{"a", "b"});
  CHECK(split_lines("").empty());
  CHECK(split_lines("\n") == Views{""});
}

TEST_CASE("trim takes blanks from both ends") {
  CHECK(trim(" \t a b \r\n") == "a b");
  CHECK(trim(" \n").empty());
  CHECK(trim("").empty());
}

TEST_CASE("join puts the separator between pieces alone") {
  CHECK(join(Strings{"a", "b", "c"}, ", ") == "a, b, c");
  CHECK(join(Strings{"a"}, ", ") == "a");
  CHECK(join(Strings{"", ""}, ",") == ",");
  CHECK(join(Strings{}, ", ").empty());
}

TEST_CASE("sizes are given with the unit that fits") {
  CHECK(format_size(0) == "0 B");
  CHECK(format_size(1023) == "1023 B");
  CHECK(format_size(1024) == "1.0 KiB");
  CHECK(format_size(4300) == "4.2 KiB");
  CHECK(format_size((1 << 20) - 1) == "1.0 MiB");
  CHECK(format_size(std::uint64_t{3} << 30) == "3.0 GiB");
  CHECK(format_size(~std::uint64_t{0}) == "16777216.0 TiB");
}

TEST_CASE("a typo finds the word that was meant, and a strange word finds none") {
  const Strings words{"openssh-server", "openssl", "rsync", "xz"};
  CHECK(did_you_mean("openssh-sevrer", words) == "openssh-server");
  CHECK(did_you_mean("rsyncd", words) == "rsync");
  CHECK(did_you_mean("xy", words) == "xz");
  CHECK(did_you_mean("kernel", words).empty());
  CHECK(did_you_mean("", words).empty());
  CHECK(did_you_mean("rsync", Strings{}).empty());
}

TEST_CASE("a star stays within one component, two stars do not") {
  CHECK(glob_matches("usr/*/x", "usr/lib/x"));
  CHECK_FALSE(glob_matches("usr/*/x", "usr/lib/y/x"));
  CHECK(glob_matches("usr/**/x", "usr/lib/y/x"));
  CHECK(glob_matches("usr/**", "usr/lib/y/x"));
  CHECK(glob_matches("**.la", "usr/lib/x.la"));
  CHECK(glob_matches("*", "usr"));
  CHECK_FALSE(glob_matches("*", "usr/lib"));
  CHECK(glob_matches("a*", "a"));
}

TEST_CASE("a question mark is one character, and everything else is itself") {
  CHECK(glob_matches("l?b", "lib"));
  CHECK_FALSE(glob_matches("l?b", "l/b"));
  CHECK_FALSE(glob_matches("l?b", "lb"));
  CHECK(glob_matches("a[b].c+", "a[b].c+"));
  CHECK_FALSE(glob_matches("lib", "libx"));
  CHECK_FALSE(glob_matches("libx", "lib"));
  CHECK(glob_matches("", ""));
  CHECK_FALSE(glob_matches("", "x"));
}

TEST_CASE("a glob with many stars is judged in no time") {
  CHECK_FALSE(glob_matches("**a**a**a**a**a**a**a**a**a**a**b", std::string(200, 'a')));
  CHECK_FALSE(glob_matches("*a*a*a*a*a*a*a*a*a*a*b", std::string(200, 'a')));
}

TEST_CASE("what a terminal obeys is escaped, text in any language is not") {
  CHECK(printable("gr\xc3\xbc\xc3\x9f \xe6\x97\xa5 \xf0\x9f\x9a\xa4") ==
        "gr\xc3\xbc\xc3\x9f \xe6\x97\xa5 \xf0\x9f\x9a\xa4");
  CHECK(printable("a\nb\t\x1b[2J\x7f") == R"(a\x0ab\x09\x1b[2J\x7f)");
  CHECK(printable(std::string_view("\0", 1)) == R"(\x00)");
  CHECK(printable("\xc2\x9b"
                  "2J") == R"(\xc2\x9b2J)");
}

TEST_CASE("broken UTF-8 is escaped") {
  CHECK(printable("\xff\x80") == R"(\xff\x80)");
  CHECK(printable("a\xc3") == R"(a\xc3)");
  CHECK(printable("\xe6\x97x") == R"(\xe6\x97x)");
  CHECK(printable("\xc0\x9b") == R"(\xc0\x9b)");
  CHECK(printable("\xe0\x82\x9b") == R"(\xe0\x82\x9b)");
  CHECK(printable("\xf0\x80\x82\x9b") == R"(\xf0\x80\x82\x9b)");
  CHECK(printable("\xed\xa0\x80") == R"(\xed\xa0\x80)");
  CHECK(printable("\xf4\x90\x80\x80") == R"(\xf4\x90\x80\x80)");
}
