#include "init/rescue/copy_end.hpp"

#include "init/disk/printable.hpp"
#include "init/rescue/original.hpp"
#include "init/rescue/say.hpp"

namespace lifeboat::init {

int end_copy(std::string_view status, const CopyWish& wish, ResultPairs more, int code) {
  ResultPairs pairs{{"command", "copy"}, {"status", std::string(status)}};
  pairs.emplace_back("source", wish.source);
  pairs.emplace_back("target", wish.target);
  for (auto& pair : more) pairs.push_back(std::move(pair));
  static_cast<void>(say(result_line(pairs)));
  return code;
}

int refuse_copy(const std::string& why, const CopyWish& wish) {
  fail("copy: " + why);
  return end_copy("refused", wish, {}, 1);
}

Result<ProgramEnd> run_on_terminal(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& word : argv) line += " " + printable(word);
  say("+" + line + "\n");
  return run_program({.argv = argv, .limit = Milliseconds(0), .foreground = true});
}

}  // namespace lifeboat::init
