#include "init/source/openstack_service.hpp"

#include <algorithm>
#include <array>

#include "init/source/beside.hpp"
#include "init/source/meta_data.hpp"
#include "init/source/network_data.hpp"
#include "init/source/original_network.hpp"

namespace lifeboat::init {
namespace {

constexpr std::array<std::string_view, 2> products{"OpenStack Nova", "OpenStack Compute"};
constexpr std::array<std::string_view, 6> chassis{"OpenStack Nova", "OpenStack Compute", "OpenTelekomCloud",
                                                  "SAP CCloud VM",  "HUAWEICLOUD",       "Samsung Cloud Platform"};

Result<Findings> read_openstack(HttpClient& http, const char* address) {
  auto document = http.get(address, "/openstack/latest/meta_data.json");
  if (!document) return document.failure();
  auto meta_data = parse_meta_data(document->view());
  Findings findings = meta_data ? std::move(*meta_data) : Findings();
  if (!meta_data) add_note(meta_data.error(), findings);
  const HttpRequest network{.address = address, .path = "/openstack/latest/network_data.json"};
  add_network_from(http, network, parse_network_data, findings);
  if (findings.network.links.empty() && !findings.network_file.empty()) {
    const HttpRequest legacy{.address = address, .path = "/" + findings.network_file};
    add_network_from(http, legacy, parse_interfaces_file, findings);
  }
  if (!meta_data && !is_of_use(findings)) return meta_data.failure();
  return findings;
}

}  // namespace

Belonging may_be_openstack(const Platform& platform) {
  const bool known = std::ranges::find(products, platform.product_name) != products.end() ||
                     std::ranges::find(chassis, platform.chassis_asset_tag) != chassis.end();
  return known ? Belonging::yes : Belonging::maybe;
}

Result<Findings> read_openstack_ipv4(HttpClient& http) { return read_openstack(http, metadata_ipv4); }

Result<Findings> read_openstack_ipv6(HttpClient& http) { return read_openstack(http, metadata_ipv6); }

}  // namespace lifeboat::init
