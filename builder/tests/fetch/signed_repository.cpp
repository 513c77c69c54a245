#include "builder/tests/fetch/signed_repository.hpp"

#include <fcntl.h>

#include <ctime>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"

namespace lifeboat::testing {
namespace fs = std::filesystem;
namespace {

/// gpg-agent's socket has to fit into 108 bytes: the folder's name must be short.
constexpr const char* short_parent = "/tmp";

/// Replaces the file; unlike replace_file without syncing, which takes long on a busy disk.
void write(const fs::path& file, const std::string& content, unsigned mode = 0644) {
  lifeboat::create_directories(file.parent_path());
  fs::remove(file);
  write_all(open_file(file, O_WRONLY | O_CREAT | O_EXCL, mode), content, file.string());
}

/// dpkg-deb refuses a control folder that the user's umask has closed.
void open_folders(const fs::path& tree) {
  fs::permissions(tree, fs::perms{0755});
  for (const auto& entry : fs::recursive_directory_iterator(tree))
    if (entry.is_directory()) fs::permissions(entry.path(), fs::perms{0755});
}

std::string control_of(const TestPackage& package) {
  return "Package: " + package.name + "\nVersion: " + package.version + "\nArchitecture: " + package.architecture +
         "\nMaintainer: Tests <tests@example.org>\n" + package.fields + "Description: made by a test\n";
}

}  // namespace

GpgHome::GpgHome() : folder_(short_parent, "lb") {}

GpgHome::~GpgHome() {
  try {
    run({.argv = {"gpgconf", "--homedir", folder_.path().string(), "--kill", "gpg-agent"}});
  } catch (const Error&) {
    return;  // without its folder the agent ends by itself within a minute
  }
}

std::string GpgHome::gpg(std::vector<std::string> arguments, const std::string& input) const {
  std::vector<std::string> argv{"gpg",          "--homedir", folder_.path().string(), "--batch",
                                "--yes",        "--quiet",   "--pinentry-mode",       "loopback",
                                "--passphrase", ""};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run_checked({.argv = argv, .needed_for = "the tests", .input = input});
}

std::string GpgHome::make_key(const std::string& name, const std::string& made, const std::string& life) {
  std::vector<std::string> arguments{"--status-fd", "1"};
  if (!made.empty()) arguments.insert(arguments.end(), {"--faked-system-time", made});
  arguments.insert(arguments.end(),
                   {"--quick-generate-key", name + " <" + name + "@example.org>", "ed25519", "sign", life});
  const std::string status = gpg(arguments, "");
  for (const std::string_view line : split_lines(status))
    if (line.starts_with("[GNUPG:] KEY_CREATED ")) return std::string(split_words(line).at(3));
  throw Error("gpg made no key: " + status);
}

std::string GpgHome::public_keys(const std::vector<std::string>& fingerprints, bool armoured) const {
  std::vector<std::string> arguments{"--export"};
  if (armoured) arguments.insert(arguments.begin(), "--armor");
  arguments.insert(arguments.end(), fingerprints.begin(), fingerprints.end());
  return gpg(arguments, "");
}

std::string GpgHome::sign(const std::string& text, const std::vector<std::string>& fingerprints,
                          const std::vector<std::string>& options) const {
  std::vector<std::string> arguments = options;
  for (const std::string& fingerprint : fingerprints) arguments.insert(arguments.end(), {"--local-user", fingerprint});
  arguments.push_back("--clearsign");
  return gpg(arguments, text);
}

GpgHome& gpg_home() {
  static GpgHome home;
  return home;
}

const std::string& test_key() {
  static const std::string fingerprint = gpg_home().make_key("repository");
  return fingerprint;
}

SignedRepository::SignedRepository(std::string suite, std::string codename)
    : folder_(fs::temp_directory_path(), "lb-repo"), suite_(std::move(suite)), codename_(std::move(codename)) {
  write(keyring(), gpg_home().public_keys({test_key()}));
}

std::string SignedRepository::add(const TestPackage& package) {
  const TempDir made(fs::temp_directory_path(), "lb-deb");
  const fs::path tree = made.path() / "tree";  // the folder itself is 0700, which dpkg-deb would pack
  write(tree / "DEBIAN/control", control_of(package));
  for (const auto& [name, content] : package.control) write(tree / "DEBIAN" / name, content, 0755);
  for (const auto& [name, content] : package.files)
    write(tree / name, content, name.find("bin/") == std::string::npos ? 0644 : 0755);
  open_folders(tree);
  std::string path = "pool/main/" + package.name.substr(0, 1) + "/" + package.name + "/" + package.name + "_" +
                     package.version + "_" + package.architecture + ".deb";
  lifeboat::create_directories((root() / path).parent_path());
  run_checked(
      {.argv = {"dpkg-deb", "--root-owner-group", "-Zxz", "-z0", "--build", tree.string(), (root() / path).string()},
       .needed_for = "the tests"});
  return path;
}

void SignedRepository::write_indexes() const {
  lifeboat::create_directories(root() / "pool");
  const std::string text =
      run_checked({.argv = {"apt-ftparchive", "packages", "pool"}, .needed_for = "the tests", .directory = root()});
  write(index(""), text);
  write(index(".gz"), run_checked({.argv = {"gzip", "-9n"}, .input = text}));
  write(index(".xz"), run_checked({.argv = {"xz", "-6"}, .input = text}));
  for (const char* form : {"", ".gz", ".xz"}) {
    const fs::path copy = dist() / "main/binary-amd64/by-hash/SHA256" / sha256_of_file(index(form));
    write(copy, read_file(index(form)));
  }
}

std::string SignedRepository::make_release(const Publication& publication) const {
  const std::string option = "APT::FTPArchive::Release::";
  const std::string made =
      run_checked({.argv = {"apt-ftparchive", "-o", option + "Suite=" + suite_, "-o", option + "Codename=" + codename_,
                            "-o", option + "Origin=Tests", "-o", option + "Components=main", "-o",
                            option + "Architectures=amd64", "release", dist().string()},
                   .needed_for = "the tests"});
  std::string text;
  const std::int64_t date = publication.date == 0 ? std::time(nullptr) : publication.date;
  for (const std::string_view line : split_lines(made)) {
    if (!line.starts_with("Date:")) {
      text.append(line).append("\n");
      continue;
    }
    text += "Date: " + release_date(date) + "\n";
    if (publication.valid_until != 0) text += "Valid-Until: " + release_date(publication.valid_until) + "\n";
    if (publication.by_hash) text += "Acquire-By-Hash: yes\n";
  }
  return text;
}

void SignedRepository::publish(const Publication& publication) {
  fs::remove_all(dist());
  write_indexes();
  const std::string text = make_release(publication);
  write(dist() / "Release", text);
  write_in_release(gpg_home().sign(text, {publication.key.empty() ? test_key() : publication.key}));
}

std::string SignedRepository::release() const { return read_file(dist() / "Release"); }

void SignedRepository::write_in_release(const std::string& text) const { write(dist() / "InRelease", text); }

void SignedRepository::sign(const std::string& release_text, const std::vector<std::string>& options) const {
  write_in_release(gpg_home().sign(release_text, {test_key()}, options));
}

std::string release_date(std::int64_t unix_time) {
  const std::time_t time = unix_time;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S UTC", &parts);  // no setlocale here: English names
  return text;
}

}  // namespace lifeboat::testing
