#pragma once
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/rescue/original.hpp"

namespace lifeboat::init {

/// What a fix was asked to do.
struct FixRequest {
  const Original& original;
  bool dry_run = false;            ///< say what would be done, change nothing
  std::time_t now = 0;             ///< names the backup
  std::vector<std::string> words;  ///< beyond its name: a user
  std::vector<std::string> disks;  ///< --disk
  bool from_input = false;         ///< --stdin: the password comes on standard input
};

/// How it ended.
struct FixEnd {
  bool changed = false;  ///< false: nothing was left to do
  std::string text;      ///< for people: a diff, commands, what was done; each line ends in a newline
  std::string backup;    ///< the copy's path in the original; empty: none was needed
};

/// One fix: a row in a table.
struct Fix {
  std::string_view name;
  std::string_view what;  ///< for the help
  Result<FixEnd> (*run)(const FixRequest&);
};

std::vector<Fix> all_fixes();

Result<FixEnd> fix_fstab(const FixRequest&);        // fix_fstab.cpp
Result<FixEnd> fix_password(const FixRequest&);     // fix_password.cpp
Result<FixEnd> fix_initramfs(const FixRequest&);    // fix_boot.cpp
Result<FixEnd> fix_boot_loader(const FixRequest&);  // fix_boot.cpp
Result<FixEnd> fix_autorelabel(const FixRequest&);  // fix_files.cpp

// The pure parts.

/// What an fstab with its entries resolved becomes, and why; see fix_fstab.cpp. No line is dropped.
struct RepairedFstab {
  std::string text;
  std::vector<std::string> notes;  ///< "line 3, /data: nofail"
};
RepairedFstab repair_fstab(std::string_view text, const DiskReport& disks, std::string_view root_device);

/// A unified diff of two texts of as many lines; empty: they are equal.
std::string unified_diff(const std::string& path, std::string_view before, std::string_view after);

/// ".rescue-20261126-091500", by UTC.
std::string backup_suffix(std::time_t now);

/// crypt(3)'s prefix for new passwords by what the original's PAM (the options of pam_unix.so) and login.defs say:
/// "$y$", "$6$". Where they say nothing or what is weak: "$6$", which every glibc since 2008 knows.
std::string choose_scheme(std::string_view pam, std::string_view login_defs);

/// The shadow text with the user's new hash, changed on `today` (days since 1970; 0: this machine's clock is wrong), no
/// lock and no expiry that is over. `notes` get what was lifted. A user without a line gets one.
Result<std::string> with_new_password(std::string_view shadow, const std::string& user, const std::string& hash,
                                      long today, std::vector<std::string>& notes);

/// The commands that make the initramfs of each kernel anew, by what the original has.
Result<std::vector<std::vector<std::string>>> plan_initramfs(const Original& original);

/// The commands that put the boot loader on the disks and write its menu. `efi`: this machine starts by EFI.
Result<std::vector<std::vector<std::string>>> plan_boot_loader(const Original& original, bool efi,
                                                               const std::vector<std::string>& disks);

}  // namespace lifeboat::init
