// Whether root can log in to the original.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <set>

#include "init/access/password.hpp"
#include "init/access/sshd_check.hpp"
#include "init/contract/text.hpp"
#include "init/disk/printable.hpp"
#include "init/rescue/check.hpp"
#include "init/rescue/chroot.hpp"
#include "init/sys/inside.hpp"

namespace lifeboat::init {
namespace {

/// passwd or shadow: the user's line, and the lines that make no sense.
struct Database {
  std::vector<std::string> root;
  std::string damaged;  ///< "line 3 and 2 more"; empty: none
};

Database read_database(std::string_view text, std::size_t fields_wanted) {
  Database database;
  unsigned first = 0, more = 0;
  each_line(text, [&](std::string_view line, unsigned number) {
    const auto fields = split_fields(line);
    const bool compat = line.starts_with('+') || line.starts_with('-') || line.starts_with('#');  // NIS
    if (fields.size() != fields_wanted || fields[0].empty()) {
      if (!compat) (first == 0 ? first : more) += first == 0 ? number : 1;
      return;
    }
    if (fields[0] == "root" && database.root.empty()) database.root.assign(fields.begin(), fields.end());
  });
  if (first != 0)
    database.damaged = "line " + std::to_string(first) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
  return database;
}

void check_passwd(const Examined& examined, const Database& passwd, Findings& findings) {
  const auto broken = [&](const std::string& text, const char* hint) {
    findings.push_back({Level::broken, text, hint, ""});
  };
  constexpr const char* backup = "the system keeps a copy in /etc/passwd- : compare the two";
  if (!passwd.damaged.empty()) broken("/etc/passwd is damaged: " + passwd.damaged, backup);
  if (passwd.root.empty()) return broken("/etc/passwd has no root", backup);
  if (passwd.root[2] != "0") broken("root's user number is " + printable(passwd.root[2]) + ", not 0", backup);
  const std::string& shell = passwd.root[6];
  const auto status = stat_below(examined.original.root, shell.empty() ? "bin/sh" : shell);
  if (!status || (status->st_mode & 0111U) == 0)
    broken("root's shell " + printable(shell) + " is no program there", "rescue chroot usermod -s /bin/sh root");
  else if (shell.ends_with("nologin") || shell.ends_with("/false"))
    findings.push_back({Level::warning, "root's shell is " + printable(shell) + ": nobody can log in as root",
                        "rescue chroot usermod -s /bin/sh root", ""});
}

long number_of(std::string_view text) {
  const auto number = contract::parse_number(text, 100'000'000);
  return number ? static_cast<long>(*number) : -1;
}

/// The dates of shadow(5) are days since 1970.
void check_age(const std::vector<std::string>& root, long today, Findings& findings) {
  const long changed = number_of(root[2]), most = number_of(root[4]), expires = number_of(root[7]);
  if (expires >= 0 && expires < today)
    findings.push_back({Level::broken, "root's account expired", "rescue fix password", ""});
  if (changed == 0 || (changed > 0 && most >= 0 && most < 99999 && changed + most < today))
    findings.push_back(
        {Level::warning, "root's password expired: the next login has to change it", "rescue fix password", ""});
}

void check_shadow(const Examined& examined, const Database& shadow, Findings& findings) {
  const auto add = [&](Level level, const std::string& text) {
    findings.push_back({level, text, "rescue fix password", ""});
  };
  if (!shadow.damaged.empty())
    findings.push_back({Level::broken, "/etc/shadow is damaged: " + shadow.damaged,
                        "the system keeps a copy in /etc/shadow- : compare the two", ""});
  if (shadow.root.empty()) return add(Level::broken, "/etc/shadow has no root");
  const std::string& hash = shadow.root[1];
  if (hash.empty()) add(Level::warning, "root has an empty password");
  const bool locked = hash.starts_with('!') || hash.starts_with('*');
  const Status known = locked || hash.empty() ? Status(Done{}) : check_password_hash(hash);
  if (!known) add(Level::broken, "root's password lets nobody in: its hash is broken, " + known.error());
  check_age(shadow.root, static_cast<long>(std::time(nullptr) / 86400), findings);
  const auto status = stat_below(examined.original.root, "etc/shadow");
  if (status && (status->st_mode & 07U) != 0)
    findings.push_back(
        {Level::warning, "/etc/shadow can be read by everybody", "rescue chroot chmod o= /etc/shadow", ""});
  if (findings.empty() && locked)
    findings.push_back({Level::ok, "whole; root's password is locked, keys may still let root in", "", ""});
}

/// What a PAM file includes: "@include common-auth", "auth substack password-auth".
std::vector<std::string> included(std::string_view text) {
  std::vector<std::string> names;
  each_line(text, [&](std::string_view line, unsigned) {
    const auto words = contract::split_words(line, " \t");
    if (words.size() >= 2 && words[0] == "@include") names.emplace_back(words[1]);
    if (words.size() >= 3 && (words[1] == "include" || words[1] == "substack")) names.emplace_back(words[2]);
  });
  return names;
}

void check_pam(const Examined& examined, const std::string& service, int depth, Findings& findings,
               std::set<std::string>& seen) {
  constexpr std::size_t most = 32;
  if (depth > 4 || seen.size() > most || !seen.insert(service).second) return;
  for (const std::string& name : included(text_of(examined, "etc/pam.d/" + service))) {
    const bool relative = name.find('/') == std::string::npos;
    const bool there = stat_below(examined.original.root, relative ? "etc/pam.d/" + name : name) ||
                       stat_below(examined.original.root, "usr/lib/pam.d/" + name);
    if (!there && seen.insert(name).second)
      findings.push_back({Level::broken,
                          "/etc/pam.d/" + printable(service) + " includes " + printable(name) + ", which is not there",
                          "", ""});
    if (there && relative) check_pam(examined, name, depth + 1, findings, seen);
  }
}

/// Private keys that others can read are not taken by sshd; Red Hat's of the group ssh_keys are.
void check_host_keys(const Examined& examined, Findings& findings) {
  bool any = false;
  for (const std::string& name : list_below(examined.original.root, "etc/ssh")) {
    if (!name.starts_with("ssh_host_") || !name.ends_with("_key")) continue;
    const auto status = stat_below(examined.original.root, "etc/ssh/" + name);
    if (!status) continue;
    any = any || status->st_size > 0;
    const bool open = (status->st_mode & 07U) != 0 || ((status->st_mode & 070U) != 0 && status->st_gid == 0);
    const std::string path = "/etc/ssh/" + printable(name);
    if (status->st_size == 0)
      findings.push_back({Level::warning, path + " is empty", "rescue chroot ssh-keygen -A", ""});
    if (open)
      findings.push_back(
          {Level::broken, path + " can be read by others: sshd refuses it", "rescue chroot chmod 600 " + path, ""});
  }
  if (!any) findings.push_back({Level::warning, "sshd has no host key", "rescue chroot ssh-keygen -A", ""});
}

void check_authorized_keys(const Examined& examined, Findings& findings) {
  for (const char* path : {"root", "root/.ssh", "root/.ssh/authorized_keys"}) {
    const auto status = stat_below(examined.original.root, path);
    if (status && ((status->st_mode & 022U) != 0 || status->st_uid != 0))
      findings.push_back({Level::warning,
                          std::string("/") + path + " can be written by others: sshd takes no keys of root",
                          std::string("rescue chroot chmod go-w /") + path, ""});
  }
}

/// The original's own sshd judges its configuration; in a root that takes no changes, and bounded in time.
void ask_sshd(const Examined& examined, Findings& findings) {
  const auto program = find_program(examined.original, "sshd");
  if (!program || !check_architecture(examined.original, *program)) return;
  const auto end = run_in_original(examined.original, {.argv = {*program, "-t"}, .limit = Milliseconds(10'000)},
                                   RootChanges::refused);
  if (!end) return findings.push_back({Level::warning, "sshd -t: " + printable(end.error()), "", ""});
  const bool exited = (end->status & 0x7f) == 0;
  const SshdVerdict verdict = read_sshd_verdict(exited ? end->status >> 8 : 255, end->output);
  if (!verdict.trouble.empty())
    findings.push_back({Level::broken, "sshd refuses its configuration: " + printable(verdict.trouble, 300),
                        "nano " + examined.original.at + "/etc/ssh/sshd_config", ""});
}

}  // namespace

Findings check_accounts(const Examined& examined) {
  Findings findings;
  constexpr std::size_t largest = std::size_t{4} << 20;
  const Database passwd = read_database(text_of(examined, "etc/passwd", largest), 7);
  check_passwd(examined, passwd, findings);
  const bool shadowed = passwd.root.empty() || passwd.root[1] == "x";
  if (shadowed) check_shadow(examined, read_database(text_of(examined, "etc/shadow", largest), 9), findings);
  if (findings.empty()) findings.push_back({Level::ok, "whole; root has a password and a shell", "", ""});
  return findings;
}

Findings check_login(const Examined& examined) {
  Findings findings;
  for (const char* path : {"etc/nologin", "var/run/nologin"})
    if (stat_below(examined.original.root, path))
      findings.push_back({Level::warning, std::string("/") + path + " is there: nobody but root can log in",
                          "rescue chroot rm /" + std::string(path), ""});
  std::set<std::string> seen;
  for (const char* service : {"login", "sshd"}) check_pam(examined, service, 0, findings, seen);
  if (findings.empty()) findings.push_back({Level::ok, "nothing keeps people out", "", ""});
  return findings;
}

Findings check_ssh(const Examined& examined) {
  if (!find_program(examined.original, "sshd")) return {{Level::warning, "there is no sshd", "", ""}};
  if (!has_file_below(examined.original.root, "etc/ssh/sshd_config") &&
      !has_file_below(examined.original.root, "usr/etc/ssh/sshd_config"))
    return {{Level::broken, "/etc/ssh/sshd_config is missing or empty",
             "install openssh-server again, by rescue chroot", ""}};
  Findings findings;
  check_host_keys(examined, findings);
  check_authorized_keys(examined, findings);
  ask_sshd(examined, findings);
  if (findings.empty()) findings.push_back({Level::ok, "sshd takes its configuration and its keys", "", ""});
  return findings;
}

}  // namespace lifeboat::init
