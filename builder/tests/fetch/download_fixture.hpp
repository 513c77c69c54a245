#pragma once
#include <cstdlib>
#include <string>
#include <vector>

#include "builder/base/digest.hpp"
#include "builder/base/file.hpp"
#include "builder/fetch/downloader.hpp"
#include "builder/tests/fetch/http_server.hpp"

namespace lifeboat::testing {

/// Short for a test, but longer than a busy machine pauses.
inline const Patience impatient{.connect = std::chrono::milliseconds(2000),
                                .stalled = std::chrono::milliseconds(1000),
                                .rounds = 3,
                                .back_off = std::chrono::milliseconds(20)};

/// 300,000 bytes of which no two blocks are alike.
inline std::string test_bytes() {
  std::string bytes;
  for (std::uint32_t i = 0; bytes.size() < 300'000; ++i) bytes += sha256_of(std::to_string(i));
  bytes.resize(300'000);
  return bytes;
}

/// Two mirrors that serve the same folder with "/a.deb" in it, and a place to download to.
struct DownloadFixture {
  TempDir folder{"/tmp", "lb-download"};
  std::string bytes = test_bytes();
  HttpServer first{folder.path() / "served"}, second{folder.path() / "served"};
  std::filesystem::path to = folder.path() / "got";

  DownloadFixture() {
    ::setenv("no_proxy", "127.0.0.1", 1);
    lifeboat::create_directories(folder.path() / "served");
    replace_file(folder.path() / "served/a.deb", bytes);
  }

  /// What a package download is: its size is known, and its digest is checked.
  Download package(const std::vector<std::string>& urls) const {
    Download download;
    download.urls = urls;
    download.to = to;
    download.size = bytes.size();
    download.name = "a.deb";
    download.accept = [digest = sha256_of(bytes)](const std::filesystem::path& file) {
      if (sha256_of_file(file) != digest) throw WrongContent("wrong digest");
    };
    return download;
  }
  Download from_first() const { return package({first.url() + "/a.deb"}); }
  Download from_both() const { return package({first.url() + "/a.deb", second.url() + "/a.deb"}); }

  static void fetch(const Download& download) { make_curl_downloader(impatient)->fetch({&download, 1}, {}); }
  std::string got() const { return read_file(to); }
};

/// The error when no URL has the file.
inline std::string nobody_has(const std::vector<std::string>& lines, const std::string& why = "no mirror has it") {
  std::string text = "fetching a.deb: " + why + ":";
  for (const std::string& line : lines) text += "\n  " + line;
  return text + "\nhint: check the network";
}

}  // namespace lifeboat::testing
