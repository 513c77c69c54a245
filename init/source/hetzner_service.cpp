#include "init/source/hetzner_service.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"
#include "init/source/beside.hpp"
#include "init/source/json.hpp"
#include "init/source/network_config.hpp"
#include "init/source/yaml.hpp"

namespace lifeboat::init {
namespace {

Result<Findings> read_hetzner(HttpClient& http, const char* address) {
  const std::string folder = "/hetzner/v1/metadata/";
  auto keys = http.get_optional(address, folder + "public-keys");
  if (!keys) return keys.failure();
  auto findings = parse_hetzner_keys(keys->view());
  if (!findings) return findings;
  const auto hostname = http.get_optional(address, folder + "hostname");
  if (hostname) findings->hostname = contract::trim(hostname->view());
  const HttpRequest whole{.address = address, .path = "/hetzner/v1/metadata"};
  add_network_from(http, whole, parse_hetzner_network, *findings);
  return findings;
}

}  // namespace

Belonging is_hetzner(const Platform& platform) {
  return platform.sys_vendor == "Hetzner" ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_hetzner_keys(std::string_view text) {
  try {
    Findings findings;
    if (contract::trim(text).empty()) return findings;
    auto list = Result<Json>(Json::parse(text, nullptr, false));
    if (list->is_discarded()) list = parse_yaml(text);
    if (!list) return Failure{"public-keys: " + list.error()};
    add_keys(*list, "public-keys", findings);
    return findings;
  } catch (const std::exception& error) {
    return Failure{std::string("public-keys: ") + error.what()};
  }
}

Result<NetworkPlan> parse_hetzner_network(std::string_view yaml) {
  return read_plan(yaml, "metadata", parse_yaml, [](const Json& document, PlanBuilder& builder) {
    const Json& config = member(document, "network-config");
    if (config.is_object()) read_network_config(config, builder);
  });
}

Result<Findings> read_hetzner_ipv4(HttpClient& http) { return read_hetzner(http, metadata_ipv4); }

Result<Findings> read_hetzner_ipv6(HttpClient& http) { return read_hetzner(http, metadata_ipv6); }

}  // namespace lifeboat::init
