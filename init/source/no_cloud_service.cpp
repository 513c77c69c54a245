#include "init/source/no_cloud_service.hpp"

#include "init/contract/text.hpp"
#include "init/net/address.hpp"
#include "init/source/beside.hpp"
#include "init/source/http_url.hpp"
#include "init/source/network_config.hpp"
#include "init/source/no_cloud.hpp"
#include "init/source/source.hpp"

namespace lifeboat::init {
namespace {

/// Of "ds=nocloud;s=ADDRESS;h=NAME".
std::string address_in(std::string_view word) {
  if (!word.starts_with("ds=nocloud;") && !word.starts_with("ds=nocloud-net;")) return {};
  std::string found;
  for (std::string_view part : contract::split_words(word, ";"))
    for (const std::string_view name : {"s=", "seedfrom="})
      if (part.starts_with(name) && part.substr(name.size()).starts_with("http")) found = part.substr(name.size());
  return found;
}

Result<Findings> read_family(HttpClient& http, bool ipv6) {
  const std::string address = no_cloud_seed_address(read_platform());
  if ((address.find("//[") != std::string::npos) != ipv6) return nothing_there("it has an address of the other family");
  return read_no_cloud_from(http, address);
}

}  // namespace

std::string no_cloud_seed_address(const Platform& platform) {
  std::string found = address_in(platform.product_serial);
  for (const std::string_view word : contract::split_words(platform.kernel_command_line, " \t\n"))
    if (std::string address = address_in(word); !address.empty()) found = std::move(address);
  return found;
}

Belonging has_no_cloud_seed_address(const Platform& platform) {
  return no_cloud_seed_address(platform).empty() ? Belonging::no : Belonging::yes;
}

bool is_no_cloud_seed_behind_router(const Platform& platform) {
  const auto url = parse_http_url(no_cloud_seed_address(platform));
  const auto address = url ? parse_address(url->address) : std::nullopt;
  return address && !is_link_local(*address);
}

Result<Findings> read_no_cloud_ipv4(HttpClient& http) { return read_family(http, false); }
Result<Findings> read_no_cloud_ipv6(HttpClient& http) { return read_family(http, true); }

Result<Findings> read_no_cloud_from(HttpClient& http, const std::string& address) {
  const auto url = parse_http_url(address);
  if (!url) return Failure{address + ": " + url.error()};
  if (!url->path.ends_with('/')) return Failure{address + ": it does not end in '/'"};
  const auto file = [&](const char* name) {
    return HttpRequest{.address = url->address, .port = url->port, .path = url->path + name};
  };
  const auto meta_data = http.get(file("meta-data"));
  if (!meta_data) return meta_data.failure();
  const auto user_data = http.get(file("user-data"));
  if (!user_data) return user_data.failure();
  const auto vendor_data = http.get_optional(file("vendor-data"));
  Findings findings =
      parse_no_cloud(meta_data->view(), user_data->view(), vendor_data ? vendor_data->view() : std::string_view());
  if (!vendor_data) add_note(vendor_data.error(), findings);
  add_network_from(http, file("network-config"), parse_network_config, findings);
  return findings;
}

}  // namespace lifeboat::init
