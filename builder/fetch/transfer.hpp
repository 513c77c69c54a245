#pragma once
#include <curl/curl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/fd.hpp"
#include "builder/fetch/downloader.hpp"

namespace lifeboat {

/// Machines that could not be reached in this run; they are asked last.
using DeadOrigins = std::set<std::string>;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, FreeHandle>;

/// One Download on its way: which URL is tried next, what came so far, why each URL failed. The caller moves the bytes
/// (curl multi); one try is start(), then finish() with curl's result.
class Transfer {
 public:
  using Clock = std::chrono::steady_clock;

  Transfer(const Download& download, const Patience& patience, DeadOrigins& dead);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  /// When the next try is due.
  Clock::time_point due() const noexcept { return due_; }
  /// A part of an earlier run that is complete: judged without asking the network. False: start() is needed.
  bool finish_without_network();
  /// Prepares the next try. The handle is good until finish().
  CURL* start();
  /// Judges the try. True: the file is there. False: another try is due. Throws when there is none: NotThere when every
  /// URL answered that it has no such file.
  bool finish(CURLcode result);
  /// The running try has brought next to nothing for as long as Patience allows.
  bool stalled(Clock::time_point now);
  /// Bytes of the file that are there.
  std::uint64_t received() const noexcept { return position_; }

 private:
  struct Source {
    std::string url;
    std::string reason;      ///< why the last try failed
    bool dropped = false;    ///< it will not do better next time
    bool not_there = false;  ///< because it has no such file
  };

  static std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* self) noexcept;
  void receive(std::string_view bytes);
  void begin_body();
  bool is_complete() const noexcept { return download_.size == 0 || position_ == download_.size; }
  bool accepted();
  void judge_failure();
  void judge_error(CURLcode result);
  void refused(const WrongContent& error, bool drop);
  void failed(std::string reason, bool drop);
  void open_part();
  void discard_part();
  void begin_round();
  void set_options();
  [[noreturn]] void give_up() const;
  std::uint64_t limit() const noexcept { return download_.size_limit != 0 ? download_.size_limit : download_.size; }
  Source& source() { return sources_[current_]; }

  const Download& download_;
  const Patience& patience_;
  DeadOrigins& dead_;
  std::vector<Source> sources_;
  std::deque<std::size_t> queue_;  ///< sources still to be tried in this round
  std::size_t current_ = 0;
  int round_ = 0;
  Clock::time_point due_{};

  EasyHandle handle_;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  Fd file_;
  std::uint64_t position_ = 0;        ///< end of the bytes that are there
  std::uint64_t resumed_at_ = 0;      ///< where this try began; more than 0: the bytes before come from another try
  Clock::time_point window_begin_{};  ///< of the time in which the try has to bring something
  std::uint64_t window_bytes_ = 0;    ///< what it brought since
  bool body_begun_ = false;
  std::exception_ptr failure_;  ///< what receive() threw; it may not pass through curl
  bool content_refused_ = false;
  std::string content_hint_;  ///< of the last WrongContent
};

}  // namespace lifeboat
