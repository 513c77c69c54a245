// Debian's real archive through the mirrors of this machine's apt: the one test that leaves the machine.
#include <ctime>

#include "builder/base/file.hpp"
#include "builder/fetch/deb_repository.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;

TEST_CASE("Debian 12's index comes verified from the mirrors that apt uses here") {
  const TempDir folder("/tmp", "lb-network");
  Mirrors mirrors;
  mirrors.add_apt_sources("/etc/apt", "debian", "bookworm");
  Cache cache(folder.path() / "cache");
  const auto downloader = make_curl_downloader();
  // The archive's automatic signing key for Debian 12, and the release key.
  const DebRepository repository{
      "bookworm",
      "debian",
      "bookworm",
      {"main"},
      "amd64",
      "/usr/share/keyrings/debian-archive-keyring.gpg",
      {"B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8", "4D64FEC119C2029067D6E791F8D2585B8783D481"}};
  const DebRepositoryContent content =
      fetch_deb_repository(repository, mirrors, cache, *downloader, false, std::time(nullptr));
  CHECK(content.release.codename == "bookworm");
  CHECK(content.release.origin == "Debian");
  REQUIRE(content.indexes.size() == 1);
  CHECK(content.indexes[0].text.find("\nPackage: openssh-server\n") != std::string::npos);
  CHECK(fetch_deb_repository(repository, mirrors, cache, *downloader, true, std::time(nullptr)).indexes[0].text ==
        content.indexes[0].text);
}
