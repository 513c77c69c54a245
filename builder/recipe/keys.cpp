// The recipe format as tables.
#include "builder/recipe/keys.hpp"

#include <algorithm>
#include <span>

#include "builder/recipe/key_table.hpp"

namespace lifeboat {
namespace {

constexpr bool required = true;
constexpr bool optional = false;

/// load_documents() has followed the includes; here only their form is checked.
void includes(Recipe&, const TomlValue& value, const KeyPath& key, Reading& reading) {
  read_list(value, key, check_line, reading);
}

void fingerprints(Recipe::Repository& repository, const TomlValue& value, const KeyPath& key, Reading& reading) {
  for (std::string& fingerprint : read_list(value, key, check_fingerprint, reading)) {
    std::transform(fingerprint.begin(), fingerprint.end(), fingerprint.begin(),
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
    repository.fingerprints.push_back(fingerprint);
  }
}

template <auto Member, Check check>
void modules(Recipe::Kernel& kernel, const TomlValue& value, const KeyPath& key, Reading& reading) {
  std::vector<std::string> names = read_list(value, key, check, reading);
  // The kernel's own names have underscores; file names and people write either. Paths stay as they are.
  for (std::string& name : names)
    if (name.find('/') == name.npos) std::replace(name.begin(), name.end(), '-', '_');
  append_new(kernel.*Member, names);
}

void module_groups(Recipe::Kernel& kernel, const TomlValue& value, const KeyPath& key, Reading& reading) {
  for (const TomlMember* member : read_members(value, key, reading))
    kernel.module_groups[member->key] = read_list(member->value, key / member->key, check_glob, reading);
}

void alternatives(Recipe& recipe, const TomlValue& value, const KeyPath& key, Reading& reading) {
  for (const TomlMember* member : read_members(value, key, reading))
    if (auto target = read_text(member->value, key / member->key, check_absolute_path, reading))
      recipe.alternatives[member->key] = *target;
}

void kernel_table(Recipe&, const TomlValue&, const KeyPath&, Reading&);
void squashfs_table(Recipe&, const TomlValue&, const KeyPath&, Reading&);
void budget_table(Recipe&, const TomlValue&, const KeyPath&, Reading&);
void network_table(Recipe&, const TomlValue&, const KeyPath&, Reading&);
void repository_list(Recipe&, const TomlValue&, const KeyPath&, Reading&);

using Repository = Recipe::Repository;
using Kernel = Recipe::Kernel;
using Squashfs = Recipe::Squashfs;
using Budget = Recipe::Budget;
using Network = Recipe::Network;

constexpr Key<Recipe> recipe_rows[] = {
    {"include", optional, R"(["sets/base.toml"])", "files that are read before this one, relative to it", includes},
    {"name", required, R"("debian-12")", "names the output folder NAME-ARCHITECTURE", text<&Recipe::name, check_name>},
    {"title", required, R"("Debian 12 (bookworm) rescue system")", "what the console and the login call it",
     text<&Recipe::title, check_line>},
    {"distribution", required, R"("debian")", "which distribution's rules finish the root",
     text<&Recipe::distribution, check_distribution>},
    {"architecture", required, R"("amd64")", "of packages and kernel", text<&Recipe::architecture, check_architecture>},
    {"packages", required, R"(["bash", "less"])", "packages to install, with all that they depend on",
     list<&Recipe::packages, check_package>},
    {"provided", optional, R"(["initramfs-tools"])", "packages that the image itself stands in for; never installed",
     list<&Recipe::provided, check_package>},
    {"without", optional, R"(["xfsprogs/python3"])", "PACKAGE/DEPENDENCY: what a package's dependency is left out for",
     list<&Recipe::without, check_dependency>},
    {"remove", optional, R"(["usr/share/man/**"])", "globs of paths to leave out of the root",
     list<&Recipe::remove, check_glob>},
    {"overlays", optional, R"(["common", "debian"])", "folders below overlays/ whose files are laid over the root",
     list<&Recipe::overlays, check_name>},
    {"media", optional, R"(["netboot"])", "what to write; default: netboot", list<&Recipe::media, check_medium>},
    {"deadline", optional, R"("24h")",
     "how long a session lasts from the start: hours, minutes or seconds (`90m`), or none; default: 24h",
     text<&Recipe::deadline, check_deadline>},
    {"at_deadline", optional, R"("stay")",
     "stay, power-off or reboot, once the disks are synced and unmounted; default: stay",
     text<&Recipe::at_deadline, check_at_deadline>},
    {"without_source", optional, R"("locked")",
     "locked, or random-password, shown once on the consoles, where no source lets anybody in; default: locked",
     text<&Recipe::without_source, check_without_source>},
    {"rescue_host_keys", optional, R"("new")",
     "new, or original: sshd's host key is that of the system on the original disk; default: new",
     text<&Recipe::rescue_host_keys, check_rescue_host_keys>},
    {"alternatives", optional, R"({ editor = "/bin/nano" })",
     "which program a link of the alternatives system takes; default: the one with the highest priority", alternatives},
    {"repository", required, "[[repository]]", "where packages come from; one [[repository]] each", repository_list},
    {"kernel", required, "[kernel]", "the kernel and its modules", kernel_table},
    {"squashfs", optional, "[squashfs]", "how the root is compressed", squashfs_table},
    {"budget", optional, "[budget]", "what the image may cost; a build that is over it fails", budget_table},
    {"network", optional, "[network]", "how the network comes up where the platform does not say", network_table},
};

constexpr Key<Repository> repository_rows[] = {
    {"name", optional, R"("bookworm")", "for messages; default: the suite", text<&Repository::name, check_suite>},
    {"mirror", required, R"("debian")", "name of the mirror, never a host", text<&Repository::mirror, check_name>},
    {"suite", required, R"("bookworm")", "folder below dists/ of the mirror", text<&Repository::suite, check_suite>},
    {"components", required, R"(["main"])", "parts of the suite", list<&Repository::components, check_suite>},
    {"keyring", required, R"("/usr/share/keyrings/debian-archive-keyring.gpg")", "OpenPGP keys, on the build host",
     text<&Repository::keyring, check_absolute_path>},
    {"fingerprints", required, R"(["4D64FEC119C2029067D6E791F8D2585B8783D481"])",
     "primary keys in the keyring that may sign it; one good signature is enough", fingerprints},
    {"snapshot", optional, R"("debian-snapshot")",
     "mirror of dated copies, asked for packages of a lock that the mirror has dropped; default: MIRROR-snapshot",
     text<&Repository::snapshot, check_name>},
};

constexpr Key<Kernel> kernel_rows[] = {
    {"package", required, R"("linux-image-amd64")", "package that has the kernel or depends on it",
     text<&Kernel::package, check_package>},
    {"arguments", optional, R"("net.ifnames=0")", "kernel command line, before what Lifeboat adds",
     text<&Kernel::arguments, check_line>},
    {"groups", optional, R"(["storage", "network"])",
     "module groups that stay; every other module goes, but for those named here below",
     list<&Kernel::groups, check_name>},
    {"module_groups", optional, R"({ storage = ["drivers/ata/**"], network = ["drivers/net/**"] })",
     "group -> globs of module paths below kernel/", module_groups},
    {"required_modules", optional, R"(["virtio_net"])",
     "drivers that must be there, as modules or built in; else the build fails",
     modules<&Kernel::required_modules, check_module>},
    {"initramfs_modules", optional, R"(["virtio_net", "fs/nls/*"])",
     "modules that are there before the root is: names, or globs of paths below kernel/; absent ones are passed over",
     modules<&Kernel::initramfs_modules, check_module_glob>},
};

constexpr Key<Squashfs> squashfs_rows[] = {
    {"compression", optional, R"("zstd")", "zstd, xz or gzip; default: zstd",
     text<&Squashfs::compression, check_compression>},
    {"level", optional, "19", "zstd 1 to 22 (19), gzip 1 to 9 (9), xz 0 to 9 (6)", number<&Squashfs::level, 0, 22>},
    {"block_size", optional, "262144", "bytes that are compressed together: a power of two from 4096 to 1048576",
     number<&Squashfs::block_size, 4096, 1048576>},
};

constexpr Key<Budget> budget_rows[] = {
    {"image_size", optional, "110", "MiB that the largest medium may have", number<&Budget::image_size, 1, 1048576>},
    {"memory", optional, "384", "MiB that a machine may need to reach a login", number<&Budget::memory, 1, 1048576>},
};

constexpr Key<Network> network_rows[] = {
    {"config", optional, R"("version: 2\nethernets: {eth0: {addresses: [192.0.2.5/24]}}")",
     "NoCloud's network-config, version 1 or 2 (netplan), as a text: for machines where no source has one",
     text<&Network::config, check_network_config>},
    {"fallback", optional, R"("none")",
     "none, or original: where nothing else brings the network up, as the system on the original disk does; "
     "default: none",
     text<&Network::fallback, check_network_fallback>},
};

void kernel_table(Recipe& recipe, const TomlValue& value, const KeyPath& key, Reading& reading) {
  if (is_kind(value, TomlValue::Kind::table, key, reading))
    read_table(recipe.kernel, value, "kernel.", std::span<const Key<Kernel>>(kernel_rows), reading);
}

void squashfs_table(Recipe& recipe, const TomlValue& value, const KeyPath& key, Reading& reading) {
  if (is_kind(value, TomlValue::Kind::table, key, reading))
    read_table(recipe.squashfs, value, "squashfs.", std::span<const Key<Squashfs>>(squashfs_rows), reading);
}

void budget_table(Recipe& recipe, const TomlValue& value, const KeyPath& key, Reading& reading) {
  if (is_kind(value, TomlValue::Kind::table, key, reading))
    read_table(recipe.budget, value, "budget.", std::span<const Key<Budget>>(budget_rows), reading);
}

void network_table(Recipe& recipe, const TomlValue& value, const KeyPath& key, Reading& reading) {
  if (is_kind(value, TomlValue::Kind::table, key, reading))
    read_table(recipe.network, value, "network.", std::span<const Key<Network>>(network_rows), reading);
}

void read_repository(Recipe& recipe, const TomlValue& value, Reading& reading) {
  const std::span<const Key<Repository>> rows(repository_rows);
  Repository repository;
  read_table(repository, value, "repository.", rows, reading);
  missing_keys(value, rows, reading);
  if (repository.name.empty()) repository.name = repository.suite;
  if (repository.snapshot.empty()) repository.snapshot = repository.mirror + "-snapshot";
  const auto same = [&](const Repository& other) { return other.name == repository.name; };
  if (!repository.name.empty() && std::any_of(recipe.repositories.begin(), recipe.repositories.end(), same))
    reading.fault(value.place, "there are two repositories `" + repository.name + "`",
                  "give one of them another `name`");
  recipe.repositories.push_back(std::move(repository));
}

void repository_list(Recipe& recipe, const TomlValue& value, const KeyPath& key, Reading& reading) {
  if (!is_kind(value, TomlValue::Kind::list, key, reading)) return;
  for (const TomlValue& item : value.items)
    if (is_kind(item, TomlValue::Kind::table, key, reading)) read_repository(recipe, item, reading);
}

template <class Owner>
void check_required_of(const std::string& path, std::span<const Key<Owner>> rows, Reading& reading) {
  for (const Key<Owner>& row : rows) {
    const std::string key = path + std::string(row.name);
    if (!row.required || reading.locations.contains(key)) continue;
    const bool table = row.example.starts_with('[') && row.example.find('"') == row.example.npos;
    reading.fault({}, "the key `" + key + "` is missing",
                  table ? std::string(row.example) + ": " + std::string(row.meaning)
                        : "for example: " + std::string(row.name) + " = " + std::string(row.example));
  }
}

template <class Owner>
void describe(const std::string& path, std::span<const Key<Owner>> rows, std::vector<RecipeKey>& keys) {
  for (const Key<Owner>& row : rows)
    keys.push_back({path + std::string(row.name), row.required, std::string(row.example), std::string(row.meaning)});
}

}  // namespace

std::string elsewhere_hint(std::string_view key) {
  const auto has = [key](const auto& rows) {
    return std::any_of(std::begin(rows), std::end(rows), [key](const auto& row) { return row.name == key; });
  };
  if (has(recipe_rows)) return "`" + std::string(key) + "` belongs at the top of the file, before the first [table]";
  if (has(kernel_rows)) return "`" + std::string(key) + "` belongs below [kernel]";
  if (has(budget_rows)) return "`" + std::string(key) + "` belongs below [budget]";
  if (has(network_rows)) return "`" + std::string(key) + "` belongs below [network]";
  if (has(squashfs_rows)) return "`" + std::string(key) + "` belongs below [squashfs]";
  if (has(repository_rows)) return "`" + std::string(key) + "` belongs below a [[repository]]";
  return {};
}

void read_keys(const TomlValue& root, Recipe& recipe, Reading& reading) {
  read_table(recipe, root, "", std::span<const Key<Recipe>>(recipe_rows), reading);
}

void check_required(Reading& reading) {
  check_required_of("", std::span<const Key<Recipe>>(recipe_rows), reading);
  if (reading.locations.contains("kernel"))
    check_required_of("kernel.", std::span<const Key<Kernel>>(kernel_rows), reading);
}

std::vector<RecipeKey> recipe_keys() {
  std::vector<RecipeKey> keys;
  describe("", std::span<const Key<Recipe>>(recipe_rows), keys);
  describe("repository.", std::span<const Key<Repository>>(repository_rows), keys);
  describe("kernel.", std::span<const Key<Kernel>>(kernel_rows), keys);
  describe("squashfs.", std::span<const Key<Squashfs>>(squashfs_rows), keys);
  describe("budget.", std::span<const Key<Budget>>(budget_rows), keys);
  describe("network.", std::span<const Key<Network>>(network_rows), keys);
  return keys;
}

}  // namespace lifeboat
