#include "builder/fetch/try_fault.hpp"

#include <cstring>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

TryFault http_fault(CURL* handle) {
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  const bool may_pass = status >= 500 || status == 408 || status == 416 || status == 425 || status == 429;
  return {"HTTP " + std::to_string(status), !may_pass, false, status == 404 || status == 410};
}

/// errno's words where the system said why, else curl's.
std::string system_reason(CURL* handle, CURLcode result) {
  long number = 0;
  curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
  const char* words = number == 0 ? nullptr : ::strerrordesc_np(static_cast<int>(number));
  return words == nullptr ? curl_easy_strerror(result) : words;
}

/// "30 s", "0.3 s"
std::string seconds_text(std::chrono::milliseconds time) {
  const std::string text = std::to_string(time.count() / 1000);
  return time.count() % 1000 == 0 ? text + " s" : text + "." + std::to_string(time.count() % 1000 / 100) + " s";
}

TryFault timeout_fault(CURL* handle, const Patience& patience) {
  curl_off_t connected = 0;
  curl_easy_getinfo(handle, CURLINFO_CONNECT_TIME_T, &connected);
  if (connected == 0) return {"no connection within " + seconds_text(patience.connect), false, true};
  return {"stalled: next to nothing came for " + seconds_text(patience.stalled)};
}

}  // namespace

TryFault explain(CURL* handle, CURLcode result, const char* error_text, const Patience& patience) {
  switch (result) {
    case CURLE_HTTP_RETURNED_ERROR:
      return http_fault(handle);
    case CURLE_COULDNT_RESOLVE_HOST:
      return {"the host's name is not known", false, true};
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {"the proxy's name is not known", false, true};
    case CURLE_COULDNT_CONNECT:
      return {system_reason(handle, result), false, true};
    case CURLE_OPERATION_TIMEDOUT:
      return timeout_fault(handle, patience);
    case CURLE_PARTIAL_FILE:
      return {"the connection ended before the file did"};
    case CURLE_GOT_NOTHING:
      return {"the connection ended without an answer"};
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return {system_reason(handle, result)};
    case CURLE_FILE_COULDNT_READ_FILE:
      return {"there is no such file", true, false, true};
    case CURLE_TOO_MANY_REDIRECTS:
      return {"more than 5 redirects", true};
    case CURLE_FILESIZE_EXCEEDED:
      return {"larger than expected", true};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
      return {*error_text == '\0' ? curl_easy_strerror(result) : printable(error_text), true};
    default:
      return {curl_easy_strerror(result)};
  }
}

}  // namespace lifeboat
