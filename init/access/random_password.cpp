#include "init/access/random_password.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

namespace lifeboat::init {
namespace {

/// 31 of them: no l, 1, o, 0, i.
constexpr std::string_view alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

}  // namespace

Result<Secret> make_random_password() {
  constexpr std::size_t letters = 16, group = 4;
  constexpr unsigned fair = 256 / alphabet.size() * alphabet.size();  // bytes beyond it would favour the first letters
  std::string text;
  while (text.size() < letters + letters / group - 1) {
    std::array<unsigned char, 64> random{};
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
      return failure_from_errno("making a random password", errno);
    for (const unsigned byte : random) {
      if (byte >= fair || text.size() >= letters + letters / group - 1) continue;
      if (text.size() % (group + 1) == group) text += '-';
      text += alphabet[byte % alphabet.size()];
    }
  }
  return Secret(std::move(text));
}

}  // namespace lifeboat::init
