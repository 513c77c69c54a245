#include "init/rescue/session.hpp"

#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "init/sys/fd.hpp"
#include "init/sys/file_lock.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* session_file = "/run/lifeboat/session.json";

}  // namespace

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(SessionStep, kind, name, device, type)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Session, at, device, subvolume, write, steps)

Result<Fd> lock_session() {
  auto lock = lock_file("/run/lifeboat/session.lock", Milliseconds(0));
  if (lock || lock.failure().number != EAGAIN) return lock;
  return Failure{"another `rescue mount`, `umount` or `exit` is at work\nhint: wait for its end"};
}

Result<std::optional<Session>> read_session() {
  const auto text = read_file(session_file);
  if (!text && text.failure().number == ENOENT) return std::optional<Session>();
  if (!text) return text.failure();
  try {
    return std::optional(nlohmann::json::parse(*text).get<Session>());
  } catch (const nlohmann::json::exception&) {
    return Failure{std::string(session_file) +
                   " is not what `rescue mount` writes\nhint: umount by hand, then remove it"};
  }
}

Status write_session(const Session& session) {
  if (!session.steps.empty())
    return replace_file(session_file,
                        nlohmann::json(session).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), 0600);
  if (::unlink(session_file) == 0 || errno == ENOENT) return Done{};
  return failure_from_errno(std::string("removing ") + session_file, errno);
}

}  // namespace lifeboat::init
