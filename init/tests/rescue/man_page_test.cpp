// rescue(8) says what the command knows, all of it and nothing else. mandoc judges how it is written.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;

using Strings = std::set<std::string>;

const std::string overlay = LIFEBOAT_SOURCE_DIR "/overlays/common/usr/share/";
const std::string man_page = overlay + "man/man8/rescue.8";

/// What `rescue WORDS` says; the program is chosen by its name.
std::string rescue(std::vector<std::string> words) {
  const TempDir folder(std::filesystem::temp_directory_path(), "rescue-man-page");
  std::filesystem::create_symlink(LIFEBOAT_BINARY_DIR "/bin/lifeboat-init", folder.path() / "rescue");
  words.insert(words.begin(), (folder.path() / "rescue").string());
  return run_checked({.argv = words});
}

Strings commands() {
  Strings names;
  const std::string list = rescue({"help"});
  for (const std::string_view line : split_lines(list))
    if (line.starts_with("       rescue ")) names.insert(std::string(split_words(line)[1]));
  return names;
}

void add_options(std::string_view text, Strings& options) {
  for (std::size_t at = 0; (at = text.find("--", at)) != std::string_view::npos;) {
    const std::size_t end = text.find_first_not_of("-abcdefghijklmnopqrstuvwxyz", at);
    options.insert(std::string(text.substr(at, end - at)));
    at = end == std::string_view::npos ? text.size() : end;
  }
}

/// The options of a usage text: those of its synopsis and those that begin a line, before its explanation.
Strings options_of_usage(const std::string& usage) {
  Strings options;
  for (const std::string_view line : split_lines(usage)) {
    const bool synopsis = line.starts_with("usage:") || line.starts_with("       rescue ");
    if (synopsis) add_options(line, options);
    if (line.starts_with("       --")) add_options(line.substr(7, line.find("   ", 7) - 7), options);
  }
  return options;
}

/// The page's subsections, each with its options: "Fl -write" is "--write".
std::map<std::string, Strings> described() {
  std::map<std::string, Strings> parts;
  std::string name;
  const std::string page = read_file(man_page);
  for (const std::string_view line : split_lines(page)) {
    if (line.starts_with(".Sh ")) name.clear();
    if (line.starts_with(".Ss ")) parts[name = split_words(line)[1]];
    if (!name.empty() && line.starts_with(".It Fl ")) parts[name].insert("-" + std::string(split_words(line)[2]));
  }
  return parts;
}

TEST_CASE("rescue(8) describes every command and no other") {
  Strings names;
  for (const auto& [name, options] : described()) names.insert(name);
  CHECK(names.size() >= 13);
  CHECK(names == commands());
}

TEST_CASE("rescue(8) describes every option of every command, and no other; every command has a usage text") {
  for (const auto& [command, options] : described()) {
    CAPTURE(command);
    const std::string usage = rescue({"help", command});
    CHECK(usage.starts_with("usage: rescue " + command));
    CHECK(options_of_usage(usage) == options);
  }
}

TEST_CASE("usage texts fit a terminal of 90 columns") {
  for (const std::string& command : commands())
    for (const std::string& text = rescue({"help", command}); const std::string_view line : split_lines(text)) {
      CAPTURE(line);
      CHECK(line.size() <= 90);
    }
}

TEST_CASE("the page as text is the man page") {
  const auto rendered =
      run_checked({.argv = {"mandoc", "-T", "ascii", "-I", "os=Lifeboat", "-O", "width=78", man_page}});
  std::string plain;  // without overstruck letters (bold)
  for (const char c : rendered)
    if (c == '\b')
      plain.pop_back();
    else
      plain += c;
  CHECK(read_file(overlay + "doc/lifeboat/rescue.txt") == plain);
}

TEST_CASE("mandoc finds nothing to say about rescue(8)") {
  const std::string said = run({.argv = {"mandoc", "-T", "lint", man_page}}).out;
  for (const std::string_view line : split_lines(said)) {
    CAPTURE(line);
    CHECK(line.find("referenced manual not found") != std::string_view::npos);  // up to the machine
  }
}

}  // namespace
