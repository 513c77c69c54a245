#include "init/source/digitalocean_service.hpp"

#include <nlohmann/json.hpp>

#include "init/source/json.hpp"
#include "init/source/plan_builder.hpp"

namespace lifeboat::init {
namespace {

/// `world`: its gateway is the way to it. "anchor_ipv4", which reserved addresses come in by, has one that is not.
void read_digitalocean_card(const Json& card, bool world, PlanBuilder& builder) {
  PlannedLink* link = builder.add_link(scalar_of(member(card, "mac")), LinkKind::card);
  if (link == nullptr) return;
  builder.set_mac(*link, member(card, "mac"));
  const Json& ipv4 = member(card, "ipv4");
  const Json& ipv6 = member(card, "ipv6");
  const Json& anchor = member(card, "anchor_ipv4");
  builder.add_address(*link, member(ipv4, "ip_address"), member(ipv4, "netmask"));
  builder.add_address(*link, member(anchor, "ip_address"), member(anchor, "netmask"));
  builder.add_address(*link, member(ipv6, "ip_address"), member(ipv6, "cidr"));
  if (!world) return;
  builder.add_gateway(*link, member(ipv4, "gateway"), Json());
  builder.add_gateway(*link, member(ipv6, "gateway"), Json());
}

void read_digitalocean_network(const Json& document, Findings& findings) {
  const Json& interfaces = member(document, "interfaces");
  const auto open = values_of(member(interfaces, "public")), closed = values_of(member(interfaces, "private"));
  PlanBuilder builder;
  for (const Json* card : open) read_digitalocean_card(*card, true, builder);
  for (const Json* card : closed) read_digitalocean_card(*card, open.empty(), builder);
  builder.add_dns(builder.plan().dns, member(member(document, "dns"), "nameservers"));
  take_network(builder.finish(), findings);
}

}  // namespace

Belonging is_digitalocean(const Platform& platform) {
  return platform.sys_vendor == "DigitalOcean" ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_digitalocean_metadata(std::string_view json) {
  return read_json_object(json, "v1.json", [](Json& document, Findings& findings) {
    add_keys_at(document, "public_keys", findings);
    findings.hostname = text_of(member(document, "hostname"));
    read_digitalocean_network(document, findings);
  });
}

Result<Findings> read_digitalocean(HttpClient& http) {
  auto document = http.get(metadata_ipv4, "/metadata/v1.json");
  if (!document) return document.failure();
  return parse_digitalocean_metadata(document->view());
}

}  // namespace lifeboat::init
