#include "init/rescue/check.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"
#include "init/disk/fstab_devices.hpp"
#include "init/disk/printable.hpp"
#include "init/sys/inside.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t width = 80;
constexpr std::size_t indent = 21;  // "warning  machine-id  "

constexpr std::array checks{
    Check{"fstab", "every entry means a device that is here", check_fstab},
    Check{"kernel", "each kernel is whole, and has its initramfs and its modules", check_kernels},
    Check{"grub", "the boot loader's files, kernels and file systems are there", check_grub},
    Check{"esp", "the EFI system partition has a boot loader", check_esp},
    Check{"accounts", "passwd and shadow are whole, root can log in", check_accounts},
    Check{"login", "nologin and what PAM includes", check_login},
    Check{"ssh", "sshd's configuration, its keys and their modes", check_ssh},
    Check{"space", "no file system is full", check_space},
    Check{"selinux", "files have labels, or get them at the next start", check_selinux},
    Check{"network", "there is a configuration, and name servers", check_network},
    Check{"machine-id", "the machine has its id", check_machine_id},
    Check{"packages", "no installation was interrupted", check_packages},
};

std::string padded(std::string_view text, std::size_t columns) {
  std::string out(text);
  out.resize(std::max(columns, out.size()), ' ');
  return out;
}

/// The words in lines of `width`, each but the first begun with blanks.
std::string wrapped(std::string head, std::string_view text) {
  std::string out;
  std::string line = std::move(head);
  bool empty = true;
  for (const std::string_view word : contract::split_words(text, " \n")) {
    if (!empty && line.size() + 1 + word.size() > width) {
      out += line + "\n";
      line.assign(indent, ' ');
      empty = true;
    }
    line += (empty ? "" : " ") + std::string(word);
    empty = false;
  }
  return out + line + "\n";
}

}  // namespace

std::vector<Check> all_checks() { return {checks.begin(), checks.end()}; }

Findings find_all(const Examined& examined) {
  Findings all;
  for (const Check& check : checks)
    for (Finding& finding : check.run(examined)) {
      finding.name = check.name;
      all.push_back(std::move(finding));
    }
  return all;
}

std::string_view to_text(Level level) {
  constexpr std::array<std::string_view, 3> words{"ok", "warning", "broken"};
  return words[static_cast<std::size_t>(level)];
}

std::string to_text(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    const std::string_view level = finding.level == Level::broken ? "BROKEN" : to_text(finding.level);
    const std::string head = padded(level, 9) + padded(finding.name, indent - 9);
    text += wrapped(head, finding.text);
    if (!finding.hint.empty()) text += wrapped(std::string(indent, ' ') + "hint: ", finding.hint);
  }
  return text;
}

std::string to_json(const Findings& findings, const Original& original) {
  nlohmann::json list = nlohmann::json::array();
  for (const Finding& finding : findings)
    list.push_back(
        {{"name", finding.name}, {"level", to_text(finding.level)}, {"text", finding.text}, {"hint", finding.hint}});
  const auto count = [&](Level level) { return std::ranges::count(findings, level, &Finding::level); };
  const nlohmann::json whole{{"version", 1},
                             {"root", original.at},
                             {"device", original.device},
                             {"broken", count(Level::broken)},
                             {"warnings", count(Level::warning)},
                             {"findings", list}};
  return whole.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string text_of(const Examined& examined, const std::string& path, std::size_t limit) {
  return read_below(examined.original.root, path, limit).value_or("");
}

bool has_file_system(const DiskReport& disks, std::string_view uuid) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::any_of(fstab_devices(disks), [&](const FstabDevice& device) {
    return std::ranges::equal(device.content->uuid, uuid, {}, lower, lower);
  });
}

void each_line(std::string_view text, const std::function<void(std::string_view, unsigned)>& take) {
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    take(line, number);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  for (;;) {
    const std::size_t colon = line.find(':');
    fields.push_back(line.substr(0, colon));
    if (colon == std::string_view::npos) return fields;
    line.remove_prefix(colon + 1);
  }
}

}  // namespace lifeboat::init
