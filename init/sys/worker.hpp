#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "init/sys/clock.hpp"
#include "init/sys/loop.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Work that may hang on a dead disk, crash on foreign bytes or hold a secret: it runs in a forked child, so it costs
/// its own time at most.
struct Work {
  std::string name;                                ///< for messages: "reading /dev/sr0"
  Milliseconds limit;                              ///< then the child is killed and left to the reaper
  std::function<std::string()> run;                ///< in the child; what it returns goes to the parent (at most 4 MiB)
  std::function<void(Result<std::string>)> ended;  ///< in the parent, exactly once: the text, or why there is none
  bool holds_secrets = false;                      ///< in the end the child overwrites all of its memory
  /// Where there is one: in the parent, for each part that the child told before its answer. What it returns is the
  /// limit of what follows.
  std::function<Milliseconds(std::string)> part = {};
};

/// What the Failure of one that was over its limit says behind its name and ": ", before the seconds.
inline constexpr std::string_view no_answer_words = "no answer within ";

/// Starts it beside the loop. Where even that fails, `ended` is called at once.
void start_work(Loop& loop, Work work);

/// In the child of a Work that takes parts: tells its parent what there is so far.
void tell_part(std::string_view text);

}  // namespace lifeboat::init
