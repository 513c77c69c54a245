// The lock as a file: a TOML writer, and the same keys read back by tables.
#include <chrono>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/build/lock.hpp"
#include "builder/fetch/release_date.hpp"
#include "builder/package/deb_syntax.hpp"
#include "builder/recipe/key_table.hpp"

namespace lifeboat {
namespace {

constexpr std::int64_t format = 1;
constexpr std::size_t largest_lock = std::size_t{16} << 20;  // bytes; Debian 12's rescue set makes 90 KB

// ---- writing

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void write(std::string& out, std::string_view key, std::string_view value) {
  out += std::string(key) + " = " + quote(value) + "\n";
}

void write(std::string& out, std::string_view key, std::uint64_t value) {
  out += std::string(key) + " = " + std::to_string(value) + "\n";
}

/// One item a line, so that a change is a line of a diff.
void write(std::string& out, std::string_view key, const std::vector<std::string>& values) {
  if (values.empty()) return;
  out += std::string(key) + " = [\n";
  for (const std::string& value : values) out += "  " + quote(value) + ",\n";
  out += "]\n";
}

void write_repository(std::string& out, const Lock::Repository& repository) {
  out += "\n[[repository]]\n";
  write(out, "name", repository.where.name);
  write(out, "mirror", repository.where.mirror);
  write(out, "snapshot", repository.where.snapshot);
  write(out, "suite", repository.where.suite);
  write(out, "components", repository.where.components);
  write(out, "keyring", repository.where.keyring.string());
  write(out, "fingerprints", repository.where.fingerprints);
  write(out, "date", repository.date);
}

void write_package(std::string& out, std::string_view table, const Package& package) {
  out += "\n[[" + std::string(table) + "]]\n";
  write(out, "name", package.name);
  write(out, "version", package.version);
  write(out, "architecture", package.architecture);
  if (!package.source.empty()) write(out, "source", package.source);
  if (!package.source_version.empty()) write(out, "source_version", package.source_version);
  write(out, "repository", package.repository);
  write(out, "path", package.path);
  write(out, "size", package.size);
  write(out, "sha256", package.sha256);
  if (package.installed_size != 0) write(out, "installed_size", package.installed_size);
}

// ---- reading

constexpr bool required = true;
constexpr bool optional = false;

std::optional<Complaint> unless(bool good, std::string_view value, const std::string& what) {
  if (good) return std::nullopt;
  return Complaint{"`" + printable(value) + "` is not " + what, {}};
}

std::optional<Complaint> check_deb_name(std::string_view value, const RecipeVocabulary&) {
  return unless(is_deb_name(value), value, "a package name");
}
std::optional<Complaint> check_deb_version(std::string_view value, const RecipeVocabulary&) {
  return unless(is_deb_version(value), value, "a version");
}
std::optional<Complaint> check_pool_path(std::string_view value, const RecipeVocabulary&) {
  return unless(is_deb_path(value), value, "a path below the mirror");
}
std::optional<Complaint> check_sha256(std::string_view value, const RecipeVocabulary&) {
  return unless(is_sha256(value), value, "64 lower-case hexadecimal digits");
}

template <auto Member, Check check>
void where_text(Lock::Repository& repository, const TomlValue& value, const KeyPath& key, Reading& reading) {
  text<Member, check>(repository.where, value, key, reading);
}

template <auto Member, Check check>
void where_list(Lock::Repository& repository, const TomlValue& value, const KeyPath& key, Reading& reading) {
  list<Member, check>(repository.where, value, key, reading);
}

void date(Lock::Repository& repository, const TomlValue& value, const KeyPath& key, Reading& reading) {
  const auto read = read_text(value, key, check_line, reading);
  if (!read) return;
  const std::optional<std::int64_t> unix = parse_release_date(*read);
  if (!unix)
    return reading.fault(value.place, "`" + *read + "` is not a date as a Release has it",
                         "for example: date = " + key.example);
  repository.date = *read;
  repository.date_unix = *unix;
}

void format_number(Lock&, const TomlValue& value, const KeyPath& key, Reading& reading) {
  read_number(value, key, format, format, reading);
}

void repository_list(Lock&, const TomlValue&, const KeyPath&, Reading&);
void package_list(Lock&, const TomlValue&, const KeyPath&, Reading&);
void boot_package_list(Lock&, const TomlValue&, const KeyPath&, Reading&);

constexpr std::int64_t most = std::int64_t{1} << 40;  // bytes; no package is larger

constexpr Key<Lock> lock_rows[] = {
    {"format", required, "1", "of this file", format_number},
    {"name", required, R"("debian-12")", "of the recipe", text<&Lock::name, check_name>},
    {"architecture", required, R"("amd64")", "of packages and kernel", text<&Lock::architecture, check_architecture>},
    {"install", required, R"(["bash"])", "what was asked for", list<&Lock::install, check_package>},
    {"provided", optional, R"(["init"])", "what the image stands in for", list<&Lock::provided, check_package>},
    {"without", optional, R"(["xfsprogs/python3"])", "PACKAGE/DEPENDENCY that the image does without",
     list<&Lock::without, check_dependency>},
    {"boot", optional, R"(["shim-signed"])", "what only boot loaders are taken from", list<&Lock::boot, check_package>},
    {"repository", required, "[[repository]]", "where packages come from", repository_list},
    {"package", required, "[[package]]", "one package", package_list},
    {"boot_package", optional, "[[boot_package]]", "one package that a boot loader is taken from", boot_package_list},
};

using Where = Recipe::Repository;
constexpr Key<Lock::Repository> repository_rows[] = {
    {"name", required, R"("bookworm")", "for messages", where_text<&Where::name, check_suite>},
    {"mirror", required, R"("debian")", "name of the mirror", where_text<&Where::mirror, check_name>},
    {"snapshot", required, R"("debian-snapshot")", "mirror of dated copies", where_text<&Where::snapshot, check_name>},
    {"suite", required, R"("bookworm")", "folder below dists/", where_text<&Where::suite, check_suite>},
    {"components", required, R"(["main"])", "parts of the suite", where_list<&Where::components, check_suite>},
    {"keyring", required, R"("/usr/share/keyrings/debian-archive-keyring.gpg")", "keys, on the build host",
     where_text<&Where::keyring, check_absolute_path>},
    {"fingerprints", required, R"(["4D64FEC119C2029067D6E791F8D2585B8783D481"])", "keys that may sign it",
     where_list<&Where::fingerprints, check_fingerprint>},
    {"date", required, R"("Sat, 06 Sep 2025 09:57:01 UTC")", "of its Release, as signed", date},
};

constexpr Key<Package> package_rows[] = {
    {"name", required, R"("bash")", "", text<&Package::name, check_deb_name>},
    {"version", required, R"("5.2.15-2+b7")", "", text<&Package::version, check_deb_version>},
    {"architecture", required, R"("amd64")", "or \"all\"", text<&Package::architecture, check_deb_name>},
    {"source", optional, R"("bash")", "source package, where it has another name",
     text<&Package::source, check_deb_name>},
    {"source_version", optional, R"("5.2.15-2")", "where it is another than the package's",
     text<&Package::source_version, check_deb_version>},
    {"repository", required, R"("bookworm")", "name of a [[repository]]", text<&Package::repository, check_suite>},
    {"path", required, R"("pool/main/b/bash/bash_5.2.15-2+b7_amd64.deb")", "below the mirror",
     text<&Package::path, check_pool_path>},
    {"size", required, "1491328", "bytes of the file", number<&Package::size, 1, most>},
    {"sha256", required, R"("a85a...")", "of the file", text<&Package::sha256, check_sha256>},
    {"installed_size", optional, "7336960", "bytes when unpacked, as the index says",
     number<&Package::installed_size, 0, most>},
};

/// Hands each table of a list of tables to `read`.
template <class Owner>
void read_tables(std::vector<Owner>& owners, const TomlValue& value, const KeyPath& key,
                 std::span<const Key<Owner>> rows, Reading& reading) {
  if (!is_kind(value, TomlValue::Kind::list, key, reading)) return;
  for (const TomlValue& item : value.items) {
    if (!is_kind(item, TomlValue::Kind::table, key, reading)) continue;
    read_table(owners.emplace_back(), item, key.name + ".", rows, reading);
    missing_keys(item, rows, reading);
  }
}

void repository_list(Lock& lock, const TomlValue& value, const KeyPath& key, Reading& reading) {
  read_tables(lock.repositories, value, key, std::span<const Key<Lock::Repository>>(repository_rows), reading);
}

void package_list(Lock& lock, const TomlValue& value, const KeyPath& key, Reading& reading) {
  read_tables(lock.packages, value, key, std::span<const Key<Package>>(package_rows), reading);
}

void boot_package_list(Lock& lock, const TomlValue& value, const KeyPath& key, Reading& reading) {
  read_tables(lock.boot_packages, value, key, std::span<const Key<Package>>(package_rows), reading);
}

/// What no single key shows: packages twice or from nowhere. Sorts the packages, whatever the file's order was.
void check_packages(const Lock& lock, std::vector<Package>& packages, const TomlValue& root, Reading& reading) {
  std::sort(packages.begin(), packages.end(), [](const Package& a, const Package& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < packages.size(); ++i) {
    const Package& package = packages[i];
    if (i > 0 && package.name == packages[i - 1].name)
      reading.fault(root.place, "`" + package.name + "` is locked twice");
    const auto same = [&](const Lock::Repository& repository) { return repository.where.name == package.repository; };
    if (std::none_of(lock.repositories.begin(), lock.repositories.end(), same))
      reading.fault(root.place, "`" + package.name + "` is from the repository `" + package.repository +
                                    "`, which this lock does not have");
  }
}

/// Every package of `boot` is locked, and of two places the same one; no other is locked for that.
void check_boot_packages(const Lock& lock, const TomlValue& root, Reading& reading) {
  std::vector<std::string> names;
  for (const Package& package : lock.boot_packages) {
    names.push_back(package.name);
    for (const Package& other : lock.packages)
      if (other.name == package.name && other.sha256 != package.sha256)
        reading.fault(root.place, "`" + package.name + "` is locked in two versions");
  }
  std::vector<std::string> wanted = lock.boot;
  std::sort(wanted.begin(), wanted.end());
  if (names != wanted)
    reading.fault(root.place, "`boot` asks for " + join(wanted, ", ") + ", and [[boot_package]] locks " +
                                  (names.empty() ? "nothing" : join(names, ", ")));
}

}  // namespace

std::string to_text(const Lock& lock) {
  std::string out = "# The exact packages of " + lock.name + " for " + lock.architecture +
                    ", written by `lifeboat lock`. Renew it with `lifeboat lock RECIPE --update`.\n";
  write(out, "format", std::uint64_t{format});
  write(out, "name", lock.name);
  write(out, "architecture", lock.architecture);
  write(out, "install", lock.install);
  write(out, "provided", lock.provided);
  write(out, "without", lock.without);
  write(out, "boot", lock.boot);
  for (const Lock::Repository& repository : lock.repositories) write_repository(out, repository);
  for (const Package& package : lock.packages) write_package(out, "package", package);
  for (const Package& package : lock.boot_packages) write_package(out, "boot_package", package);
  return out;
}

Lock parse_lock(std::string_view text, const std::string& name) {
  if (text.size() > largest_lock)
    throw Error("the lock " + name + " has " + format_size(text.size()) + "; no lock is over " +
                format_size(largest_lock));
  const auto source = std::make_shared<const Source>(Source{name, std::string(text), 0});
  const auto parsed = parse_toml(source->text);
  std::vector<Fault> faults;
  Lock lock;
  if (const auto* error = std::get_if<TomlSyntaxError>(&parsed)) {
    faults.push_back({source, error->place, error->what, {}});
  } else {
    const TomlValue& root = std::get<TomlValue>(parsed);
    const RecipeVocabulary any;
    Reading reading{any, faults, nullptr, source};
    const std::span<const Key<Lock>> rows(lock_rows);
    read_table(lock, root, "", rows, reading);
    missing_keys(root, rows, reading);
    if (faults.empty())
      for (auto* packages : {&lock.packages, &lock.boot_packages}) check_packages(lock, *packages, root, reading);
    if (faults.empty()) check_boot_packages(lock, root, reading);
  }
  if (!faults.empty()) throw Error("reading the lock:\n" + render(std::move(faults)));
  return lock;
}

Lock read_lock(const std::filesystem::path& file) { return parse_lock(read_file(file), file.string()); }

}  // namespace lifeboat
