#include "init/rescue/disks_now.hpp"

#include <nlohmann/json.hpp>

#include "init/disk/discover.hpp"
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
  return options;
}

DiskReport find_disks_now() { return discover_disks(options_of_boot()); }

}  // namespace lifeboat::init
