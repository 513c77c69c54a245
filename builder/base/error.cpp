#include "builder/base/error.hpp"

#include <csignal>
#include <cstring>

namespace lifeboat {

Error::Error(const std::string& what, std::string hint) : std::runtime_error(what), hint_(std::move(hint)) {}

Interrupted::Interrupted(int signal)
    : Error(signal == SIGINT ? "interrupted" : std::string("stopped by ") + ::strsignal(signal),
            "nothing was changed; run the same command again to go on where it stopped"),
      signal_(signal) {}

Error system_error(std::string_view doing, int error_number, std::string hint) {
  if (error_number == ENOSPC && hint.empty()) hint = full_disk_hint;
  return Error(std::string(doing) + ": " + std::strerror(error_number), std::move(hint));
}

}  // namespace lifeboat
