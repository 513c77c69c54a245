#include "init/rescue/status.hpp"

#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "init/contract/text.hpp"
#include "init/rescue/say.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

std::string row(std::string_view name, const std::string& text) {
  std::string line = "  " + std::string(name);
  line.resize(14, ' ');
  return line + text + "\n";
}

std::string mounted_words(const Session& session) {
  const auto mounts = std::ranges::count(session.steps, "mount", &SessionStep::kind);
  if (mounts == 0) return "an interrupted `rescue mount` left something open: `rescue umount`";
  return session.device + " at " + session.at + (session.write ? ", FOR WRITING" : ", read-only") +
         (mounts > 1 ? ", with " + std::to_string(mounts - 1) + " more below it" : "");
}

bool is_gone(const Session& session) {
  return std::ranges::any_of(session.steps, [](const SessionStep& step) {
    return step.kind == "mount" && step.device.starts_with("/dev/") && ::access(step.device.c_str(), F_OK) != 0;
  });
}

std::string time_words(std::int64_t seconds) {
  if (seconds <= 0) return "over";
  if (seconds < 60) return std::to_string(seconds) + " s";
  const std::string minutes = std::to_string(seconds / 60 % 60) + " min";
  return seconds < 3600 ? minutes : std::to_string(seconds / 3600) + " h " + minutes;
}

std::optional<std::int64_t> seconds_left() {
  const std::string text = read_file("/run/lifeboat/deadline", 64).value_or("");
  const auto end = contract::parse_number(contract::trim(text), INT64_MAX);
  timespec now{};
  if (!end || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return std::nullopt;
  return static_cast<std::int64_t>(*end) - std::int64_t{now.tv_sec};
}

}  // namespace

std::string status_text(const std::optional<Session>& session, const WriteRights& rights,
                        std::optional<std::int64_t> seconds_left, bool gone) {
  std::string writable;
  for (const std::string& name : rights.devices()) writable += (writable.empty() ? "" : ", ") + name;
  std::string text = row("Mounted", session ? mounted_words(*session) : "nothing by `rescue mount`");
  text += row("Writable", writable.empty() ? "no disk: the kernel protects them" : writable);
  if (seconds_left) text += row("Time left", time_words(*seconds_left));
  if (gone) return text + row("Next", "rescue umount    ITS DISK IS GONE: unplugged, or it has failed");
  return text + row("Next", !session         ? "rescue mount     the original's root at /mnt, read-only"
                            : session->write ? "rescue fix, rescue chroot; then rescue exit"
                                             : "rescue check; rescue mount --write; then rescue exit");
}

int run_status_page() {
  const auto report = read_file("/run/lifeboat/report.txt", std::size_t{16} << 20);
  if (!report) return fail(report.error());
  const auto session = read_session();
  const auto& open = session.value_or({});
  return say(status_text(open, read_write_rights(), seconds_left(), open && is_gone(*open)) + *report);
}

}  // namespace lifeboat::init
