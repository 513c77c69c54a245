#include "builder/fetch/url.hpp"

#include "testing/catch.hpp"

using namespace lifeboat;

TEST_CASE("only http, https and absolute file URLs are a mirror's") {
  for (const char* url : {"http://a", "https://a:8080/debian", "file:/srv/mirror", "file:///srv/mirror"})
    CHECK(is_mirror_url(url));
  for (const char* url : {"", "ftp://a/debian", "cdrom:[Debian]/", "mirror+file:/etc/apt/mirrors", "http://",
                          "http:///a", "file:srv", "http://a b", "http://a\nb", "a"})
    CHECK_FALSE(is_mirror_url(url));
}

TEST_CASE("a mirror has one spelling") {
  CHECK(normal_mirror_url("http://a/debian/") == "http://a/debian");
  CHECK(normal_mirror_url("file:/srv//") == "file:///srv");
  CHECK(normal_mirror_url("file:///srv") == "file:///srv");
}

TEST_CASE("what a server could read in another way is escaped in a path") {
  CHECK(url_below("http://a", "pool/main/g/g++_12~1.deb") == "http://a/pool/main/g/g%2B%2B_12%7E1.deb");
  CHECK(url_below("http://a", "a b%?#") == "http://a/a%20b%25%3F%23");
}

TEST_CASE("a password in a URL is never shown") {
  CHECK(url_without_secret("http://user:secret@host/a@b") == "http://user:***@host/a@b");
  CHECK(url_without_secret("http://user:se@cret@host:80/a") == "http://user:***@host:80/a");
  CHECK(url_without_secret("http://host:80/a:b@c") == "http://host:80/a:b@c");
  CHECK(url_without_secret("http://user@host/a") == "http://user@host/a");
  CHECK(url_without_secret("not a url") == "not a url");
}

TEST_CASE("an origin is scheme, host and port") {
  CHECK(url_origin("http://host:80/a/b") == "http://host:80");
  CHECK(url_origin("https://host") == "https://host");
}
