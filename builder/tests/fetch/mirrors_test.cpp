#include "builder/fetch/mirrors.hpp"

#include "builder/base/file.hpp"
#include "builder/fetch/apt_sources.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using lifeboat::testing::message_of;
using Urls = std::vector<std::string>;

namespace {

struct EtcApt {
  TempDir folder{"/tmp", "lb-apt"};
  EtcApt() { lifeboat::create_directories(folder.path() / "sources.list.d"); }
  void write(const std::string& name, const std::string& content) const { replace_file(folder.path() / name, content); }
  Urls urls(const std::string& suite) const {
    Mirrors mirrors;
    mirrors.add_apt_sources(folder.path(), "debian", suite);
    return mirrors.knows("debian") ? mirrors.urls("debian") : Urls{};
  }
};

}  // namespace

TEST_CASE("mirrors are tried in the order they were named, each once") {
  Mirrors mirrors;
  mirrors.add("debian=http://first/debian/");
  mirrors.add("debian = http://second/debian");
  mirrors.add("debian=http://first/debian");
  mirrors.add("other=file:/srv");
  CHECK(mirrors.urls("debian") == Urls{"http://first/debian", "http://second/debian"});
  CHECK(mirrors.urls("other") == Urls{"file:///srv"});
}

TEST_CASE("an unknown mirror is an error that shows how to name one") {
  CHECK(message_of([] { static_cast<void>(Mirrors().urls("debian-security")); }) ==
        "no mirror is known for debian-security\n"
        "hint: name one with --mirror debian-security=URL, or in a mirrors file");
}

TEST_CASE("a wrong --mirror says what is wrong with it") {
  Mirrors mirrors;
  CHECK(message_of([&] { mirrors.add("http//debian"); }) ==
        "reading --mirror: \"http//debian\" is not NAME=URL\nhint: for example debian=http://mirror.example/debian");
  CHECK(message_of([&] { mirrors.add("=http://a"); }) ==
        "reading --mirror: \"=http://a\" is not NAME=URL\nhint: for example debian=http://mirror.example/debian");
  CHECK(message_of([&] { mirrors.add("debian=ftp://user:secret@a/debian"); }) ==
        "reading --mirror: \"ftp://user:***@a/debian\" is not a mirror's URL\n"
        "hint: a mirror's URL starts with http://, https:// or file:///");
}

TEST_CASE("a mirrors file has comments, blank lines and one mirror a line") {
  const TempDir folder("/tmp", "lb-mirrors");
  const auto file = folder.path() / "mirrors";
  replace_file(file, "# ours\n\n  debian = http://a/debian\r\ndebian=http://b/debian\n");
  Mirrors mirrors;
  mirrors.add_file(file);
  CHECK(mirrors.urls("debian") == Urls{"http://a/debian", "http://b/debian"});
}

TEST_CASE("a fault in a mirrors file is named with file and line") {
  const TempDir folder("/tmp", "lb-mirrors");
  const auto file = folder.path() / "mirrors";
  replace_file(file, "# ours\ndebian\n");
  Mirrors mirrors;
  CHECK(message_of([&] { mirrors.add_file(file); }) ==
        file.string() + ":2: \"debian\" is not NAME=URL\n" + "hint: for example debian=http://mirror.example/debian");
}

TEST_CASE("a snapshot archive is asked for the moment of signing and for half a day later") {
  constexpr std::int64_t signed_at = 1757152621;  // Sat, 06 Sep 2025 09:57:01 UTC
  Mirrors mirrors;
  mirrors.add("debian-snapshot = http://a/archive/debian/{date}/");
  mirrors.add("debian-snapshot=http://b/{date}/{date}");
  mirrors.add("debian-snapshot=http://fixed/debian");
  CHECK(mirrors.snapshot_urls("debian-snapshot", signed_at) ==
        Urls{"http://a/archive/debian/20250906T095701Z", "http://a/archive/debian/20250906T215701Z",
             "http://b/20250906T095701Z/20250906T095701Z", "http://b/20250906T215701Z/20250906T215701Z",
             "http://fixed/debian"});
  CHECK(mirrors.snapshot_urls("other-snapshot", signed_at).empty());
}

TEST_CASE("an ordinary mirror's URL has no date") {
  Mirrors mirrors;
  mirrors.add("debian=http://user:secret@a/archive/debian/{date}");
  CHECK(message_of([&] { static_cast<void>(mirrors.urls("debian")); }) ==
        "mirror debian: \"http://user:***@a/archive/debian/{date}\" holds {date}, which only a snapshot archive's URL "
        "may\nhint: name it as the archive of that mirror: --mirror debian-snapshot=URL");
}

TEST_CASE("apt's one-line sources are read with options, comments and several entries") {
  const EtcApt apt;
  apt.write("sources.list",
            "# deb http://commented/debian bookworm main\n"
            "deb http://one/debian/ bookworm main contrib # a comment\n"
            "deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] https://two/debian bookworm main\n"
            "deb-src http://source/debian bookworm main\n"
            "deb\thttp://tabs/debian\tbookworm\tmain\n"
            "deb http://other/debian trixie main\n"
            "deb [broken http://broken/debian bookworm main\n"
            "deb\n");
  CHECK(apt.urls("bookworm") == Urls{"http://one/debian", "https://two/debian", "http://tabs/debian"});
  CHECK(apt.urls("trixie") == Urls{"http://other/debian"});
}

TEST_CASE("apt's deb822 sources are read with several URIs and suites, comments and Enabled") {
  const EtcApt apt;
  apt.write("sources.list.d/debian.sources",
            "# the main archive\n"
            "Types: deb deb-src\n"
            "URIs: http://one/debian\n"
            "# in the middle of a field: passed over\n"
            " http://two/debian\n"
            "Suites: bookworm bookworm-updates\n"
            "Components: main\n"
            "\n"
            "types: deb\nuris: http://disabled/debian\nsuites: bookworm\nenabled: No\n"
            "\n"
            "Types: deb-src\nURIs: http://source/debian\nSuites: bookworm\n"
            "\n"
            "Types: deb\nURIs: http://three/debian\nSuites: bookworm\nEnabled: yes\n"
            "\n"
            "Types: deb\nURIs: http://no-suites/debian\n");
  CHECK(apt.urls("bookworm") == Urls{"http://one/debian", "http://two/debian", "http://three/debian"});
  CHECK(apt.urls("bookworm-updates") == Urls{"http://one/debian", "http://two/debian"});
}

TEST_CASE("CDs, mirror lists and other transports of apt are passed over") {
  const EtcApt apt;
  apt.write("sources.list",
            "deb cdrom:[Debian GNU/Linux 12 _Bookworm_ - amd64]/ bookworm main\n"
            "deb mirror+file:/etc/apt/mirrors/debian.list bookworm main\n"
            "deb tor+http://onion/debian bookworm main\n"
            "deb file:/srv/debian bookworm main\n");
  CHECK(apt.urls("bookworm") == Urls{"file:///srv/debian"});
}

TEST_CASE("apt's files count in apt's order, and only those that apt reads") {
  const EtcApt apt;
  apt.write("sources.list.d/b.list", "deb http://third/debian bookworm main\n");
  apt.write("sources.list.d/a.sources", "Types: deb\nURIs: http://second/debian\nSuites: bookworm\n");
  apt.write("sources.list.d/c.list.disabled", "deb http://never/debian bookworm main\n");
  apt.write("sources.list", "deb http://first/debian bookworm main\n");
  CHECK(apt.urls("bookworm") == Urls{"http://first/debian", "http://second/debian", "http://third/debian"});
}

TEST_CASE("a machine without apt has no mirrors of apt, and that is no error") {
  Mirrors mirrors;
  mirrors.add_apt_sources("/nonexistent", "debian", "bookworm");
  CHECK_FALSE(mirrors.knows("debian"));
}

TEST_CASE("a source that cannot be read is passed over") {
  const EtcApt apt;
  lifeboat::create_directories(apt.folder.path() / "sources.list.d/folder.list");
  apt.write("sources.list.d/good.list", "deb http://good/debian bookworm main\n");
  CHECK(apt.urls("bookworm") == Urls{"http://good/debian"});
}
