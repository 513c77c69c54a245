#include "init/rescue/copy_command.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

#include <array>

#include "init/disk/printable.hpp"
#include "init/rescue/arguments.hpp"
#include "init/rescue/copy.hpp"
#include "init/rescue/copy_device.hpp"
#include "init/rescue/copy_end.hpp"
#include "init/rescue/copy_target.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/tools.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue copy SOURCE TARGET [--yes]\n"
    "       Files and folders: rsync, with owners, hard links, ACLs and attributes. TARGET is\n"
    "       a folder here, or user@host:/path/ (ssh). As with rsync, a SOURCE that ends in /\n"
    "       is what is in it, not itself.\n"
    "       A disk, partition or volume: ddrescue, which reads round what is broken. TARGET is\n"
    "       a file, a folder for it, or another device, which is overwritten (it asks first).\n"
    "       Interrupted, or to try again: the same command goes on; the map is TARGET.map.\n"
    "       --yes   overwrite the device TARGET without asking\n"
    "       Exit status: 0 all was copied; 1 a part was, or nothing; 2 usage\n"
    "example: rescue copy /mnt/home admin@192.0.2.7:/srv/saved/\n"
    "example: rescue copy vda /media/disk/vda.img\n";

constexpr std::array options{Option{"--yes", ""}, Option{"--help", ""}};

int copy_files(const CopyWish& wish) {
  const std::string &source = wish.source, &target = wish.target;
  struct stat status {};
  if (!is_remote(source) && ::lstat(source.c_str(), &status) != 0)
    return refuse_copy("there is no file, folder or device " + printable(source) +
                           "\nhint: `rescue mount` opens the original below /mnt; `rescue disks` lists devices",
                       wish);
  if (!is_remote(target) && !is_remote(source) && is_folder(source)) {
    const std::string from = real_path(source), to = real_path(target);
    if (is_at_or_below(to, from))
      return refuse_copy(printable(target) + " lies in " + printable(source) + ": the copy would hold itself", wish);
  }
  if (!is_remote(target) && !is_remote(source))
    if (Status room = check_tree_room(source, target); !room) return refuse_copy(room.error(), wish);
  const auto tool = find_tool("rsync");
  if (!tool) return refuse_copy(tool.error(), wish);
  const auto run = run_on_terminal(rsync_words(*tool, source, target));
  if (!run) return refuse_copy(run.error(), wish);
  const RsyncEnd judged = judge_rsync(WIFEXITED(run->status) ? WEXITSTATUS(run->status) : 20);
  if (run->ok()) {
    say("Everything was copied to " + printable(target) + ".\n");
    return end_copy("ok", wish, {}, 0);
  }
  fail("copy: " + judged.text);
  return end_copy(judged.partly ? "partly" : "failed", wish,
                  {{"rsync", std::to_string(WIFEXITED(run->status) ? WEXITSTATUS(run->status) : 20)}}, 1);
}

}  // namespace

int run_copy_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("copy: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage);
  if (arguments->words.size() != 2) return fail("copy needs a SOURCE and a TARGET\nhint: rescue copy --help", 2);
  const CopyWish wish{arguments->words[0], arguments->words[1], arguments->has("--yes")};
  if (!find_device(wish.source).empty()) return copy_device(wish);
  if (find_device(wish.target).empty()) return copy_files(wish);
  return refuse_copy(printable(wish.target) + " is a device, and " + printable(wish.source) +
                         " is none\nhint: an image is written back by `rescue write` and ddrescue --force FILE DEVICE",
                     wish);
}

}  // namespace lifeboat::init
