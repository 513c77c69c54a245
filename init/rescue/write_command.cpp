#include "init/rescue/write_command.hpp"

#include <array>

#include "init/rescue/arguments.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/original.hpp"
#include "init/rescue/say.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue write DEVICE\n"
    "       Lifts the kernel's write protection of one disk (with all its partitions) or of\n"
    "       one partition, for tools that you run by hand: fdisk, mkfs, fsck, dd.\n"
    "       `rescue exit` sets it again.\n";

constexpr std::array options{Option{"--help", ""}};

}  // namespace

int run_write_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("write: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage);
  if (arguments->words.size() != 1)
    return fail("write needs one disk or partition: rescue write vda\nhint: `rescue disks` lists them", 2);
  const std::string word = arguments->words[0];
  const std::string path = real_path(word.starts_with('/') ? word : "/dev/" + word);
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::string disk = disk_of(name);
  record_new_disks(options_of_boot());
  Status allowed = disk.empty() ? Failure{"there is no disk or partition " + word} : allow_writing(name, owner_write);
  if (!allowed) {
    fail("write: " + allowed.error() + "\nhint: `rescue disks` lists them");
    static_cast<void>(say(result_line({{"command", "write"}, {"status", "failed"}})));
    return 1;
  }
  return say("/dev/" + name + (name == disk ? " and its partitions" : "") +
             " may be written to now. `rescue exit` protects it again.\n" +
             result_line({{"command", "write"}, {"status", "ok"}, {"device", "/dev/" + name}}));
}

}  // namespace lifeboat::init
