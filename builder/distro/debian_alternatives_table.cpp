#include "builder/distro/debian_alternatives.hpp"

namespace lifeboat {

std::span<const AlternativeChoice> alternative_choices() {
  static const std::vector<AlternativeChoice> table{
      {"awk", "/usr/bin/awk", "/usr/bin/mawk", 5, {{"nawk", "/usr/bin/nawk", "/usr/bin/mawk"}}},
      {"awk", "/usr/bin/awk", "/usr/bin/gawk", 10, {{"nawk", "/usr/bin/nawk", "/usr/bin/gawk"}}},
      {"editor", "/usr/bin/editor", "/bin/nano", 40},
      {"editor", "/usr/bin/editor", "/usr/bin/vim.basic", 30},
      {"editor", "/usr/bin/editor", "/usr/bin/vim.tiny", 15},
      {"ex", "/usr/bin/ex", "/usr/bin/vim.basic", 30},
      {"ex", "/usr/bin/ex", "/usr/bin/vim.tiny", 15},
      {"lzma",
       "/usr/bin/lzma",
       "/usr/bin/xz",
       20,
       {{"lzcat", "/usr/bin/lzcat", "/usr/bin/xzcat"},
        {"lzcmp", "/usr/bin/lzcmp", "/usr/bin/xzcmp"},
        {"lzdiff", "/usr/bin/lzdiff", "/usr/bin/xzdiff"},
        {"lzegrep", "/usr/bin/lzegrep", "/usr/bin/xzegrep"},
        {"lzfgrep", "/usr/bin/lzfgrep", "/usr/bin/xzfgrep"},
        {"lzgrep", "/usr/bin/lzgrep", "/usr/bin/xzgrep"},
        {"lzless", "/usr/bin/lzless", "/usr/bin/xzless"},
        {"lzmore", "/usr/bin/lzmore", "/usr/bin/xzmore"},
        {"unlzma", "/usr/bin/unlzma", "/usr/bin/unxz"}}},
      {"mt", "/bin/mt", "/bin/mt-gnu", 10},
      {"nc", "/bin/nc", "/bin/nc.openbsd", 50, {{"netcat", "/bin/netcat", "/bin/nc.openbsd"}}},
      {"nc", "/bin/nc", "/bin/nc.traditional", 10, {{"netcat", "/bin/netcat", "/bin/nc.traditional"}}},
      {"pager", "/usr/bin/pager", "/bin/more", 50},
      {"pager", "/usr/bin/pager", "/usr/bin/less", 77},
      {"pico", "/usr/bin/pico", "/bin/nano", 10},
      {"rmt", "/usr/sbin/rmt", "/usr/sbin/rmt-tar", 50},
      {"rview", "/usr/bin/rview", "/usr/bin/vim.basic", 30},
      {"rview", "/usr/bin/rview", "/usr/bin/vim.tiny", 15},
      {"vi", "/usr/bin/vi", "/usr/bin/vim.basic", 30},
      {"vi", "/usr/bin/vi", "/usr/bin/vim.tiny", 15},
      {"view", "/usr/bin/view", "/usr/bin/vim.basic", 30},
      {"view", "/usr/bin/view", "/usr/bin/vim.tiny", 15},
      {"vim", "/usr/bin/vim", "/usr/bin/vim.basic", 30},
      {"which", "/usr/bin/which", "/usr/bin/which.debianutils", 0},
  };
  return table;
}

}  // namespace lifeboat
