#include "init/rescue/mount_command.hpp"

#include <algorithm>
#include <array>

#include "init/rescue/arguments.hpp"
#include "init/rescue/mounting.hpp"
#include "init/rescue/original.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/undo.hpp"
#include "init/sys/mount_table.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue mount [DEVICE...] [--write] [--at FOLDER] [--key-file FILE] [--force]\n"
    "       Mounts the original's root, and below it what its own fstab names, read-only:\n"
    "       nothing is replayed, resynced or repaired. LUKS (it asks), RAID and LVM below\n"
    "       it are opened for that alone. `rescue umount` undoes it all.\n"
    "       DEVICE            vda1, a whole disk, GROUP/VOLUME, a RAID: another root, and of\n"
    "                         clones the one that is meant; more: what belongs to it\n"
    "       --write           for writing: the write protection of these devices is lifted\n"
    "       --at FOLDER       there, instead of /mnt\n"
    "       --key-file FILE   opens LUKS with this key; -: standard input\n"
    "       --force           for writing although discovery warns\n";

constexpr std::array options{Option{"--write", ""}, Option{"--at", "FOLDER"}, Option{"--key-file", "FILE"},
                             Option{"--force", ""}, Option{"--help", ""}};

Result<MountRequest> request_of(const Arguments& arguments) {
  constexpr std::size_t most_devices = 64;
  if (arguments.words.size() > most_devices) return Failure{"64 DEVICEs at most"};
  MountRequest request;
  if (!arguments.words.empty()) request.word = arguments.words[0];
  if (!arguments.words.empty()) request.fellows.assign(arguments.words.begin() + 1, arguments.words.end());
  request.at = arguments.value_or("--at", "/mnt");
  while (request.at.size() > 1 && request.at.ends_with('/')) request.at.pop_back();
  if (!request.at.starts_with('/') || request.at == "/") return Failure{"--at needs the whole path of a folder"};
  request.wish = {arguments.has("--write"), arguments.value_or("--key-file", "")};
  request.force = arguments.has("--force");
  return request;
}

bool is_mounted(const Session& session) {
  const auto table = read_mount_table();
  return std::ranges::find(table, session.at, &MountEntry::point) != table.end();
}

/// What an earlier `rescue mount` left: for writing it is opened anew, what was interrupted is undone.
Status clear_way(const MountRequest& request) {
  auto session = read_session();
  if (!session) return session.failure();
  if (!*session) return Done{};
  Session& before = **session;
  if (is_mounted(before) && !(request.wish.write && !before.write))
    return Failure{before.device + " is mounted at " + before.at + (before.write ? " for writing" : ", read-only") +
                   " already\nhint: `rescue umount` first"};
  const auto lines = undo_steps(before);
  if (lines.empty()) return Done{};
  return Failure{"what was mounted before does not let go: " + lines[0] + "\nhint: end that, then `rescue umount`"};
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string report_of(const Mounting& mounting) {
  const Session& session = mounting.session;
  std::string text =
      mounting.title + " is mounted at " + session.at +
      (session.write ? " FOR WRITING: what you change there is changed on the disk.\n" : ", read-only.\n");
  for (const MountLine& line : mounting.lines)
    text += "  " + padded(session.at + line.point, 20) + (line.mounted ? "  " : "  not mounted: ") + line.words + "\n";
  return text + (session.write ? "next: rescue fix, rescue chroot; `rescue umount` ends it\n"
                               : "next: rescue check; `rescue mount --write` to change it; `rescue umount` ends it\n");
}

int succeed(const Mounting& mounting) {
  const auto done = std::ranges::count(mounting.lines, true, &MountLine::mounted);
  return say(report_of(mounting) +
             result_line({{"command", "mount"},
                          {"status", "ok"},
                          {"device", mounting.session.device},
                          {"at", mounting.session.at},
                          {"write", mounting.session.write ? "yes" : "no"},
                          {"mounts", std::to_string(1 + done)},
                          {"missing", std::to_string(static_cast<long>(mounting.lines.size()) - done)}}));
}

int give_up(const std::string& why) {
  fail("mount: " + why);
  static_cast<void>(say(result_line({{"command", "mount"}, {"status", "failed"}})));
  return 1;
}

}  // namespace

int run_mount_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("mount: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage);
  const auto request = request_of(*arguments);
  if (!request) return fail("mount: " + request.error() + "\nhint: `rescue mount --help`", 2);
  const auto lock = lock_session();
  if (!lock) return give_up(lock.error());
  if (Status clear = clear_way(*request); !clear) return give_up(clear.error());
  Mounting mounting(*request);
  const Status mounted = mounting.run();
  if (mounted) return succeed(mounting);
  for (const std::string& line : undo_steps(mounting.session)) fail("mount: undoing it: " + line);
  return give_up(mounted.error());
}

}  // namespace lifeboat::init
