#include "builder/media/injection.hpp"

#include <array>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/media/identifier.hpp"
#include "init/contract/injection.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr const char* injection_purpose = "making the partition for injected files";
constexpr std::uint64_t size = 1 << 20;

struct Seed {
  const char* path;
  unsigned mode;
  const char* content;
};

/// What Nova's injection and libguestfs want to find before they write: an account and its group, /bin and /etc/fstab.
/// There is no os-release: nobody shall take it for an operating system.
constexpr std::array seeds{
    Seed{"etc/passwd", 0644, "root:x:0:0:root:/root:/bin/bash\n"},
    Seed{"etc/group", 0644, "root:x:0:\n"},
    Seed{"etc/shadow", 0600, "root:*:19000:0:99999:7:::\n"},
    Seed{"etc/fstab", 0644, ""},
};

/// debugfs gives what it writes to root, whoever runs it.
std::string fill_commands(const fs::path& folder) {
  std::string commands;
  for (const char* made : {"bin", "etc", "root", "root/.ssh"}) commands += std::string("mkdir ") + made + "\n";
  commands += "set_inode_field root/.ssh mode 040700\n";
  commands += "cd etc\n";  // `write` takes the last part of a path for the name, and the folder one is in
  for (const Seed& seed : seeds) {
    const std::string name = fs::path(seed.path).filename();
    const fs::path file = folder / name;
    replace_file(file, seed.content);
    fs::permissions(file, static_cast<fs::perms>(seed.mode));
    commands += "write " + name + " " + name + "\n";
  }
  return commands;
}

}  // namespace

void write_injection_partition(const MediaInput& input, const fs::path& scratch, const fs::path& file) {
  const std::map<std::string, std::string> clock{{"E2FSPROGS_FAKE_TIME", std::to_string(input.time)}};
  const std::string id = make_guid({input.build_id.rbegin(), input.build_id.rend()});  // not the disk's
  const fs::path folder = scratch / "injection", commands = folder / "commands";
  lifeboat::create_directories(folder);
  replace_file(file, "");
  fs::resize_file(file, size);
  run_checked({.argv = {"mke2fs", "-q", "-t", "ext4", "-b", "1024", "-N", "64", "-m", "0", "-O",
                        "^has_journal,^resize_inode,^dir_index", "-U", id, "-E",
                        "hash_seed=" + id + ",root_owner=0:0,nodiscard", "-L", std::string(contract::injection_label),
                        file.string()},
               .needed_for = injection_purpose,
               .environment = clock});
  replace_file(commands, fill_commands(folder));
  const Outcome filled = run({.argv = {"debugfs", "-w", "-f", "commands", fs::absolute(file).string()},
                              .needed_for = injection_purpose,
                              .environment = clock,
                              .directory = folder});
  // Its status is 0 whatever happened; on standard error is its own name, and else only what went wrong.
  if (filled.status != 0 || split_lines(filled.err).size() > 1)
    throw Error(std::string(injection_purpose) + ": debugfs: " + std::string(trim(filled.err)));
  fs::remove_all(folder);
}

}  // namespace lifeboat
