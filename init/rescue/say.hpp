#pragma once
#include <string_view>

namespace lifeboat::init {

/// Writes to standard output, whole. Returns an exit status: 0, or 1 where it could not be written.
int say(std::string_view text);

/// "rescue: WHAT" and a newline on standard error; `what` may end in a line "hint: ...". Returns `status`.
int fail(std::string_view what, int status = 1);

/// Asks on the terminal and reads a line without echo, for a passphrase. False: no terminal, or nothing was entered
/// (an empty line, Ctrl-C, Ctrl-D). Whoever asked wipes it.
bool ask_secret(std::string_view question, class Secret& answer);

}  // namespace lifeboat::init
