#include "init/source/no_cloud.hpp"

#include <nlohmann/json.hpp>

#include "init/source/beside.hpp"
#include "init/source/cloud_config.hpp"
#include "init/source/json.hpp"
#include "init/source/network_config.hpp"
#include "init/source/volume.hpp"
#include "init/source/yaml.hpp"

namespace lifeboat::init {
namespace {

/// One that is broken costs what it holds, not the user data beside it.
void read_meta_data(std::string_view text, Findings& findings) {
  auto document = parse_yaml(text);
  if (!document) return add_note("meta-data is not used: " + document.error(), findings);
  if (!document->is_object() && !document->is_null()) return add_note("meta-data is not used: no mapping", findings);
  findings.hostname = text_of(member(*document, "local-hostname"));
  if (findings.hostname.empty()) findings.hostname = text_of(member(*document, "hostname"));
  findings.deadline = text_of(member(*document, "lifeboat-deadline"));
  add_keys(member(*document, "public-keys"), "public-keys", findings);
}

}  // namespace

Result<Findings> read_no_cloud(const std::string& folder, const Platform&) {
  const auto meta_data = read_volume_file(folder, "meta-data"), user_data = read_volume_file(folder, "user-data");
  if (!meta_data || !user_data) return meta_data ? user_data.failure() : meta_data.failure();
  const auto vendor_data = read_optional_volume_file(folder, "vendor-data");
  Findings findings =
      parse_no_cloud(meta_data->view(), user_data->view(), vendor_data ? vendor_data->view() : std::string_view());
  if (!vendor_data) add_note(vendor_data.error(), findings);
  add_network_of(read_optional_volume_file(folder, "network-config"), parse_network_config, findings);
  return findings;
}

Findings parse_no_cloud(std::string_view meta_data, std::string_view user_data, std::string_view vendor_data) {
  Findings findings, vendor;
  read_meta_data(meta_data, findings);
  read_cloud_config(user_data, findings);
  read_cloud_config(vendor_data, vendor);
  add_findings(std::move(vendor), findings);
  return findings;
}

}  // namespace lifeboat::init
