#include "init/rescue/disks_now.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "init/disk/as_found.hpp"
#include "init/disk/discover.hpp"
#include "init/disk/sysfs.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {

namespace {

/// The kernel counts from when the disk came: what was written before anybody looked shows, too.
DiskAsFound since_it_came(DiskAsFound disk) {
  if (disk.counters) disk.counters = WriteCounters{};
  return disk;
}

}  // namespace

DiscoverOptions options_of_boot() {
  DiscoverOptions options;
  const auto text = read_file("/run/lifeboat/report.json", std::size_t{16} << 20);
  const auto report = nlohmann::json::parse(text.value_or("{}"), nullptr, false);
  const auto read = [&](const char* object, const char* key, std::string& value) {
    const auto found = report.is_object() ? report.find(object) : report.end();
    if (found != report.end() && found->is_object() && found->contains(key) && (*found)[key].is_string())
      value = (*found)[key].get<std::string>();
  };
  read("medium", "disk", options.own_disk);
  read("image", "build_id", options.build_id);
  options.unanswered = list_unanswered(read_as_found().value_or({}));
  return options;
}

void record_new_disks(const DiscoverOptions& options) {
  const auto disks = list_disks(options.sysfs_root, options.device_root);
  if (!disks) return;
  const AsFound before = read_as_found().value_or({});
  AsFound now, known = before;
  for (const Disk& disk : *disks) now.push_back(since_it_came(fingerprint_unread(disk, options.sysfs_root, "")));
  add_new_disks(known, now);
  if (known == before) return;
  const AsFound fresh(known.begin() + static_cast<std::ptrdiff_t>(before.size()), known.end());
  DiscoverOptions patient = options;
  patient.unanswered.clear();  // a new disk is not the one that had its name
  for (const DiskAsFound& disk : fingerprint_again(fresh, patient))
    std::ranges::replace_if(
        now, [&](const DiskAsFound& unread) { return unread.name == disk.name; }, since_it_came(disk));
  static_cast<void>(add_to_as_found(now));  // `rescue exit` says what it misses
}

DiskReport find_disks_now(const std::vector<std::string>& named) {
  record_new_disks(options_of_boot());  // before anybody looks inside
  DiscoverOptions options = options_of_boot();
  options.named = named;
  std::erase_if(options.unanswered, [&](const std::string& disk) {  // who names it waits for it
    return std::ranges::any_of(named, [&](const std::string& word) { return word.find(disk) != std::string::npos; });
  });
  DiskReport report = discover_disks(options);
  static_cast<void>(protect_all_but(options.own_disk));  // a disk that came meanwhile was given back as it was met
  return report;
}

}  // namespace lifeboat::init
