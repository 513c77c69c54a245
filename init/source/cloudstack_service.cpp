#include "init/source/cloudstack_service.hpp"

#include "init/contract/text.hpp"
#include "init/source/ec2_service.hpp"
#include "init/source/source.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint16_t password_port = 8080;

/// The password is asked for, and not marked as taken ("saved_password"): whoever resets it means the server, which is
/// to find it, too, when it starts again; and this system may be started twice.
Status add_password(HttpClient& http, const std::string& address, const std::string& path, Findings& findings) {
  auto reply = http.get(
      {.address = address, .port = password_port, .path = path, .headers = {{"DomU_Request", "send_my_password"}}});
  if (!reply) return reply.failure();
  auto password = parse_password_reply(reply->view());
  if (!password) return password.failure();
  take_password(std::string(password->view()), "the password server's password", findings);
  return Done{};
}

Result<Findings> read_cloudstack(HttpClient& http, const std::string& address, const std::string& metadata,
                                 const std::string& passwords) {
  auto findings = read_ec2_folder(http, address, metadata, {});
  Findings found;
  const Status added = add_password(http, address, passwords, found);
  if (!findings && !added) return findings.failure();
  if (!findings) add_note(findings.error(), found);
  if (!added && !is_nothing_there(added.failure())) add_note(added.error(), found);
  if (findings) add_findings(std::move(*findings), found);
  return found;
}

}  // namespace

Belonging is_cloudstack(const Platform& platform) {
  return platform.product_name.starts_with("CloudStack") ? Belonging::yes : Belonging::no;
}

Belonging is_exoscale(const Platform& platform) {
  return platform.product_name.starts_with("Exoscale") ? Belonging::yes : Belonging::no;
}

Result<Secret> parse_password_reply(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty() || text == "saved_password") return nothing_there("the password server has no password for it");
  if (text == "bad_request") return Failure{"the password server refused the request"};
  return Secret(std::string(text));
}

Result<Findings> read_cloudstack(HttpClient& http) {
  if (http.dhcp_server().empty()) return Failure{"the DHCP server, which would know, did not say its address"};
  return read_cloudstack(http, http.dhcp_server(), "/latest/meta-data/", "/");
}

Result<Findings> read_exoscale(HttpClient& http) {
  return read_cloudstack(http, metadata_ipv4, "/1.0/meta-data/", "/1.0/");
}

}  // namespace lifeboat::init
