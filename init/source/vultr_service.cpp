#include "init/source/vultr_service.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"
#include "init/source/cloud_config.hpp"
#include "init/source/json.hpp"
#include "init/source/network_config.hpp"
#include "init/source/plan_builder.hpp"

namespace lifeboat::init {
namespace {

void read_additional(const Json& family, PlannedLink& link, PlanBuilder& builder) {
  for (const Json* more : values_of(member(family, "additional"))) {
    const Json& mask = member(*more, "netmask");
    const Json& address = member(*more, "address");
    builder.add_address(link, address.is_null() ? member(*more, "network") : address,
                        mask.is_null() ? member(*more, "prefix") : mask);
  }
}

/// As Vultr's own datasource of cloud-init has it: the first card asks DHCP and takes router advertisements, the others
/// are told.
void read_vultr_card(const Json& card, bool first, PlanBuilder& builder) {
  PlannedLink* link = builder.add_link(scalar_of(member(card, "mac")), LinkKind::card);
  if (link == nullptr) return;
  builder.set_mac(*link, member(card, "mac"));
  builder.set_mtu(*link, member(card, "mtu"));
  const Json& ipv4 = member(card, "ipv4");
  if (first) {
    link->dhcp4 = true;
    link->accept_ra = true;
  } else {
    builder.add_address(*link, member(ipv4, "address"), member(ipv4, "netmask"));
  }
  read_additional(ipv4, *link, builder);
  read_additional(member(card, "ipv6"), *link, builder);
}

/// "cloud_interfaces" is ready: the list of cloud-init's version 1, or a whole document of it.
void read_vultr_network(const Json& document, Findings& findings) {
  PlanBuilder builder;
  if (const Json& ready = member(document, "cloud_interfaces"); ready.is_array()) {
    read_network_config_v1(ready, builder);
  } else if (ready.is_object()) {
    read_network_config(ready, builder);
  } else {
    const auto cards = values_of(member(document, "interfaces"));
    for (const Json* card : cards) read_vultr_card(*card, card == cards.front(), builder);
  }
  take_network(builder.finish(), findings);
}

/// "vendor-data" is cloud-config's text; older machines have a list of its documents, as JSON.
void read_metadata(Json& document, Findings& findings) {
  add_keys_at(document, "public-keys", findings);
  findings.hostname = text_of(member(document, "hostname"));
  read_vultr_network(document, findings);
  const Json& vendor_data = member(document, "vendor-data");
  if (vendor_data.is_string()) read_cloud_config(vendor_data.get_ref<const std::string&>(), findings);
  if (vendor_data.is_array())
    for (const Json& part : vendor_data) read_cloud_config_document(part, findings);
}

}  // namespace

Belonging is_vultr(const Platform& platform) {
  const auto words = contract::split_words(platform.kernel_command_line, " \t\n");
  const bool known = platform.sys_vendor == "Vultr" || std::ranges::find(words, "vultr") != words.end();
  return known ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_vultr_metadata(std::string_view json) {
  return read_json_object(json, "v1.json", read_metadata);
}

Result<Findings> read_vultr(HttpClient& http) {
  auto document = http.get(metadata_ipv4, "/v1.json", {{"Metadata-Token", "cloudinit"}});
  if (!document) return document.failure();
  return parse_vultr_metadata(document->view());
}

}  // namespace lifeboat::init
