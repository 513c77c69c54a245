#include "init/access/password.hpp"

#include <crypt.h>
#include <string.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <memory>

namespace lifeboat::init {
namespace {

/// Each scheme's own; yescrypt's is Debian's for login passwords: 16 MiB of memory a try.
constexpr unsigned long default_cost = 0;
/// 2 MiB a try. The session's hash is in memory alone, in /etc/shadow, and ends with the session, so what it costs
/// whoever tries is paid by the small machine (decision 20).
constexpr unsigned long session_cost = 2;

Result<std::string> make_setting(const std::string& prefix, unsigned long cost) {
  std::array<char, 32> random{};
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
    return failure_from_errno("hashing the password: getting random bytes", errno);
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  if (::crypt_gensalt_rn(prefix.c_str(), cost, random.data(), static_cast<int>(random.size()), setting.data(),
                         static_cast<int>(setting.size())) == nullptr)
    return failure_from_errno("hashing the password: making a salt", errno);
  return std::string(setting.data());
}

Result<std::string> hash_with(const Secret& password, const std::string& prefix, unsigned long cost) {
  auto setting = make_setting(prefix, cost);
  if (!setting) return setting.failure();
  auto data = std::make_unique<crypt_data>();
  const char* hash = ::crypt_rn(password.c_str(), setting->c_str(), data.get(), static_cast<int>(sizeof *data));
  const int error = errno;
  const std::string text = hash == nullptr ? "" : hash;
  ::explicit_bzero(data.get(), sizeof *data);  // holds the password
  if (!text.starts_with(prefix)) return failure_from_errno("hashing the password", error);
  return text;
}

}  // namespace

Result<std::string> hash_password(const Secret& password) { return hash_with(password, "$y$", session_cost); }

Result<std::string> hash_password_as(const Secret& password, const std::string& prefix) {
  return hash_with(password, prefix, default_cost);
}

namespace {

/// crypt(5): how long the hash behind the last '$' is. bcrypt's has the salt in the same field.
constexpr std::array<std::pair<std::string_view, std::size_t>, 12> hash_lengths{{
    {"$y$", 43},
    {"$gy$", 43},
    {"$7$", 43},
    {"$6$", 86},
    {"$5$", 43},
    {"$1$", 22},
    {"$md5", 22},
    {"$sha1$", 28},
    {"$2a$", 53},
    {"$2b$", 53},
    {"$2x$", 53},
    {"$2y$", 53},
}};

bool is_complete(std::string_view hash) {
  for (const auto& [prefix, length] : hash_lengths)
    if (hash.starts_with(prefix)) return hash.size() - hash.rfind('$') - 1 == length;
  return true;
}

}  // namespace

/// libcrypt looks at the beginning alone, and a hash that was cut off lets nobody in.
Status check_password_hash(std::string_view hash) {
  const int found = ::crypt_checksalt(std::string(hash).c_str());
  if (found == CRYPT_SALT_INVALID || found == CRYPT_SALT_METHOD_DISABLED)
    return Failure{"libcrypt knows no such scheme"};
  if (!is_complete(hash)) return Failure{"it has another length than its scheme's hashes"};
  return Done{};
}

}  // namespace lifeboat::init
