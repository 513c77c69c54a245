#include "init/sys/holders.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>

#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/mount_table.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_files = 4096;  // of one process that are looked at
constexpr std::size_t most_named = 3;

std::string read_link(const std::string& link) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  return {target.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

pid_t pid_of(const std::string& name) {
  if (name.empty() || name.find_first_not_of("0123456789") != std::string::npos) return 0;
  return static_cast<pid_t>(std::strtol(name.c_str(), nullptr, 10));
}

std::string first_line(const std::string& file) {
  const std::string text = read_file(file, 8192).value_or("");
  return text.substr(0, text.find('\n'));
}

std::string name_of(const std::string& process) {
  std::string name = first_line(process + "/comm");
  std::ranges::replace_if(
      name, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return name.empty() ? "a process" : name;
}

/// proc(5): a line of fdinfo is "flags:", and open(2)'s flags as an octal number.
bool is_open_for_writing(const std::string& process, const std::string& file) {
  constexpr std::string_view key = "flags:";
  const std::string text = read_file(process + "/fdinfo/" + file, 4096).value_or("");
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return true;  // it may be
  return (std::strtoul(text.c_str() + at + key.size(), nullptr, 8) & O_ACCMODE) != O_RDONLY;
}

bool holds(const std::string& process, const std::string& path, Use use) {
  for (const char* link : {"/cwd", "/root", "/exe"})
    if (use == Use::any && is_at_or_below(read_link(process + link), path)) return true;
  std::size_t looked_at = 0;
  for (const FolderEntry& file : list_folder(process + "/fd"))
    if (++looked_at <= most_files && is_at_or_below(read_link(process + "/fd/" + file.name), path) &&
        (use == Use::any || is_open_for_writing(process, file.name)))
      return true;
  return false;
}

}  // namespace

std::vector<Holder> find_holders(const std::string& path, const std::string& proc, Use use) {
  std::vector<Holder> holders;
  for (const Holder& process : find_processes(proc))
    if (holds(proc + "/" + std::to_string(process.pid), path, use)) holders.push_back(process);
  return holders;
}

std::vector<Holder> find_processes(const std::string& proc) {
  std::vector<Holder> processes;
  for (const FolderEntry& entry : list_folder(proc)) {
    const pid_t pid = pid_of(entry.name);
    const std::string process = proc + "/" + entry.name;
    if (pid <= 1 || pid == ::getpid() || read_link(process + "/exe").empty()) continue;
    processes.push_back({pid, name_of(process)});
  }
  std::ranges::sort(processes, {}, &Holder::pid);
  return processes;
}

std::string holder_words(const std::vector<Holder>& holders) {
  std::string words;
  for (std::size_t i = 0; i < std::min(holders.size(), most_named); ++i)
    words += (i == 0 ? "" : ", ") + holders[i].name + " (pid " + std::to_string(holders[i].pid) + ")";
  if (holders.size() > most_named) words += " and " + std::to_string(holders.size() - most_named) + " more";
  return words;
}

std::string find_users(const std::string& path, Use use) {
  std::string users = holder_words(find_holders(path, "/proc", use));
  const auto add = [&](const std::string& user) { users += (users.empty() ? "" : ", ") + user; };
  for (const FolderEntry& device : list_folder("/sys/block"))
    if (is_at_or_below(first_line("/sys/block/" + device.name + "/loop/backing_file"), path) &&
        (use == Use::any || first_line("/sys/block/" + device.name + "/ro") == "0"))
      add("/dev/" + device.name);
  const std::string swaps = read_file("/proc/swaps").value_or("");
  for (std::size_t at = 0; at < swaps.size(); at = std::min(swaps.find('\n', at), swaps.size() - 1) + 1)
    if (is_at_or_below(std::string_view(swaps).substr(at, swaps.find_first_of(" \t\n", at) - at), path)) add("swap");
  return users;
}

}  // namespace lifeboat::init
