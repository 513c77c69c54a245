#include "init/source/credentials.hpp"

#include <fcntl.h>

#include "init/contract/base64.hpp"
#include "init/contract/kernel_arguments.hpp"
#include "init/contract/text.hpp"
#include "init/source/network_config.hpp"
#include "init/source/original_network.hpp"
#include "init/source/plan_draft.hpp"
#include "init/source/source.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view plain_prefix = "io.systemd.credential:";
constexpr std::string_view binary_prefix = "io.systemd.credential.binary:";
constexpr int most_entries = 256;  // of SMBIOS type 11; one holds up to 255 strings

/// Takes credentials until they are too many.
class Collection {
 public:
  Collection(Credentials& credentials, std::size_t total) : credentials_(credentials), left_(total) {}

  void add(const std::string& name, std::string&& value, const char* where) {
    if (credentials_.values.contains(name)) return Secret::wipe(value);
    if (value.size() > left_) {
      note(std::string(where) + ": " + name + " is left out: credentials of more than 1 MiB");
      return Secret::wipe(value);
    }
    left_ -= value.size();
    credentials_.values.emplace(name, Secret(std::move(value)));
  }

  /// `text`: NAME, the separator, VALUE.
  void add_assignment(std::string_view text, char separator, bool binary, const char* where) {
    const std::size_t at = text.find(separator);
    const std::string name(text.substr(0, at));
    if (at == std::string_view::npos || name.empty())
      return note(std::string(where) + ": a credential without a name is left out");
    std::string value(text.substr(at + 1));
    if (!binary) return add(name, std::move(value), where);
    auto bytes = contract::decode_base64(value);
    Secret::wipe(value);
    if (!bytes) return note(std::string(where) + ": " + name + " is left out: its base64 is broken");
    add(name, std::move(*bytes), where);
  }

  void note(std::string text) {
    if (credentials_.notes.size() < 10) credentials_.notes.push_back(std::move(text));
  }

 private:
  Credentials& credentials_;
  std::size_t left_;
};

/// A link per item to its folder; the file `raw` says that it has no bytes.
void collect_fw_cfg(const std::string& folder, Collection& collection) {
  constexpr std::size_t largest = std::size_t{1} << 20;
  for (const FolderEntry& entry : list_folder(folder)) {
    auto value = read_file(folder + "/" + entry.name + "/raw", largest);
    if (value) collection.add(entry.name, std::move(*value), "fw_cfg");
    if (!value) collection.note("fw_cfg: " + value.error());
  }
}

void collect_smbios(const std::string& folder, Collection& collection) {
  for (int i = 0; i < most_entries; ++i) {
    auto raw = read_file(folder + "/11-" + std::to_string(i) + "/raw");
    if (!raw) break;
    for (const std::string_view text : smbios_strings(*raw)) {
      if (text.starts_with(plain_prefix))
        collection.add_assignment(text.substr(plain_prefix.size()), '=', false, "SMBIOS");
      if (text.starts_with(binary_prefix))
        collection.add_assignment(text.substr(binary_prefix.size()), '=', true, "SMBIOS");
    }
    Secret::wipe(*raw);
  }
}

/// Takes a value out; without the line end behind it.
std::string take(Credentials& credentials, const char* name) {
  const auto found = credentials.values.find(name);
  if (found == credentials.values.end()) return "";
  std::string value(found->second.view());
  while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
  credentials.values.erase(found);
  return value;
}

/// network.network.NAME and its like are systemd-networkd's files NAME.network; resolved takes the other two.
NetworkPlan take_networkd(Credentials& credentials) {
  std::vector<NetworkFile> files;
  for (const std::string kind : {"network", "netdev", "link"}) {
    const std::string prefix = "network." + kind + ".";
    for (auto& [name, value] : credentials.values)
      if (name.starts_with(prefix))
        files.push_back({name.substr(prefix.size()) + "." + kind, std::string(value.view())});
  }
  NetworkPlan plan = parse_networkd(files);
  PlanDraft draft;
  draft.add_dns(nullptr, take(credentials, "network.dns"));
  draft.add_search(nullptr, take(credentials, "network.search_domains"));
  NetworkPlan names = draft.finish();
  plan.dns = std::move(names.dns);
  plan.search = std::move(names.search);
  plan.notes.insert(plan.notes.end(), names.notes.begin(), names.notes.end());
  return plan;
}

}  // namespace

std::vector<std::string_view> smbios_strings(std::string_view raw) {
  std::vector<std::string_view> strings;
  const std::size_t formatted = raw.size() > 1 ? static_cast<unsigned char>(raw[1]) : 0;
  if (formatted < 5 || formatted > raw.size()) return strings;
  for (std::size_t at = formatted; at < raw.size();) {
    const std::size_t end = raw.find('\0', at);
    if (end == std::string_view::npos || end == at) break;
    strings.push_back(raw.substr(at, end - at));
    at = end + 1;
  }
  return strings;
}

Credentials collect_credentials(const CredentialPlaces& places, const std::string& kernel_command_line,
                                std::size_t total) {
  Credentials credentials;
  Collection collection(credentials, total);
  collect_fw_cfg(places.fw_cfg, collection);
  collect_smbios(places.dmi_entries, collection);
  for (const contract::CredentialArgument& argument : contract::parse_kernel_arguments(kernel_command_line).credentials)
    collection.add_assignment(argument.text, ':', argument.binary, "the kernel command line");
  return credentials;
}

Result<Findings> take_credentials(Credentials&& credentials) {
  if (credentials.values.empty() && credentials.notes.empty())
    return nothing_there("no credential in fw_cfg, SMBIOS or on the kernel command line");
  Findings findings;
  for (std::string& note : credentials.notes) add_note(std::move(note), findings);
  const std::string hash = take(credentials, "passwd.hashed-password.root");
  if (!hash.empty()) take_password_hash(hash, "passwd.hashed-password.root", findings);
  std::string password = take(credentials, "passwd.plaintext-password.root");
  if (!password.empty() && findings.password_hash.empty())
    take_password(std::move(password), "passwd.plaintext-password.root", findings);
  Secret::wipe(password);
  add_key_lines(take(credentials, "ssh.authorized_keys.root"), findings);
  findings.hostname = take(credentials, "system.hostname");
  findings.notify_socket = take(credentials, "vmm.notify_socket");
  findings.deadline = take(credentials, "lifeboat.deadline");
  findings.network = take_networkd(credentials);
  if (const std::string config = take(credentials, "lifeboat.network-config"); !config.empty())
    take_network(parse_network_config(config), findings);
  if (const auto key = credentials.values.find("lifeboat.host_key"); key != credentials.values.end())
    findings.host_key = std::move(key->second);
  return findings;
}

Result<Findings> read_credentials(const Platform& platform) {
  return take_credentials(collect_credentials({}, platform.kernel_command_line));
}

}  // namespace lifeboat::init
