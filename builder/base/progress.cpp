#include "builder/base/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t name_width = 14;
constexpr std::size_t result_width = 56;

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%6.1f s", seconds);
  return text;
}

}  // namespace

Progress::Progress(bool quiet) : terminal_(::isatty(2) == 1), quiet_(quiet) {}

void Progress::line(std::string_view text) {
  if (quiet_) return;
  // One write per line, so that lines of several threads never mix.
  std::string whole = (terminal_ ? "\r\x1b[K" : "") + std::string(text) + "\n";
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

void Progress::note(std::string_view text) { line("  " + std::string(text)); }

Progress::Step::Step(Progress& progress, std::string name)
    : progress_(progress), name_(std::move(name)), started_(std::chrono::steady_clock::now()) {
  if (progress_.terminal_ && !progress_.quiet_) std::fprintf(stderr, "\r\x1b[K  %s ...", name_.c_str());
}

Progress::Step::~Step() {
  if (!finished_ && std::uncaught_exceptions() > 0) progress_.line("  " + padded(name_, name_width) + "failed");
}

double Progress::Step::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

void Progress::Step::update(std::uint64_t done, std::uint64_t total) {
  if (!progress_.terminal_ || progress_.quiet_) return;
  std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  constexpr std::uint64_t width = 24;
  const std::uint64_t filled = total == 0 ? 0 : std::min(width, done * width / total);
  const double rate = static_cast<double>(done) / std::max(seconds(), 0.001);
  std::fprintf(stderr, "\r\x1b[K  %s[%s%s] %s of %s, %s/s", padded(name_, name_width).c_str(),
               std::string(filled, '#').c_str(), std::string(width - filled, '.').c_str(), format_size(done).c_str(),
               format_size(total).c_str(), format_size(static_cast<std::uint64_t>(rate)).c_str());
}

void Progress::Step::done(std::string_view result) {
  finished_ = true;
  progress_.line("  " + padded(name_, name_width) + padded(result, result_width) + seconds_text(seconds()));
}

}  // namespace lifeboat
