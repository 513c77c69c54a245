#include "init/rescue/exit_command.hpp"

#include <algorithm>
#include <array>

#include "init/rescue/arguments.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/leaving.hpp"
#include "init/rescue/original.hpp"
#include "init/rescue/rescue.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/session.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr int held = 1, changed = 3, unknown = 4;

constexpr std::string_view usage =
    "usage: rescue exit [--reboot|--poweroff]\n"
    "       Unmounts and closes everything on the machine's disks, brings what was written\n"
    "       to them, protects them again, and says for each whether it is as it was found.\n"
    "       Exit status: 0 safe to leave, 1 something is in use, 3 a disk changed although\n"
    "       nobody asked for it, 4 a disk could not be compared (it cannot be read).\n"
    "       --reboot, --poweroff   then ends the rescue, where the status is 0 or 4\n";

constexpr std::array options{Option{"--reboot", ""}, Option{"--poweroff", ""}, Option{"--help", ""}};

int end(const char* status, int code) {
  static_cast<void>(say(result_line({{"command", "exit"}, {"status", status}})));
  return code;
}

int stay(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) fail("exit: " + line);
  fail("it is not safe to leave yet\nhint: leave the folder (cd /), end those programs, then `rescue exit` again");
  return end("busy", held);
}

/// What a person asked to write to, with the partitions of whole disks.
std::vector<std::string> writable_devices(const std::vector<BlockDisk>& disks, const std::vector<std::string>& rights) {
  std::vector<std::string> names;
  for (const BlockDisk& disk : disks) {
    if (may_be_written(rights, disk.name, disk.name)) names.push_back(disk.name);
    for (const std::string& partition : disk.partitions)
      if (may_be_written(rights, partition, disk.name)) names.push_back(partition);
  }
  return names;
}

/// The devices that could be written to are flushed while that still works. Returns why it is too early to leave.
/// `unprotected`: lines about what nobody waits for, disks that do not answer.
std::vector<std::string> protect_again(const std::string& own_disk, std::string& unprotected) {
  const auto disks = list_protected_disks(own_disk);
  WriteRights rights = read_write_rights();
  for (const std::string& name : lifted_by_hand(disks, rights.devices()))
    rights.add({name, owner_hand}, disk_sequence(name));
  const auto names = writable_devices(disks, rights.devices());
  std::vector<std::string> lines = find_writers(names);
  std::string lost;
  if (lines.empty()) lines = flush_devices(names, lost);
  const bool is_over = lines.empty();
  const auto noted = change_write_rights([&](WriteRights& all) {
    for (const WriteRight& right : rights.now)
      if (right.owner == owner_hand) all.add(right, disk_sequence(right.device));
    if (!is_over) return;
    for (const WriteRight& right : rights.now) all.remove(right);
  });
  if (is_over) rights.now.clear();
  if (!noted) lines.push_back(noted.error());
  unprotected = lost + (noted ? protect_disks(disks) : protect_disks(disks, [&] { return rights.devices(); }));
  return lines;
}

/// protect_again() took back what there was when the exit began.
std::vector<std::string> asked_meanwhile() {
  std::vector<std::string> lines;
  for (const std::string& name : read_write_rights().devices())
    lines.push_back("/dev/" + name + ": another command asked to write to it meanwhile");
  return lines;
}

int judge(const DiscoverOptions& boot, const std::string& unprotected) {
  record_new_disks(boot);  // of those that came and that nobody looked at the kernel's counters tell
  const auto then = read_as_found();
  std::vector<Verdict> verdicts;
  if (then) verdicts = judge_disks(*then, fingerprint_again(*then, boot), read_write_rights().ever, boot.own_disk);
  if (const auto lines = asked_meanwhile(); !lines.empty()) {  // last: reading the disks takes a while
    static_cast<void>(say(unprotected));
    return stay(lines);
  }
  if (!then) {
    static_cast<void>(say(unprotected));
    fail("exit: " + then.error() + ": whether the disks are as found cannot be said");
    return end("unknown", 0);
  }
  static_cast<void>(say("Nothing is mounted or open any more, and " +
                        (unprotected.empty() ? "the disks are write-protected.\n"
                                             : "the other disks are write-protected.\n" + unprotected) +
                        verdict_text(verdicts)));
  const std::string_view status = status_of(verdicts);
  return end(status.data(), status == "changed-unasked" ? changed : status == "not-compared" ? unknown : 0);
}

}  // namespace

int run_exit_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("exit: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage);
  const bool reboot = arguments->has("--reboot"), power_off = arguments->has("--poweroff");
  if (!arguments->words.empty() || (reboot && power_off)) return fail("exit: one of --reboot and --poweroff", 2);
  const auto lock = lock_session();
  if (!lock) return fail("exit: " + lock.error()), end("failed", held);
  if (const auto lines = let_go_of_disks(); !lines.empty()) return stay(lines);
  const DiscoverOptions boot = options_of_boot();
  std::string unprotected;
  if (const auto lines = protect_again(boot.own_disk, unprotected); !lines.empty()) {
    static_cast<void>(say(unprotected));
    return stay(lines);
  }
  const int status = judge(boot, unprotected);
  if (status != 0 && status != unknown) return status;  // one that does not answer keeps nobody here
  if (reboot) return run_end_command("reboot", {});
  if (power_off) return run_end_command("poweroff", {});
  return status;
}

}  // namespace lifeboat::init
