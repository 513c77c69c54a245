#include "init/source/config_drive.hpp"

#include <cerrno>

#include "init/source/beside.hpp"
#include "init/source/cloud_config.hpp"
#include "init/source/cloudstack_drive.hpp"
#include "init/source/meta_data.hpp"
#include "init/source/network_data.hpp"
#include "init/source/original_network.hpp"
#include "init/source/source.hpp"
#include "init/source/volume.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* meta_data_file = "openstack/latest/meta_data.json";
constexpr const char* network_data_file = "openstack/latest/network_data.json";

/// The tenant's wishes come after the platform's: the rescue password goes before that of the server's user data.
void add_user_data(const std::string& folder, Findings& findings) {
  const auto user_data = read_optional_volume_file(folder, "openstack/latest/user_data");
  if (!user_data) return add_note(user_data.error(), findings);
  Findings wishes;
  read_cloud_config(user_data->view(), wishes);
  add_findings(std::move(wishes), findings);
}

}  // namespace

/// A meta_data.json that is broken costs what it holds, not what lies beside it.
/// A device labelled so may be another's: Ironic hands its agent parameters on one, without any of these folders.
Result<Findings> read_config_drive(const std::string& folder, const Platform&) {
  auto content = read_volume_file(folder, meta_data_file);
  if (!content && content.failure().number == ENOENT) {
    auto cloudstack = read_cloudstack_drive(folder);
    const bool empty = cloudstack && cloudstack->password.empty() && cloudstack->keys.empty();
    return empty ? Result<Findings>(content.failure()) : std::move(cloudstack);
  }
  auto meta_data = content ? parse_meta_data(content->view()) : Result<Findings>(content.failure());
  Findings findings = meta_data ? std::move(*meta_data) : Findings();
  if (!meta_data) add_note(meta_data.error(), findings);
  add_user_data(folder, findings);
  add_network_of(read_optional_volume_file(folder, network_data_file), parse_network_data, findings);
  if (findings.network.links.empty() && !findings.network_file.empty())
    add_network_of(read_optional_volume_file(folder, findings.network_file.c_str()), parse_interfaces_file, findings);
  if (!meta_data && !is_of_use(findings)) return meta_data.failure();
  return findings;
}

}  // namespace lifeboat::init
