#include "init/source/ec2_service.hpp"

#include "init/contract/text.hpp"
#include "init/source/source.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* aws_ipv6 = "fd00:ec2::254";

/// A token, and what it opens.
Result<Findings> read_aws(HttpClient& http, const std::string& address) {
  auto token = http.get({.method = "PUT",
                         .address = address,
                         .path = "/latest/api/token",
                         .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}}});
  if (!token) return token.failure();
  const std::string value(contract::trim(token->view()));
  if (!is_header_value(value)) return Failure{"the metadata service's token is none"};
  return read_ec2_folder(http, address, "/latest/meta-data/", {{"X-aws-ec2-metadata-token", value}});
}

Status add_keys_of(HttpClient& http, const std::string& address, const std::string& folder, const HttpHeaders& headers,
                   Findings& findings) {
  auto list = http.get_optional(address, folder + "public-keys/", headers);
  if (!list) return list.failure();
  const Ec2Keys keys = parse_ec2_keys(list->view());
  add_key_lines(keys.lines, findings);
  for (const std::string& number : keys.numbers) {
    auto key = http.get(address, folder + "public-keys/" + number + "/openssh-key", headers);
    if (!key) return key.failure();
    add_key_lines(key->view(), findings);
  }
  return Done{};
}

}  // namespace

Belonging is_aws(const Platform& platform) {
  const std::string& uuid = platform.product_uuid;
  const bool swapped = uuid.size() >= 8 && uuid[6] == 'e' && uuid[7] == 'c' && uuid[4] == '2';
  return uuid.starts_with("ec2") || swapped ? Belonging::yes : Belonging::no;
}

Belonging may_be_like_ec2(const Platform& platform) {
  return is_aws(platform) == Belonging::yes ? Belonging::no : Belonging::maybe;
}

Ec2Keys parse_ec2_keys(std::string_view text) {
  Ec2Keys keys;
  for (const std::string_view line : contract::split_words(text, "\r\n")) {
    const auto assignment = contract::split_assignment(line);
    const auto number = assignment ? contract::parse_number(assignment->first, 9999) : std::nullopt;
    if (!number)
      keys.lines += std::string(line) + "\n";
    else if (keys.numbers.size() < most_keys)
      keys.numbers.push_back(std::to_string(*number));
  }
  return keys;
}

Result<Findings> read_ec2_folder(HttpClient& http, const std::string& address, const std::string& folder,
                                 const HttpHeaders& headers) {
  Findings findings;
  const Status added = add_keys_of(http, address, folder, headers, findings);
  if (!added && findings.keys.empty()) return added.failure();
  if (!added) add_note(added.error(), findings);
  const auto hostname = http.get_optional(address, folder + "local-hostname", headers);
  if (hostname) findings.hostname = contract::trim(hostname->view());
  return findings;
}

Result<Findings> read_aws_ipv4(HttpClient& http) { return read_aws(http, metadata_ipv4); }

Result<Findings> read_aws_ipv6(HttpClient& http) { return read_aws(http, aws_ipv6); }

/// The version is the one that all of them have.
Result<Findings> read_like_ec2(HttpClient& http) {
  auto known = http.get_optional(metadata_ipv4, "/2009-04-04/meta-data/instance-id");
  if (!known) return known.failure();
  if (known->empty()) return nothing_there("what answers at 169.254.169.254 is not like EC2's");
  return read_ec2_folder(http, metadata_ipv4, "/2009-04-04/meta-data/", {});
}

}  // namespace lifeboat::init
