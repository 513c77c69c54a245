#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "builder/base/error.hpp"

namespace lifeboat {

/// Bytes that are not what they should be: a wrong digest, size or signature. Another mirror may have the right ones,
/// so a downloader tries the next; any other Error ends the fetch.
class WrongContent : public Error {
 public:
  using Error::Error;
};

/// Files that are nowhere: each of their URLs answered that there is no such file (HTTP 404 or 410, a missing file).
/// The text is that of the first of them.
class NotThere : public Error {
 public:
  NotThere(const std::string& what, const std::string& hint, std::vector<std::string> names)
      : Error(what, hint), names_(std::move(names)) {}
  /// Download::name of each.
  const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  std::vector<std::string> names_;
};

/// One file to get.
struct Download {
  std::vector<std::string> urls;  ///< tried in order, and in up to three rounds
  std::filesystem::path to;       ///< written here (whole, or an Error); resumed where a part is already there
  std::uint64_t size = 0;         ///< expected bytes; 0: unknown, and then nothing is resumed
  std::uint64_t size_limit = 0;   ///< refuse more than this many bytes; 0: `size`
  std::string name;               ///< for messages: "bash_5.2.15-2_amd64.deb"
  /// Judges the complete file at `to`, and may move it away. Throws WrongContent: the bytes are thrown away and the
  /// next URL is tried. Empty: every complete file is right.
  std::function<void(const std::filesystem::path&)> accept = {};
  std::string hint = {};  ///< of the Error when no URL has it; empty: a general one
};

/// The seam between the builder and the network: the one interface that tests replace.
class Downloader {
 public:
  virtual ~Downloader() = default;
  /// Gets all of them, several at a time. `done` is called with the bytes received so far by all. Throws Error naming
  /// the file, each URL tried and its reason, when one cannot be had: NotThere after all others have been got, any
  /// other at once; Interrupted on Ctrl-C.
  virtual void fetch(std::span<const Download> downloads, const std::function<void(std::uint64_t)>& done) = 0;
};

/// How long the downloader waits for what.
struct Patience {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds stalled{30'000};  ///< so long below 100 bytes a second: the transfer is given up
  int rounds = 3;                             ///< how often each URL is tried
  std::chrono::milliseconds back_off{500};    ///< after the first round in which every URL failed; doubled each time
};

/// libcurl multi: up to eight at a time, resumed, retried with back-off; http, https and file URLs only. A URL that
/// answers with 404 or with wrong bytes is not asked again; what may pass (a stall, a reset, HTTP 500) is tried again
/// in the next round. A machine that could not be reached is asked last from then on.
std::unique_ptr<Downloader> make_curl_downloader(const Patience& patience = {});

}  // namespace lifeboat
