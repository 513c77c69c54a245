// A new password for root, or another user of the original.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "init/access/password.hpp"
#include "init/contract/text.hpp"
#include "init/disk/printable.hpp"
#include "init/rescue/check.hpp"
#include "init/rescue/fix.hpp"
#include "init/rescue/say.hpp"
#include "init/sys/inside.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t largest_database = std::size_t{4} << 20;
constexpr std::size_t longest_password = 511;  // libcrypt's CRYPT_MAX_PASSPHRASE_SIZE with its zero
constexpr long first_sane_day = 20000;         // 2024: before it the machine's clock is wrong

struct Scheme {
  std::string_view pam, login_defs;
  const char* prefix;
};

constexpr std::array schemes{Scheme{"yescrypt", "YESCRYPT", "$y$"}, Scheme{"gost_yescrypt", "GOST_YESCRYPT", "$gy$"},
                             Scheme{"sha512", "SHA512", "$6$"}, Scheme{"sha256", "SHA256", "$5$"},
                             Scheme{"blowfish", "BCRYPT", "$2b$"}};

/// The options of "password ... pam_unix.so obscure yescrypt".
std::string scheme_of_pam(std::string_view pam) {
  std::string found;
  each_line(pam, [&](std::string_view line, unsigned) {
    const auto words = contract::split_words(line, " \t");
    if (words.empty() || (words[0] != "password" && words[0] != "-password")) return;
    if (line.find("pam_unix") == std::string_view::npos) return;
    for (const Scheme& scheme : schemes)
      if (std::ranges::find(words, scheme.pam) != words.end()) found = scheme.prefix;
  });
  return found;
}

std::string scheme_of_login_defs(std::string_view login_defs) {
  std::string found;
  each_line(login_defs, [&](std::string_view line, unsigned) {
    const auto words = contract::split_words(line, " \t");
    if (words.size() < 2 || words[0] != "ENCRYPT_METHOD") return;
    for (const Scheme& scheme : schemes)
      if (words[1] == scheme.login_defs) found = scheme.prefix;
  });
  return found;
}

std::string pam_text(const Fd& root) {
  std::string text;
  for (const char* file : {"etc/pam.d/common-password", "etc/pam.d/system-auth", "etc/pam.d/passwd"})
    text += read_below(root, file, largest_database).value_or("") + "\n";
  return text;
}

/// One line of standard input.
Result<Secret> read_from_input() {
  std::string text;
  text.reserve(longest_password + 1);  // it must not leave copies behind while it grows
  char c = 0;
  for (ssize_t n = 0; (n = ::read(0, &c, 1)) != 0 && c != '\n';) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure_from_errno("reading the password", errno);
    text += c;
    if (text.size() > longest_password) return Failure{"the password is longer than 511 bytes"};
  }
  return Secret(std::move(text));
}

Result<Secret> ask_twice(const std::string& user) {
  Secret first, second;
  if (!ask_secret("New password of " + user + " in the original system: ", first))
    return Failure{"no password was entered\nhint: on a terminal, or with --stdin on standard input"};
  if (!ask_secret("Once more: ", second) || first.view() != second.view())
    return Failure{"the two passwords differ: nothing was changed"};
  if (first.view().size() > longest_password) return Failure{"the password is longer than 511 bytes"};
  return first;
}

Status check_user(const Fd& root, const std::string& user) {
  std::string field;
  bool found = false;
  each_line(read_below(root, "etc/passwd", largest_database).value_or(""), [&](std::string_view line, unsigned) {
    const auto fields = split_fields(line);
    if (found || fields.size() < 7 || fields[0] != user) return;
    found = true;
    field = fields[1];
  });
  if (!found) return Failure{"the original has no user " + printable(user) + " in /etc/passwd"};
  if (field == "x") return Done{};
  return Failure{"the password of " + user + " is not in /etc/shadow\nhint: rescue chroot passwd " + user};
}

std::string joined(const std::vector<std::string_view>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ":") + std::string(fields[i]);
  return line;
}

std::string changed_line(std::vector<std::string_view> fields, const std::string& hash, const std::string& day,
                         long today, std::vector<std::string>& notes) {
  fields.resize(9);
  if (fields[1].starts_with('!') || fields[1].starts_with('*')) notes.emplace_back("it was locked; it is not any more");
  fields[1] = hash;
  fields[2] = day;
  const auto expires = contract::parse_number(fields[7], 10'000'000);
  if (expires && (today == 0 || static_cast<long>(*expires) <= today)) {
    notes.emplace_back("the account had expired; it has no such day any more");
    fields[7] = {};
  }
  return joined(fields);
}

/// `hash` is made after everything else was checked.
Result<std::string> make_hash(const FixRequest& request, const std::string& user, const std::string& scheme) {
  const auto password = request.from_input ? read_from_input() : ask_twice(user);
  if (!password) return password.failure();
  if (password->empty()) return Failure{"an empty password is not set"};
  return hash_password_as(*password, scheme);
}

}  // namespace

std::string choose_scheme(std::string_view pam, std::string_view login_defs) {
  if (const std::string scheme = scheme_of_pam(pam); !scheme.empty()) return scheme;
  if (const std::string scheme = scheme_of_login_defs(login_defs); !scheme.empty()) return scheme;
  return "$6$";
}

Result<std::string> with_new_password(std::string_view shadow, const std::string& user, const std::string& hash,
                                      long today, std::vector<std::string>& notes) {
  if (hash.empty() || hash.find_first_of(":\n\r") != std::string::npos) return Failure{"not a password hash"};
  const std::string day = today == 0 ? "" : std::to_string(today);
  std::string text;
  bool found = false;
  each_line(shadow, [&](std::string_view line, unsigned) {
    const auto fields = split_fields(line);
    const bool is_user = !found && fields[0] == user;
    found = found || is_user;
    text += (is_user ? changed_line(fields, hash, day, today, notes) : std::string(line)) + "\n";
  });
  if (found) return text;
  notes.emplace_back("it had no line in /etc/shadow; it has one now");
  return text + user + ":" + hash + ":" + day + ":0:99999:7:::\n";
}

Result<FixEnd> fix_password(const FixRequest& request) {
  const Fd& root = request.original.root;
  const std::string user = request.words.empty() ? "root" : request.words.front();
  if (Status known = check_user(root, user); !known) return known.failure();
  const auto shadow = read_below(root, "etc/shadow", largest_database);
  if (!shadow) return shadow.failure();
  const std::string scheme =
      choose_scheme(pam_text(root), read_below(root, "etc/login.defs", largest_database).value_or(""));
  const long day = static_cast<long>(request.now / 86400);
  const long today = day < first_sane_day ? 0 : day;
  std::vector<std::string> notes;
  const auto hash = request.dry_run ? Result<std::string>(scheme) : make_hash(request, user, scheme);
  const auto text = hash ? with_new_password(*shadow, user, *hash, today, notes) : Result<std::string>(hash.failure());
  if (!text) return text.failure();
  FixEnd end{true,
             std::string(request.dry_run ? "would give " : "gave ") + user + " a new password in /etc/shadow, scheme " +
                 scheme + "\n",
             ""};
  for (const std::string& note : notes) end.text += note + "\n";
  if (request.dry_run) return end;
  const std::string suffix = backup_suffix(request.now);
  if (Status written = replace_below(root, "etc/shadow", *text, suffix); !written) return written.failure();
  end.backup = "/etc/shadow" + suffix;
  return end;
}

}  // namespace lifeboat::init
