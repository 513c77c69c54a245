#include "init/disk/printable.hpp"

#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

TEST_CASE("text of a disk keeps its letters, whatever their language") {
  CHECK(printable("Größe 数据 root") == "Größe 数据 root");
}

TEST_CASE("characters that steer a terminal are written out") {
  CHECK(printable("a\x1b[2Jb\x07") == "a\\x1b[2Jb\\x07");
  CHECK(printable("line\nbreak\r\x7f") == "line\\x0abreak\\x0d\\x7f");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\xc2\\x9b31m");                         // C1 control sequence introducer
  CHECK(printable("exe\xe2\x80\xaetxt") == "exe\\xe2\\x80\\xaetxt");  // right-to-left override
  CHECK(printable("\xe2\x81\xa6x") == "\\xe2\\x81\\xa6x");            // direction isolate
}

TEST_CASE("bytes that are no UTF-8 are written out") {
  CHECK(printable("\xff") == "\\xff");
  CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");           // overlong "/"
  CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // surrogate
  CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK(printable("cut \xe6\x95") == "cut \\xe6\\x95");
}

TEST_CASE("long text is cut, and says so") {
  CHECK(printable(std::string(500, 'x'), 10) == "xxxxxxxxxx...");
  CHECK(printable("1234567890", 10) == "1234567890");
}

TEST_CASE("trimmed text loses the blanks and zeros at its ends") {
  CHECK(printable_trimmed(std::string_view("  QEMU HARDDISK \n\0\0", 19)) == "QEMU HARDDISK");
  CHECK(printable_trimmed(" \n").empty());
}

}  // namespace
}  // namespace lifeboat::init
