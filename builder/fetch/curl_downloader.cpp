#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/fetch/downloader.hpp"
#include "builder/fetch/transfer.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t most_at_a_time = 8;
constexpr std::chrono::milliseconds longest_wait{100};  // Ctrl-C and tries that fall due are looked at this often

struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
using MultiHandle = std::unique_ptr<CURLM, FreeMulti>;

void check(CURLMcode code) {
  if (code != CURLM_OK) throw Error(std::string("libcurl: ") + curl_multi_strerror(code));
}

/// One call of fetch(): the transfers that wait, those that run, those that are done.
class Session {
 public:
  Session(CURLM* multi, std::span<const Download> downloads, const Patience& patience) : multi_(multi) {
    for (const Download& download : downloads) waiting_.push_back(&transfers_.emplace_back(download, patience, dead_));
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    for (const auto& [handle, transfer] : running_) curl_multi_remove_handle(multi_, handle);
  }

  void run(const std::function<void(std::uint64_t)>& done) {
    while (!waiting_.empty() || !running_.empty()) {
      throw_if_interrupted();
      start_due();
      int count = 0;
      check(curl_multi_perform(multi_, &count));
      take_messages();
      end_stalled();
      if (done) done(received());
      check(curl_multi_poll(multi_, nullptr, 0, time_to_wait(), nullptr));
    }
    if (not_there_) throw NotThere(*not_there_);
  }

 private:
  void start_due() {
    const auto now = Transfer::Clock::now();
    for (auto at = waiting_.begin(); at != waiting_.end() && running_.size() < most_at_a_time;) {
      Transfer* transfer = *at;
      if (transfer->due() > now) {
        ++at;
        continue;
      }
      at = waiting_.erase(at);
      if (!transfer->finish_without_network()) start(transfer);
    }
  }

  void start(Transfer* transfer) {
    CURL* handle = transfer->start();
    check(curl_multi_add_handle(multi_, handle));
    running_.emplace(handle, transfer);
  }

  void take_messages() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      end(message->easy_handle, message->data.result);
    }
  }

  void end_stalled() {
    const auto now = Transfer::Clock::now();
    std::vector<CURL*> stalled;
    for (const auto& [handle, transfer] : running_)
      if (transfer->stalled(now)) stalled.push_back(handle);
    for (CURL* handle : stalled) end(handle, CURLE_OPERATION_TIMEDOUT);
  }

  void end(CURL* handle, CURLcode result) {
    Transfer* transfer = running_.at(handle);
    running_.erase(handle);
    curl_multi_remove_handle(multi_, handle);
    try {
      if (!transfer->finish(result)) waiting_.push_front(transfer);
    } catch (const NotThere& error) {
      note_not_there(error);
    }
  }

  /// The others are still wanted: the caller may do without this one, and asks once for all that are missing.
  void note_not_there(const NotThere& error) {
    std::vector<std::string> names = not_there_ ? not_there_->names() : std::vector<std::string>{};
    names.insert(names.end(), error.names().begin(), error.names().end());
    const NotThere& first = not_there_ ? *not_there_ : error;
    not_there_ = NotThere(first.what(), first.hint(), std::move(names));
  }

  /// Milliseconds: none when a transfer can be started or all are done.
  int time_to_wait() const {
    auto wait = longest_wait;
    if (waiting_.empty() && running_.empty()) return 0;
    const auto now = Transfer::Clock::now();
    if (running_.size() < most_at_a_time)
      for (const Transfer* transfer : waiting_)
        wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(transfer->due() - now));
    return static_cast<int>(std::max(wait, std::chrono::milliseconds(0)).count());
  }

  std::uint64_t received() const {
    std::uint64_t sum = 0;
    for (const Transfer& transfer : transfers_) sum += transfer.received();
    return sum;
  }

  CURLM* multi_;
  DeadOrigins dead_;
  std::list<Transfer> transfers_;
  std::list<Transfer*> waiting_;
  std::map<CURL*, Transfer*> running_;
  std::optional<NotThere> not_there_;
};

class CurlDownloader : public Downloader {
 public:
  explicit CurlDownloader(const Patience& patience) : patience_(patience) {
    static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (global != CURLE_OK) throw Error(std::string("setting up libcurl: ") + curl_easy_strerror(global));
    multi_.reset(curl_multi_init());
    if (!multi_) throw Error("setting up libcurl: out of memory");
  }

  void fetch(std::span<const Download> downloads, const std::function<void(std::uint64_t)>& done) override {
    Session(multi_.get(), downloads, patience_).run(done);
  }

 private:
  Patience patience_;
  MultiHandle multi_;  // keeps connections open from one fetch to the next
};

}  // namespace

std::unique_ptr<Downloader> make_curl_downloader(const Patience& patience) {
  return std::make_unique<CurlDownloader>(patience);
}

}  // namespace lifeboat
