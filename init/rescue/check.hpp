#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/rescue/original.hpp"

namespace lifeboat::init {

/// How bad a finding is: `broken` keeps the system from booting or people from logging in.
enum class Level { ok, warning, broken };

/// What a check found.
struct Finding {
  Level level = Level::ok;
  std::string text;  ///< one clause, printable
  std::string hint;  ///< the command that repairs it, or what to do; empty: nothing
  std::string name;  ///< the check's; set by find_all()
  bool operator==(const Finding&) const = default;
};
using Findings = std::vector<Finding>;

/// What the checks look at.
struct Examined {
  const Original& original;
  const DiskReport& disks;  ///< where the devices are that its files name
  bool efi = false;         ///< this machine was started by EFI firmware
};

/// One check: a row in a table. It writes nothing, waits for nothing without a bound, and finds one thing at least.
struct Check {
  std::string_view name;
  std::string_view what;  ///< for the help
  Findings (*run)(const Examined&);
};

/// All checks, in the order in which a system starts.
std::vector<Check> all_checks();

Findings find_all(const Examined& examined);

/// Aligned lines of 80 columns, a hint below what it is for.
std::string to_text(const Findings& findings);
/// docs/check.md describes it.
std::string to_json(const Findings& findings, const Original& original);

std::string_view to_text(Level level);

// The rows' functions, by file.
Findings check_fstab(const Examined&);  // checks_files.cpp
Findings check_space(const Examined&);
Findings check_network(const Examined&);
Findings check_machine_id(const Examined&);
Findings check_selinux(const Examined&);
Findings check_packages(const Examined&);
Findings check_kernels(const Examined&);  // checks_boot.cpp
Findings check_grub(const Examined&);
Findings check_esp(const Examined&);
Findings check_accounts(const Examined&);  // checks_login.cpp
Findings check_login(const Examined&);
Findings check_ssh(const Examined&);

/// A file's text for a check, empty where it cannot be read.
std::string text_of(const Examined& examined, const std::string& path, std::size_t limit = std::size_t{1} << 20);

/// Whether a file system or swap area with this UUID is here.
bool has_file_system(const DiskReport& disks, std::string_view uuid);

/// Each line with its number, counted from 1.
void each_line(std::string_view text, const std::function<void(std::string_view, unsigned)>& take);

/// The fields between colons, empty ones too, as passwd(5) and shadow(5) have them.
std::vector<std::string_view> split_fields(std::string_view line);

}  // namespace lifeboat::init
