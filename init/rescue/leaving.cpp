#include "init/rescue/leaving.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "init/contract/text.hpp"
#include "init/disk/kernel_name.hpp"
#include "init/disk/session_mounts.hpp"
#include "init/disk/stop_devices.hpp"
#include "init/rescue/session.hpp"
#include "init/rescue/tools.hpp"
#include "init/rescue/undo.hpp"
#include "init/rescue/within.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/holders.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds flush_limit{60'000};
constexpr Milliseconds time_to_stop{20'000};

Status flush(const std::string& path) {
  auto device = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!device) return device.failure();
  if (::fsync(device->get()) != 0 || ::ioctl(device->get(), BLKFLSBUF, 0) != 0)
    return failure_from_errno("flushing " + path, errno);
  return Done{};
}

/// Not of another disk that had its name before, or has it now.
bool is_of(const WrittenDevice& written, const DiskAsFound& disk) {
  return is_part_of(written.device, disk.name) &&
         (written.disk_sequence == disk.sequence ||
          std::ranges::find(disk.earlier_sequences, written.disk_sequence) != disk.earlier_sequences.end());
}

std::vector<std::string> unmount_by_hand() {
  std::vector<std::string> lines;
  const auto mounts = session_mounts(read_mount_table());
  for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount)
    if (Status undone = undo_step({"mount", mount->point, mount->source}); !undone) lines.push_back(undone.error());
  return lines;
}

void take(Comparison found, Verdict& verdict) {
  verdict.changes = std::move(found.changes);
  for (const std::string& what : found.unknown) verdict.problem += (verdict.problem.empty() ? "" : "; ") + what;
}

}  // namespace

std::vector<std::string> let_go_of_disks() {
  std::vector<std::string> lines;
  auto session = read_session();
  if (!session) lines.push_back(session.error());
  if (session && *session) lines = undo_steps(**session);
  if (!lines.empty()) return lines;
  lines = unmount_by_hand();
  const auto until = Clock::now() + time_to_stop;
  stop_swapping(until);
  const std::string left = stop_devices(until);
  for (const std::string_view line : contract::split_words(left, "\n"))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

std::vector<std::string> find_writers(const std::vector<std::string>& names) {
  std::vector<std::string> lines;
  for (const std::string& name : names) {
    const std::string path = "/dev/" + name;
    if (find_users(path, Use::writing).empty()) continue;
    await_udev();
    if (const std::string users = find_users(path, Use::writing); !users.empty())
      lines.push_back(path + " is in use by " + users);
  }
  return lines;
}

std::vector<std::string> flush_devices(const std::vector<std::string>& names, std::string& lost) {
  std::vector<std::string> lines, dead;
  for (const std::string& name : names) {
    const std::string path = "/dev/" + name;
    const bool is_dead = std::ranges::any_of(dead, [&](const std::string& disk) { return is_part_of(name, disk); });
    if (is_dead || ::access(path.c_str(), F_OK) != 0) continue;
    const Status flushed = do_within("flushing " + path, flush_limit, [&] { return flush(path); });
    if (flushed) continue;
    if (flushed.error().find(no_answer_words) == std::string::npos) {
      lines.push_back(flushed.error());
    } else {
      dead.push_back(name);
      lost += flushed.error() + ": what was written to it last may be lost\n";
    }
  }
  return lines;
}

std::vector<Verdict> judge_disks(const AsFound& then, const AsFound& now, const std::vector<WrittenDevice>& asked,
                                 const std::string& own_disk) {
  std::vector<Verdict> verdicts;
  for (const DiskAsFound& disk : then) {
    if (disk.name == own_disk) continue;
    const bool replaced = std::any_of(&disk + 1, then.data() + then.size(),
                                      [&](const DiskAsFound& later) { return later.name == disk.name; });
    Verdict verdict{.disk = disk.name, .changes = {}, .asked = false, .problem = {}, .gone = false};
    verdict.asked = std::ranges::any_of(asked, [&](const WrittenDevice& written) { return is_of(written, disk); });
    const auto same = std::ranges::find(now, disk.name, &DiskAsFound::name);
    verdict.gone = replaced || same == now.end() || same->problem == gone_words;
    if (verdict.gone)
      verdict.problem = gone_words;
    else
      take(compare(disk, *same), verdict);
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

const char* status_of(const std::vector<Verdict>& verdicts) {
  const auto changed = [](const Verdict& verdict) { return !verdict.changes.empty(); };
  const auto unknown = [](const Verdict& verdict) {
    return !verdict.problem.empty() && (!verdict.gone || verdict.asked);
  };
  if (std::ranges::any_of(verdicts, [&](const Verdict& verdict) { return changed(verdict) && !verdict.asked; }))
    return "changed-unasked";
  if (std::ranges::any_of(verdicts, unknown)) return "not-compared";
  return std::ranges::any_of(verdicts, changed) ? "changed-as-asked" : "as-found";
}

std::string verdict_text(const std::vector<Verdict>& verdicts) {
  std::string text;
  for (const Verdict& verdict : verdicts) {
    text += "  " + verdict.disk + "  ";
    if (verdict.changes.empty() && !verdict.problem.empty())
      text += "could not be compared: " + verdict.problem + "\n";
    else if (verdict.changes.empty())
      text += verdict.asked ? "as found, although it could have been written to\n" : "as found\n";
    else
      text += verdict.asked ? "changed, as you asked for:\n" : "CHANGED, ALTHOUGH NOBODY ASKED FOR IT:\n";
    for (const std::string& change : verdict.changes) text += "      " + change + "\n";
    if (!verdict.changes.empty() && !verdict.problem.empty())
      text += "      could not be compared: " + verdict.problem + "\n";
  }
  return text;
}

}  // namespace lifeboat::init
