#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "builder/fetch/deb_repository.hpp"
#include "builder/tests/fetch/download_fixture.hpp"

namespace lifeboat::testing {

/// A folder with `count` files of their own bytes below pool/, and a server of it.
struct PackagePool {
  TempDir folder{"/tmp", "lb-pool"};
  std::vector<WantedFile> wanted;
  HttpServer server{folder.path() / "served"};
  Mirrors mirrors;

  explicit PackagePool(int count) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    lifeboat::create_directories(folder.path() / "served/pool");
    for (int i = 0; i < count; ++i) {
      const std::string name = "p" + std::to_string(i) + "_1+2~3_all.deb";
      const std::string bytes = std::to_string(i) + std::string(20'000, 'x');
      replace_file(folder.path() / "served/pool" / name, bytes);
      wanted.push_back(
          {.mirror = "debian", .path = "pool/" + name, .sha256 = sha256_of(bytes), .size = bytes.size(), .name = name});
    }
    mirrors.add("debian", server.url());
  }
  std::string path(std::size_t i) const { return "/" + wanted[i].path; }
  void fetch(Cache& cache, bool offline = false) const {
    Progress progress(true);
    Progress::Step step(progress, "fetch");
    const auto downloader = make_curl_downloader(impatient);
    fetch_files(wanted, mirrors, cache, *downloader, offline, step);
    step.done("");
  }
  bool whole(const Cache& cache) const {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](const WantedFile& file) { return cache.has_intact(file.sha256, file.size); });
  }
};

}  // namespace lifeboat::testing
