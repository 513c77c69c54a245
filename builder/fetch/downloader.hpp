#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "builder/base/digest.hpp"

namespace lifeboat {

/// One file to get.
struct Download {
  std::vector<std::string> urls;   ///< tried in order; each with retries and back-off
  std::filesystem::path to;        ///< written here (whole, or an Error); resumed where a part is already there
  std::uint64_t size = 0;          ///< expected bytes; 0: unknown
  std::uint64_t size_limit = 0;    ///< refuse more than this many bytes; 0: `size`
  std::string name;                ///< for messages: "bash_5.2.15-2_amd64.deb"
};

/// The seam between the builder and the network: the one interface that tests replace.
class Downloader {
 public:
  virtual ~Downloader() = default;
  /// Gets all of them, several at a time. `done` is called with the bytes received so far by all. Throws Error naming the
  /// file, each URL tried and its reason, when one cannot be had; Interrupted on Ctrl-C.
  virtual void fetch(std::span<const Download> downloads, const std::function<void(std::uint64_t)>& done) = 0;
};

/// libcurl multi: parallel, resumed, retried with back-off; http, https and file URLs only.
std::unique_ptr<Downloader> make_curl_downloader();

}  // namespace lifeboat
