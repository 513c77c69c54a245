#pragma once
#include <curl/curl.h>

#include <string>

#include "builder/fetch/downloader.hpp"

namespace lifeboat {

/// Why one try of one URL failed.
struct TryFault {
  std::string reason;        ///< "HTTP 404", "connection refused": completes "URL: ..."
  bool lasting = false;      ///< the same URL will not do better in a second
  bool unreachable = false;  ///< the machine did not answer at all
  bool not_there = false;    ///< the machine answered that it has no such file
};

/// `handle` has just ended with `result`, which is not CURLE_OK; `error_text` is its CURLOPT_ERRORBUFFER.
TryFault explain(CURL* handle, CURLcode result, const char* error_text, const Patience& patience);

}  // namespace lifeboat
