#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "init/rescue/session.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {

/// What `rescue` puts above the boot's report: what is mounted, what may be written to, how long the session lasts
/// (seconds; nothing: no end), the next step.
std::string status_text(const std::optional<Session>& session, const WriteRights& rights,
                        std::optional<std::int64_t> seconds_left);

/// `rescue` without a command. Returns the exit status.
int run_status_page();

}  // namespace lifeboat::init
