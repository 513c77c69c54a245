// What workers and agents leave for PID 1. An answer that was read says the same when it is written and read again.
#include "init/fuzz/input.hpp"
#include "init/source/answer.hpp"

using namespace lifeboat::init;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = parse_answer(fuzz::text_of(data, size));
  if (!answer) return 0;
  const std::string text = to_text(*answer);
  const auto again = parse_answer(text);
  fuzz::require(again && to_text(*again) == text);
  return 0;
}
