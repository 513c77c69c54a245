#include "builder/fetch/transfer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "builder/base/error.hpp"
#include "builder/fetch/try_fault.hpp"
#include "builder/fetch/url.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t slowest_rate = 100;  // bytes a second

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
  if (const CURLcode code = curl_easy_setopt(handle, option, value); code != CURLE_OK)
    throw Error(std::string("setting up libcurl: ") + curl_easy_strerror(code));
}

std::string bytes_fault(std::uint64_t got, std::uint64_t expected) {
  return "expected " + std::to_string(expected) + " bytes, got " + std::to_string(got);
}

std::string indented(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

}  // namespace

Transfer::Transfer(const Download& download, const Patience& patience, DeadOrigins& dead)
    : download_(download), patience_(patience), dead_(dead) {
  for (const std::string& url : download.urls) sources_.push_back({.url = url, .reason = {}});
  if (sources_.empty()) throw Error("fetching " + download.name + ": no mirror is known for it", download.hint);
}

/// An empty part is nothing to go on with.
Transfer::~Transfer() {
  std::error_code ignored;
  if (file_ && position_ == 0) fs::remove(download_.to, ignored);
}

bool Transfer::finish_without_network() {
  std::error_code ignored;
  if (download_.size == 0 || fs::file_size(download_.to, ignored) != download_.size || ignored) return false;
  position_ = download_.size;
  try {
    if (download_.accept) download_.accept(download_.to);
    return true;
  } catch (const WrongContent&) {
    discard_part();
    return false;
  }
}

CURL* Transfer::start() {
  if (queue_.empty()) begin_round();
  current_ = queue_.front();
  queue_.pop_front();
  open_part();
  handle_.reset(curl_easy_init());
  if (!handle_) throw Error("setting up libcurl: out of memory");
  set_options();
  return handle_.get();
}

/// Every source that may still do better, machines that were down last.
void Transfer::begin_round() {
  ++round_;
  for (std::size_t i = 0; i < sources_.size(); ++i)
    if (!sources_[i].dropped) queue_.push_back(i);
  std::stable_partition(queue_.begin(), queue_.end(),
                        [&](std::size_t i) { return !dead_.contains(url_origin(sources_[i].url)); });
}

/// Opens the file to go on where the last try stopped; a file whose size is not known begins anew.
void Transfer::open_part() {
  file_ = open_file(download_.to, O_RDWR | O_CREAT);
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) throw system_error("reading " + download_.to.string(), errno);
  position_ = static_cast<std::uint64_t>(status.st_size);
  if (position_ >= download_.size) discard_part();
  resumed_at_ = position_;
}

void Transfer::set_options() {
  CURL* handle = handle_.get();
  body_begun_ = false;
  window_begin_ = Clock::now();
  window_bytes_ = 0;
  failure_ = nullptr;
  error_text_[0] = '\0';
  set(handle, CURLOPT_URL, source().url.c_str());
  set(handle, CURLOPT_USERAGENT, "lifeboat/0.1");
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https,file");
  set(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 1L);
  set(handle, CURLOPT_MAXREDIRS, 5L);
  set(handle, CURLOPT_FAILONERROR, 1L);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience_.connect.count()));
  set(handle, CURLOPT_ERRORBUFFER, error_text_.data());
  set(handle, CURLOPT_PRIVATE, this);
  set(handle, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(handle, CURLOPT_WRITEDATA, this);
  // A range, not CURLOPT_RESUME_FROM: with that, curl fails where a server knows no ranges and sends the whole file.
  if (resumed_at_ > 0) set(handle, CURLOPT_RANGE, (std::to_string(resumed_at_) + "-").c_str());
}

std::size_t Transfer::on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
  auto* transfer = static_cast<Transfer*>(self);
  try {
    transfer->receive({bytes, count});
    return count;
  } catch (...) {
    transfer->failure_ = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
}

void Transfer::receive(std::string_view bytes) {
  if (!body_begun_) begin_body();
  if (bytes.size() > limit() - std::min(position_, limit()))
    throw WrongContent("larger than the " + std::to_string(limit()) + " bytes expected");
  write_all_at(file_, bytes, position_, download_.to.string());
  position_ += bytes.size();
  window_bytes_ += bytes.size();
}

/// Counted here and not by curl (CURLOPT_LOW_SPEED_TIME), which adds five seconds of its own and counts whole ones.
bool Transfer::stalled(Clock::time_point now) {
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - window_begin_);
  if (passed < patience_.stalled) return false;
  if (window_bytes_ * 1000 < slowest_rate * static_cast<std::uint64_t>(passed.count())) return true;
  window_begin_ = now;
  window_bytes_ = 0;
  return false;
}

/// Before the first byte is written: what will come is judged by its announced length, so that a login page never
/// touches the part that is there.
void Transfer::begin_body() {
  long status = 0;
  curl_off_t announced = -1;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  const bool whole = status != 0 && status != 206;  // 0: a file URL, which knows ranges
  if (whole && status != 200) throw WrongContent("HTTP " + std::to_string(status));
  const std::uint64_t begin = whole ? 0 : resumed_at_;
  if (announced >= 0 && download_.size != 0 && begin + static_cast<std::uint64_t>(announced) != download_.size)
    throw WrongContent(bytes_fault(begin + static_cast<std::uint64_t>(announced), download_.size));
  if (whole && resumed_at_ > 0) discard_part();
  body_begun_ = true;
}

bool Transfer::finish(CURLcode result) {
  file_.reset();
  if (failure_)
    judge_failure();
  else if (result != CURLE_OK)
    judge_error(result);
  else if (!is_complete())
    refused(WrongContent(bytes_fault(position_, download_.size)), true);
  else if (accepted())
    return true;
  if (queue_.empty()) {
    const bool hopeless = std::all_of(sources_.begin(), sources_.end(), [](const Source& one) { return one.dropped; });
    if (hopeless || round_ >= patience_.rounds) give_up();
    due_ = Clock::now() + patience_.back_off * (1 << (round_ - 1));
  }
  return false;
}

bool Transfer::accepted() {
  dead_.erase(url_origin(source().url));
  try {
    if (download_.accept) download_.accept(download_.to);
    return true;
  } catch (const WrongContent& error) {
    const bool mixed = resumed_at_ > 0;  // the wrong bytes may be those of an earlier try: the same URL once more
    refused(error, !mixed);
    if (mixed) queue_.push_front(current_);
    return false;
  }
}

void Transfer::judge_failure() {
  try {
    std::rethrow_exception(failure_);
  } catch (const WrongContent& error) {
    if (!body_begun_) {  // nothing was written: the part of an earlier try stays
      content_refused_ = true;
      failed(error.what(), true);
    } else {
      refused(error, true);
    }
  }
}

void Transfer::judge_error(CURLcode result) {
  const TryFault fault = explain(handle_.get(), result, error_text_.data(), patience_);
  if (fault.unreachable) dead_.insert(url_origin(source().url));
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 416) discard_part();  // the server's file ends before our part does
  source().not_there = fault.not_there;
  failed(fault.reason, fault.lasting);
}

void Transfer::refused(const WrongContent& error, bool drop) {
  content_refused_ = true;
  if (!error.hint().empty()) content_hint_ = error.hint();
  discard_part();
  failed(error.what(), drop);
}

void Transfer::failed(std::string reason, bool drop) {
  source().reason = std::move(reason);
  source().dropped = source().dropped || drop;
  if (position_ == 0) discard_part();
}

void Transfer::discard_part() {
  position_ = 0;
  resumed_at_ = 0;
  if (file_) {
    if (::ftruncate(file_.get(), 0) != 0) throw system_error("emptying " + download_.to.string(), errno);
    return;
  }
  std::error_code ignored;
  fs::remove(download_.to, ignored);
}

void Transfer::give_up() const {
  std::string text =
      "fetching " + download_.name + (content_refused_ ? ": no mirror has a good copy:" : ": no mirror has it:");
  for (const Source& each : sources_)
    text += "\n  " + url_without_secret(each.url) + ": " + (each.reason.empty() ? "not tried" : indented(each.reason));
  std::string hint = content_hint_.empty() ? download_.hint : content_hint_;
  if (hint.empty()) hint = "check the network";
  if (std::all_of(sources_.begin(), sources_.end(), [](const Source& one) { return one.not_there; }))
    throw NotThere(text, hint, {download_.name});
  throw Error(text, hint);
}

}  // namespace lifeboat
