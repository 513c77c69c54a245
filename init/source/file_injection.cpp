#include "init/source/file_injection.hpp"

#include <string>

#include "init/contract/injection.hpp"
#include "init/contract/text.hpp"
#include "init/source/original_network.hpp"
#include "init/source/plan_builder.hpp"
#include "init/source/source.hpp"
#include "init/source/volume.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

/// "vda3"; empty: there is none. A CD has no partitions, and nobody can write to it either.
std::string partition_of(const std::string& disk) {
  const std::string folder = "/sys/block/" + disk, number = std::to_string(contract::injection_partition);
  for (const FolderEntry& entry : list_folder(folder))
    if (contract::trim(read_file(folder + "/" + entry.name + "/partition", 64).value_or("")) == number)
      return entry.name;
  return {};
}

/// Field 2 of root's line.
std::string_view root_field(std::string_view shadow) {
  for (std::string_view line : contract::split_words(shadow, "\n"))
    if (line.starts_with("root:")) return line.substr(5, line.substr(5).find(':'));
  return {};
}

/// Nova writes a comment above each key that it adds.
std::string without_comments(std::string_view keys) {
  std::string kept;
  for (std::string_view line : contract::split_words(keys, "\r\n"))
    if (!contract::trim(line).starts_with('#')) kept.append(line).append("\n");
  return kept;
}

}  // namespace

Result<Findings> parse_injected_files(std::string_view shadow, std::string_view authorized_keys,
                                      std::string_view interfaces) {
  Findings findings;
  const std::string_view field = root_field(shadow);
  const bool locked = field.empty() || field.starts_with('*') || field.starts_with('!');
  if (!locked) take_password_hash(field, contract::injected_password_file, findings);
  add_key_lines(without_comments(authorized_keys), findings);
  take_network(parse_interfaces_file(interfaces), findings);
  if (locked && findings.keys.empty() && findings.network.is_empty())
    return nothing_there("nothing was left on the medium");
  return findings;
}

Result<Findings> read_injected_files(const Platform& platform) {
  const std::string name = platform.own_disk.empty() ? "" : partition_of(platform.own_disk);
  if (name.empty()) return nothing_there("the rescue medium has no partition for it");
  Result<Findings> findings = Failure{"it was not read"};
  const auto read = [&](const std::string& folder) {
    std::vector<std::string> unread;  // each costs what it holds
    const auto text_of_file = [&](const char* file) {
      auto text = read_optional_volume_file(folder, file);
      if (!text) unread.push_back(text.error());
      return text ? std::move(*text) : Secret();
    };
    const Secret shadow = text_of_file(contract::injected_password_file);
    const Secret keys = text_of_file(contract::injected_keys_file);
    const Secret network = text_of_file(contract::injected_network_file);
    findings = parse_injected_files(shadow.view(), keys.view(), network.view());
    if (!findings && !unread.empty()) findings = Failure{unread.front()};
    if (findings)
      for (std::string& why : unread) add_note(std::move(why), *findings);
  };
  // Its disk is mounted as a whole, so the kernel lets nobody else have a part of it; a loop device asks for no such.
  auto loop = attach_loop_device("/dev/" + name);
  if (!loop) return loop.failure();
  const Status mounted = with_volume(
      loop->path, {"ext4", ""}, [](const std::string&) {}, read);
  if (!mounted) return Failure{"/dev/" + name + ": " + mounted.error()};
  return findings;
}

}  // namespace lifeboat::init
