#include "init/access/shadow.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

/// Where the line that begins with "user:" starts; npos where there is none.
std::size_t find_user(std::string_view shadow, std::string_view user) {
  const std::string head = std::string(user) + ":";
  if (shadow.starts_with(head)) return 0;
  const std::size_t at = shadow.find("\n" + head);
  return at == std::string_view::npos ? at : at + 1;
}

Status replace_keeping_owner(const std::string& path, const std::string& text) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return failure_from_errno("setting a password in " + path, errno);
  const std::string temporary = path + ".lifeboat";
  if (Status written = replace_file(temporary, text, 0600); !written) return written;
  if (::chown(temporary.c_str(), found.st_uid, found.st_gid) != 0 ||
      ::chmod(temporary.c_str(), found.st_mode & 07777) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return failure_from_errno("replacing " + path, error);
  }
  return Done{};
}

}  // namespace

Result<std::string> with_password_hash(std::string_view shadow, std::string_view user, std::string_view hash) {
  const std::string doing = "setting the password of " + std::string(user) + ": ";
  if (hash.empty() || hash.find_first_of(":\n\r") != std::string_view::npos)
    return Failure{doing + "not a password hash"};
  const std::size_t line = find_user(shadow, user);
  if (line == std::string_view::npos) return Failure{doing + "no such user"};
  const std::size_t field = line + user.size() + 1;
  const std::size_t end = shadow.find_first_of(":\n", field);
  if (end == std::string_view::npos || shadow[end] == '\n') return Failure{doing + "its line is broken"};
  return std::string(shadow.substr(0, field)) + std::string(hash) + std::string(shadow.substr(end));
}

Status set_password_hash(const std::string& path, std::string_view user, std::string_view hash) {
  auto old_text = read_file(path);
  if (!old_text) return old_text.failure();
  auto new_text = with_password_hash(*old_text, user, hash);
  if (!new_text) return new_text.failure();
  return replace_keeping_owner(path, *new_text);
}

Status add_locked_user(const std::string& path, std::string_view user) {
  auto text = read_file(path);
  if (!text) return text.failure();
  if (find_user(*text, user) != std::string::npos) return Done{};
  if (!text->empty() && !text->ends_with('\n')) *text += '\n';
  return replace_keeping_owner(path, *text + std::string(user) + ":" + std::string(locked_password) + ":::::::\n");
}

}  // namespace lifeboat::init
