#include "init/sys/write_rights.hpp"

#include <algorithm>
#include <string_view>

#include "init/sys/file_lock.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* now_file = "/writable";
constexpr const char* ever_file = "/was-writable";
constexpr const char* protected_file = "/protected";
constexpr const char* lock_name = "/writable.lock";
constexpr Milliseconds commands_patience{2'000}, first_process_patience{200};

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> read_names(const std::string& file) {
  std::vector<std::string> names;
  const std::string text = read_file(file).value_or("");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) names.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

Status write_names(const std::string& file, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return replace_file(file, text, 0600);
}

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

}  // namespace

void WriteRights::add(const std::string& name) {
  now.push_back(name);
  if (!holds(ever, name)) ever.push_back(name);
}

void WriteRights::remove(const std::string& name) {
  if (const auto one = std::ranges::find(now, name); one != now.end()) now.erase(one);
}

void WriteRights::remove_disk(const std::string& disk) {
  std::erase_if(now, [&](const std::string& name) { return is_part_of(name, disk); });
}

WriteRights read_write_rights(const std::string& folder) {
  return {read_names(folder + now_file), read_names(folder + ever_file)};
}

Result<WriteRights> change_write_rights(const std::function<void(WriteRights&)>& change, Milliseconds patience,
                                        const std::string& folder) {
  const auto lock = lock_file(folder + lock_name, patience);
  WriteRights rights = read_write_rights(folder);
  change(rights);
  if (Status written = write_names(folder + ever_file, rights.ever); !written) return written.failure();
  if (Status written = write_names(folder + now_file, rights.now); !written) return written.failure();
  return rights;
}

std::vector<std::string> read_protected_by_us(const std::string& folder) { return read_names(folder + protected_file); }

Status add_protected_by_us(const std::string& disk, const std::string& folder) {
  const auto lock = lock_file(folder + lock_name, commands_patience);
  std::vector<std::string> ours = read_protected_by_us(folder);
  if (holds(ours, disk)) return Done{};
  ours.push_back(disk);
  return write_names(folder + protected_file, ours);
}

Status forget_disk(const std::string& disk, const std::string& folder) {
  const auto is_its = [&](const std::string& name) { return is_part_of(name, disk); };
  if (std::ranges::any_of(read_write_rights(folder).now, is_its)) {
    const auto changed =
        change_write_rights([&](WriteRights& rights) { rights.remove_disk(disk); }, first_process_patience, folder);
    if (!changed) return changed.failure();
  }
  if (!holds(read_protected_by_us(folder), disk)) return Done{};
  const auto lock = lock_file(folder + lock_name, first_process_patience);
  std::vector<std::string> ours = read_protected_by_us(folder);
  std::erase(ours, disk);
  return write_names(folder + protected_file, ours);
}

bool is_part_of(const std::string& name, const std::string& disk) {
  if (name == disk) return true;
  if (disk.empty() || !name.starts_with(disk)) return false;
  std::string_view number = std::string_view(name).substr(disk.size());
  if (is_digit(disk.back())) {
    if (!number.starts_with('p')) return false;
    number.remove_prefix(1);
  }
  return !number.empty() && std::ranges::all_of(number, is_digit);
}

}  // namespace lifeboat::init
