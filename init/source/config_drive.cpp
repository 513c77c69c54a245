#include "init/source/config_drive.hpp"

#include "init/source/meta_data.hpp"
#include "init/source/volume.hpp"

namespace lifeboat::init {

Result<Findings> read_config_drive(const std::string& folder, const Platform&) {
  auto content = read_volume_file(folder, "openstack/latest/meta_data.json");
  if (!content) return content.failure();
  return parse_meta_data(content->view());
}

}  // namespace lifeboat::init
