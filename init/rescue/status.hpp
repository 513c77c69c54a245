#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "init/rescue/session.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {

/// What `rescue` puts above the boot's report: what is mounted, what may be written to, how long the session lasts
/// (seconds; nothing: no end), the next step. `gone`: a device that is mounted is not there any more.
std::string status_text(const std::optional<Session>& session, const WriteRights& rights,
                        std::optional<std::int64_t> seconds_left, bool gone = false);

/// `rescue` without a command. Returns the exit status.
int run_status_page();

}  // namespace lifeboat::init
