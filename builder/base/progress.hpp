#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace lifeboat {

/// What the builder says while it works: one line per step on standard error, with a bar where that is a terminal.
/// NO_COLOR is honoured (the bar itself uses no colour). Safe to call from several threads.
class Progress {
 public:
  explicit Progress(bool quiet = false);

  /// A plain line: a warning, a fact worth reading.
  void note(std::string_view line);

  /// One step of the build; prints its line when it is done, or how far it came when it is left by an exception.
  class Step {
   public:
    Step(Progress& progress, std::string name);
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step();
    /// Bytes (or things) done of `total`; redraws at most ten times a second.
    void update(std::uint64_t done, std::uint64_t total);
    /// The result in words: "162 packages, 89.1 MiB". The step's line is printed with its duration.
    void done(std::string_view result);
    double seconds() const;

   private:
    Progress& progress_;
    std::string name_;
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point drawn_;
    bool finished_ = false;
    std::mutex mutex_;
  };

 private:
  friend class Step;
  void line(std::string_view text);
  bool terminal_;
  bool quiet_;
};

}  // namespace lifeboat
