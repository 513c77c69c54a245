#include "builder/fetch/cache.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "builder/base/error.hpp"
#include "builder/fetch/downloader.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::hours part_life{24 * 7};

/// A part that no run has come back to for a week is for a file that nobody wants any more.
void remove_old_parts(const fs::path& parts) {
  std::error_code ignored;
  const auto oldest = fs::file_time_type::clock::now() - part_life;
  for (const auto& entry : fs::directory_iterator(parts, ignored)) {
    const auto written = entry.last_write_time(ignored);
    if (!ignored && written < oldest) fs::remove(entry.path(), ignored);
  }
}

void sync(const fs::path& path, int flags) {
  const Fd fd = open_file(path, flags);
  if (::fsync(fd.get()) != 0) throw system_error("syncing " + path.string(), errno);
}

/// On disk before it is seen under its name.
void move_into_place(const fs::path& part, const fs::path& target) {
  sync(part, O_RDONLY);
  if (::rename(part.c_str(), target.c_str()) != 0)
    throw system_error("moving " + part.string() + " into the cache", errno);
  sync(target.parent_path(), O_RDONLY | O_DIRECTORY);
}

/// "" when the file is what it should be, else what is wrong with it.
std::string fault_of(const fs::path& file, const Sha256& digest, std::uint64_t size) {
  std::error_code error;
  const std::uint64_t got_size = fs::file_size(file, error);
  if (error) throw Error("reading " + file.string() + ": " + error.message());
  if (got_size != size) return "expected " + std::to_string(size) + " bytes, got " + std::to_string(got_size);
  const Sha256 got = sha256_of_file(file);
  return got == digest ? "" : "expected SHA-256 " + digest + ", got " + got;
}

/// A note's key as a file name: everything but letters, digits, "-" and "." becomes %XX.
std::string file_name_of(std::string_view key) {
  std::string name;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    char escaped[4] = {c, '\0', '\0', '\0'};
    if (!plain && (c != '.' || name.empty())) std::snprintf(escaped, sizeof escaped, "%%%02X", byte);
    name += escaped;
  }
  return name;
}

}  // namespace

Cache::Cache(fs::path folder) : folder_(std::move(folder)) {
  const fs::path parts = folder_ / "parts";
  for (const fs::path& each : {folder_ / "sha256", parts, folder_ / "notes"}) lifeboat::create_directories(each);
  remove_stale(folder_, "parts");
  parts_lock_ = open_file(parts, O_RDONLY | O_DIRECTORY);
  if (::flock(parts_lock_.get(), LOCK_EX | LOCK_NB) == 0)
    remove_old_parts(parts);
  else
    private_parts_.emplace(folder_, "parts");
}

fs::path Cache::default_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string folder = variable("LIFEBOAT_CACHE"); !folder.empty()) return folder;
  if (const std::string folder = variable("XDG_CACHE_HOME"); folder.starts_with('/'))
    return fs::path(folder) / "lifeboat";
  if (const std::string home = variable("HOME"); home.starts_with('/')) return fs::path(home) / ".cache" / "lifeboat";
  throw Error("finding the cache: neither LIFEBOAT_CACHE nor XDG_CACHE_HOME nor HOME is set",
              "name a folder with --cache DIR");
}

fs::path Cache::path_of(const Sha256& digest) const {
  if (!is_sha256(digest)) throw Error("\"" + digest.substr(0, 80) + "\" is not a SHA-256 in lower-case digits");
  return folder_ / "sha256" / digest.substr(0, 2) / digest;
}

fs::path Cache::parts() const { return private_parts_ ? private_parts_->path() : folder_ / "parts"; }

fs::path Cache::part_of(const Sha256& digest) const { return parts() / path_of(digest).filename(); }

bool Cache::has(const Sha256& digest) const {
  std::error_code ignored;
  return fs::is_regular_file(path_of(digest), ignored);
}

bool Cache::has_intact(const Sha256& digest, std::uint64_t size) const {
  if (!has(digest)) return false;
  if (fault_of(path_of(digest), digest, size).empty()) return true;
  std::error_code ignored;
  fs::remove(path_of(digest), ignored);
  return false;
}

void Cache::take(const fs::path& part, const Sha256& digest, std::uint64_t size, std::string_view name) {
  if (const std::string fault = fault_of(part, digest, size); !fault.empty()) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw WrongContent(std::string(name) + ": " + fault);
  }
  const fs::path target = path_of(digest);
  lifeboat::create_directories(target.parent_path());
  move_into_place(part, target);
}

std::optional<std::string> Cache::note(std::string_view key) const {
  const fs::path file = folder_ / "notes" / file_name_of(key);
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return std::nullopt;
  return read_file(file);
}

void Cache::set_note(std::string_view key, std::string_view content) {
  // Among the parts, which are ours alone: the next run writes over what a killed one left.
  const std::string name = file_name_of(key);
  const fs::path part = parts() / ("note " + name);
  write_all(open_file(part, O_WRONLY | O_CREAT | O_TRUNC, 0644), content, part.string());
  move_into_place(part, folder_ / "notes" / name);
}

}  // namespace lifeboat
