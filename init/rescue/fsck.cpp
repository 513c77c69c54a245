#include "init/rescue/fsck.hpp"

#include <sys/wait.h>

#include <algorithm>

#include "init/disk/printable.hpp"
#include "init/disk/probe.hpp"
#include "init/rescue/device_use.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/tools.hpp"
#include "init/sys/program.hpp"

namespace lifeboat::init {
namespace {

/// Runs the tool on the terminal: a check takes hours on some disks, and its own words say how far it is.
FsckVerdict run_tool(const FsckKind& kind, const std::string& tool, std::string_view options, const std::string& device,
                     bool repairing) {
  const auto argv = fsck_words(tool, options, device);
  std::string line;
  for (const std::string& word : argv) line += " " + word;
  say("+" + line + "\n");
  const auto end = run_program({.argv = argv, .limit = Milliseconds(0), .foreground = true});
  if (!end) return {FsckEnd::failed, end.error(), false};
  if (!WIFEXITED(end->status)) return {FsckEnd::failed, "interrupted: " + end->words(), false};
  return kind.judge(WEXITSTATUS(end->status), repairing);
}

/// The device's write protection is lifted while this lives.
class Writable {
 public:
  Writable(const WriteProtection& protection, std::string name)
      : protection_(protection), name_(std::move(name)), lifted_(protection.lift(name_)) {}
  Writable(const Writable&) = delete;
  Writable& operator=(const Writable&) = delete;
  ~Writable() {
    if (lifted_)
      if (Status restored = protection_.restore(name_); !restored) fail("fsck: " + restored.error());
  }
  const Status& lifted() const { return lifted_; }

 private:
  const WriteProtection& protection_;
  std::string name_;
  Status lifted_;
};

FsckVerdict repair(const FsckKind& kind, const std::string& tool, const FreeDevice& device, bool yes,
                   const WriteProtection& protection) {
  const Writable writable(protection, device.name);
  if (!writable.lifted()) return {FsckEnd::failed, writable.lifted().error(), false};
  const FsckVerdict safe = run_tool(kind, tool, kind.safe, device.path, true);
  if (safe.end != FsckEnd::errors || !safe.more_yes || !yes || kind.all.empty()) return safe;
  return run_tool(kind, tool, kind.all, device.path, true);
}

/// e2fsck -n and xfs_repair -n pass over a journal that was not replayed and the note of the kernel that it found
/// errors, and may call what lies below clean.
FsckVerdict with_notes(FsckVerdict found, const FsckKind& kind, const Content& content) {
  const auto has = [](const std::string& clause, std::string_view words) {
    return clause.find(words) != std::string::npos;
  };
  if (found.end != FsckEnd::clean) return found;
  for (const std::string& clause : content.care) {
    const bool journal = has(clause, " is not replayed: ");
    if (!journal && !has(clause, "has found errors in it")) continue;
    const bool by_mount = journal && kind.safe.empty();
    return {FsckEnd::errors, clause + (by_mount ? "; mounting it once for writing replays it" : ""), false};
  }
  return found;
}

std::string why_no_kind(const Content& content) {
  if (!content.care.empty()) return content.care.front();
  return content.type.empty() ? "there is no file system on it that is known"
                              : "this image has no tool that checks " + printable(content.type);
}

}  // namespace

FsckVerdict check_device(const std::string& word, const FsckWish& wish, const WriteProtection& protection) {
  auto device = take_device(word);
  if (!device) return {FsckEnd::failed, device.error(), false};
  const Content content = probe_content(device->fd, 0, device->size);
  const FsckKind* kind = find_fsck_kind(content.type);
  if (kind == nullptr) return {FsckEnd::failed, why_no_kind(content), false};
  if (kind->tool.empty()) return {FsckEnd::failed, std::string(kind->words), false};
  const auto tool = find_tool(std::string(kind->tool));
  if (!tool) return {FsckEnd::failed, tool.error(), false};
  device->fd.reset();  // the tools ask for it alone themselves
  const FsckVerdict found = with_notes(run_tool(*kind, *tool, kind->dry, device->path, false), *kind, content);
  if (found.end != FsckEnd::errors || kind->safe.empty()) return found;
  const bool go =
      wish.yes ||
      (wish.ask && ask_yes(device->path + ": " + found.text + ".\nRepair it now? Nothing was written so far. [y/N] "));
  if (!go) return {FsckEnd::errors, found.text + ". Nothing was written; --yes repairs it", false};
  return repair(*kind, *tool, *device, wish.yes, protection);
}

}  // namespace lifeboat::init
