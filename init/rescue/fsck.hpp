#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/rescue/writable_meanwhile.hpp"

namespace lifeboat::init {

/// What a check or repair of a file system came to. In this order the worse one is later.
enum class FsckEnd { clean, repaired, errors, failed };
std::string_view to_text(FsckEnd end);

struct FsckVerdict {
  FsckEnd end = FsckEnd::failed;
  std::string text;       ///< what it means and what to do
  bool more_yes = false;  ///< what is left can be repaired by answering yes to everything
};

/// How a kind of file system is checked and repaired. A row in a table.
struct FsckKind {
  std::string_view type;  ///< libblkid's name
  std::string_view tool;  ///< "e2fsck"; empty: nothing to check
  std::string_view dry;   ///< its options for a check that writes nothing
  std::string_view safe;  ///< those for what it repairs without asking; empty: it is not repaired from here
  std::string_view all;   ///< those that answer yes to everything; empty: there are none
  /// What an exit status means; `repairing` after a run that could write.
  FsckVerdict (*judge)(int status, bool repairing);
  std::string_view words;  ///< where nothing is checked or repaired from here: why, and what to do
};

/// Nothing (nullptr): no tool of ours checks this kind.
const FsckKind* find_fsck_kind(std::string_view type);

/// The command line: the tool's path, the options, the device.
std::vector<std::string> fsck_words(const std::string& tool, std::string_view options, const std::string& device);

struct FsckWish {
  bool yes = false;
  bool ask = true;  ///< on the terminal, before anything is written
};

/// Checks one device, and repairs it where that was asked for. Prints what the tools say.
FsckVerdict check_device(const std::string& word, const FsckWish& wish, const WriteProtection& protection);

}  // namespace lifeboat::init
