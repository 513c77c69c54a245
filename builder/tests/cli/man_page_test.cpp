// The man pages say what the program knows, all of it and nothing else: commands, arguments and options as --help has
// them, recipe keys as the recipe's own tables have them. mandoc judges how they are written.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/recipe/recipe.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;

using Strings = std::set<std::string>;

const std::string man_folder = LIFEBOAT_SOURCE_DIR "/docs/man/";

std::string help_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), LIFEBOAT_BINARY_DIR "/bin/lifeboat");
  arguments.emplace_back("--help");
  return run_checked({.argv = arguments});
}

/// The lines below "Options:" up to the next blank one, each as its first column: "--output DIR", "build".
Strings column_of_help(const std::string& help, const std::string& title) {
  Strings column;
  bool inside = false;
  for (const std::string_view line : split_lines(help)) {
    if (line == title + ":") {
      inside = true;
    } else if (line.empty()) {
      inside = false;
    } else if (inside && line.starts_with("  ") && line[2] != ' ') {
      std::string entry(line.substr(2, line.find("  ", 2) - 2));
      if (entry.ends_with(" ..."))
        entry.resize(entry.size() - 4);  // CLI11's "may be repeated"; the page says it in words
      column.insert(entry);
    }
  }
  return column;
}

/// What one part of a man page describes: the items of its lists, and what its usage line takes.
struct Part {
  Strings items;
  Strings arguments;
};

/// "Fl -mirror Ar NAME Ns = Ns Ar URL" -> "--mirror NAME=URL": the macros of items, and no others.
std::string plain_item(std::string_view macros) {
  std::string text;
  bool glued = true;
  for (const std::string_view word : split_words(macros)) {
    if (word == "Ar" || word == "Ic") continue;
    if (word == "Ns") {
      glued = true;
      continue;
    }
    if (!text.empty() && !glued) text += ' ';
    glued = word == "Fl";
    text += word == "Fl" ? "-" : word;
  }
  return text;
}

/// The words that follow "Ar" on a usage line, but for OPTIONS.
Strings arguments_of_usage(std::string_view line) {
  Strings arguments;
  const auto words = split_words(line);
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "Ar" && words[i + 1] != "OPTIONS") arguments.insert(std::string(words[i + 1]));
  return arguments;
}

/// The page's subsections ("Ss NAME"), each with what it describes.
std::map<std::string, Part> parts_of_page(const std::string& page) {
  std::map<std::string, Part> parts;
  std::string name;
  const std::string text = read_file(man_folder + page);
  for (const std::string_view line : split_lines(text)) {
    if (line.starts_with(".Sh ")) name.clear();
    if (line.starts_with(".Ss ")) name = line.substr(4);
    if (line.starts_with(".Ss ")) parts[name];
    if (name.empty()) continue;
    if (line.starts_with(".It ")) parts[name].items.insert(plain_item(line.substr(4)));
    if (line.starts_with(".D1 ")) parts[name].arguments = arguments_of_usage(line);
  }
  return parts;
}

template <class Map>
Strings keys_of(const Map& map) {
  Strings keys;
  for (const auto& [key, value] : map) keys.insert(key);
  return keys;
}

/// "kernel.package required" of "Table kernel" and "package Pq required".
Strings keys_of_recipe_page() {
  Strings keys;
  for (const auto& [name, part] : parts_of_page("lifeboat-recipe.5")) {
    const std::string prefix = name.starts_with("Table ") ? name.substr(6) + "." : "";
    for (const std::string& item : part.items) {
      const bool required = item.ends_with(" Pq required");
      keys.insert(prefix + (required ? item.substr(0, item.size() - 12) + " required" : item));
    }
  }
  return keys;
}

Strings minus(const Strings& these, const Strings& others) {
  Strings left;
  std::set_difference(these.begin(), these.end(), others.begin(), others.end(), std::inserter(left, left.end()));
  return left;
}

}  // namespace

TEST_CASE("lifeboat(1) describes every command and no other") {
  const Strings help = column_of_help(help_of({}), "Commands");
  CHECK(help.size() >= 3);
  CHECK(keys_of(parts_of_page("lifeboat.1")) == help);
}

TEST_CASE("lifeboat(1) describes every option of every command with its value, and no other") {
  for (const auto& [command, part] : parts_of_page("lifeboat.1")) {
    const Strings help = minus(column_of_help(help_of({command}), "Options"), {"-h,--help"});
    CAPTURE(command);
    CHECK(minus(help, part.items) == Strings{});
    CHECK(minus(part.items, help) == Strings{});
  }
}

TEST_CASE("lifeboat(1) shows what every command takes") {
  for (const auto& [command, part] : parts_of_page("lifeboat.1")) {
    CAPTURE(command);
    CHECK(part.arguments == column_of_help(help_of({command}), "Arguments"));
  }
}

TEST_CASE("lifeboat(1) describes the options that stand before a command") {
  CHECK(column_of_help(help_of({}), "Options") == Strings{"-h,--help", "--version"});
  const std::string page = read_file(man_folder + "lifeboat.1");
  CHECK(page.find("\n.It Fl h , Fl -help\n") != std::string::npos);
  CHECK(page.find("\n.It Fl -version\n") != std::string::npos);
}

TEST_CASE("lifeboat-recipe(5) describes every key, says whether it is required, and names no other") {
  Strings known;
  for (const RecipeKey& key : recipe_keys()) known.insert(key.name + (key.required ? " required" : ""));
  const Strings described = keys_of_recipe_page();
  CHECK(minus(known, described) == Strings{});
  CHECK(minus(described, known) == Strings{});
}

TEST_CASE("the recipes that lifeboat-recipe(5) shows are good ones") {
  const std::string page = read_file(man_folder + "lifeboat-recipe.5");
  const TempDir folder(std::filesystem::temp_directory_path(), "man-page-test");
  std::filesystem::create_directory_symlink(LIFEBOAT_SOURCE_DIR "/recipes/sets", folder.path() / "sets");
  std::filesystem::create_symlink(LIFEBOAT_SOURCE_DIR "/recipes/debian-12.toml", folder.path() / "debian-12.toml");
  int shown = 0;
  for (std::size_t at = 0; (at = page.find("\n.Bd -literal -offset indent\n", at)) != std::string::npos; ++shown) {
    at = page.find('\n', at + 1) + 1;
    replace_file(folder.path() / "recipe.toml", page.substr(at, page.find("\n.Ed\n", at) + 1 - at));
    CHECK_NOTHROW(read_recipe(folder.path() / "recipe.toml"));
  }
  CHECK(shown == 2);
}

TEST_CASE("mandoc finds nothing to say about the man pages") {
  for (const char* page : {"lifeboat.1", "lifeboat-recipe.5"}) {
    const std::string said = run({.argv = {"mandoc", "-T", "lint", man_folder + page}}).out;
    for (const std::string_view line : split_lines(said)) {
      CAPTURE(line);
      // Whether the pages that they refer to are installed is up to the machine.
      CHECK(line.find("referenced manual not found") != std::string_view::npos);
    }
  }
}
