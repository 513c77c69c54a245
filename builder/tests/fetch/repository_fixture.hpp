#pragma once
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "builder/fetch/deb_repository.hpp"
#include "builder/tests/fetch/download_fixture.hpp"
#include "builder/tests/fetch/signed_repository.hpp"

namespace lifeboat::testing {

/// A published repository with the packages "hello" and "world", an empty cache, and a real downloader.
struct RepositoryFixture {
  SignedRepository archive;
  TempDir folder{"/tmp", "lb-fetch"};
  Cache cache{folder.path() / "cache"};
  Mirrors mirrors;
  std::unique_ptr<Downloader> downloader = make_curl_downloader(impatient);
  std::int64_t now = std::time(nullptr);
  std::vector<std::string> fingerprints{test_key()};
  std::int64_t not_before = 0;        ///< of the lock
  std::vector<std::string> packages;  ///< paths below the archive

  explicit RepositoryFixture(const Publication& publication = {}) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    for (const char* name : {"hello", "world"})
      packages.push_back(archive.add({.name = name, .files = {{std::string("usr/bin/") + name, name}}}));
    archive.publish(publication);
  }

  DebRepository repository(const std::string& suite = "teststable") const {
    return {"test", "debian", suite, {"main"}, "amd64", archive.keyring(), fingerprints, not_before};
  }
  DebRepositoryContent fetch(bool offline = false) {
    return fetch_deb_repository(repository(), mirrors, cache, *downloader, offline, now);
  }
  /// Everything in the cache but its folders, as paths below it.
  std::vector<std::string> cached() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(cache.folder()))
      if (!entry.is_directory() || entry.path().filename().string().starts_with("."))
        files.push_back(std::filesystem::relative(entry.path(), cache.folder()).string());
    return files;
  }
};

}  // namespace lifeboat::testing
