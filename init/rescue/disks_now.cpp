#include "init/rescue/disks_now.hpp"

#include <nlohmann/json.hpp>

#include "init/disk/as_found.hpp"
#include "init/disk/discover.hpp"
#include "init/disk/sysfs.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

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
  AsFound known = read_as_found().value_or({}), fresh = known;
  const std::size_t before = known.size();
  AsFound now;
  for (const Disk& disk : *disks) now.push_back(fingerprint_unread(disk, options.sysfs_root, ""));
  add_new_disks(fresh, now);
  if (fresh.size() == before) return;
  fresh.erase(fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(before));
  add_new_disks(known, fingerprint_again(fresh, options));
  static_cast<void>(replace_file(as_found_file, to_json(known) + "\n", 0600));  // `rescue exit` says what it misses
}

DiskReport find_disks_now(const std::vector<std::string>& named) {
  record_new_disks(options_of_boot());  // before anybody looks inside
  DiscoverOptions options = options_of_boot();
  options.named = named;
  return discover_disks(options);
}

}  // namespace lifeboat::init
