#include "init/net/dhcp6_message.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include "init/net/domain_list.hpp"

namespace lifeboat::init {
namespace {

/// RFC 8415, 21; 23 and 24: RFC 3646.
enum Option : std::uint16_t {
  client_id_option = 1,
  server_id_option = 2,
  identity_option = 3,
  address_option = 5,
  requested_option = 6,
  preference_option = 7,
  elapsed_option = 8,
  status_option = 13,
  rapid_commit_option = 14,
  dns_option = 23,
  domains_option = 24,
  refresh_option = 32
};

constexpr std::size_t longest_duid = 130;  // RFC 8415, 11.1: 128 bytes and the type
constexpr std::uint32_t shortest_refresh = 600;

std::string big_endian(std::uint32_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xff);
  return text;
}

/// The number at `at`; `bytes` is long enough.
std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (char byte : bytes.substr(at, size)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string option(std::uint16_t code, std::string_view content) {
  return big_endian(code, 2) + big_endian(static_cast<std::uint32_t>(content.size()), 2) + std::string(content);
}

/// IA_NA: id, no wish for T1 and T2, and the address without a wish for its lifetimes.
std::string identity(const Dhcp6Question& question) {
  std::string content = big_endian(question.iaid, 4) + std::string(8, '\0');
  if (question.address) content += option(address_option, std::string(question.address->view()) + std::string(8, '\0'));
  return option(identity_option, content);
}

/// False: an option is longer than what is left.
bool each_option(std::string_view bytes, const std::function<void(std::uint16_t, std::string_view)>& use) {
  constexpr std::size_t header = 4;
  while (bytes.size() >= header) {
    const std::size_t size = number_at(bytes, 2, 2);
    if (size > bytes.size() - header) return false;
    use(static_cast<std::uint16_t>(number_at(bytes, 0, 2)), bytes.substr(header, size));
    bytes.remove_prefix(header + size);
  }
  return bytes.empty();
}

std::uint16_t status_of(std::string_view content) {
  return content.size() < 2 ? dhcp6_success : static_cast<std::uint16_t>(number_at(content, 0, 2));
}

/// IAADDR: 16 bytes of address, both lifetimes, options. One that the server has second thoughts about is left out.
void read_address(std::string_view content, Dhcp6Answer& answer) {
  constexpr std::size_t fixed = 24;
  if (content.size() < fixed || answer.addresses.size() == most_dhcp6_values) return;
  const Dhcp6Address given{Address::from_bytes(content.substr(0, 16)), number_at(content, 16, 4),
                           number_at(content, 20, 4)};
  std::uint16_t status = dhcp6_success;
  const bool whole = each_option(content.substr(fixed), [&](std::uint16_t code, std::string_view inner) {
    if (code == status_option) status = status_of(inner);
  });
  if (whole && status == dhcp6_success && given.preferred <= given.valid && is_usable_host(given.address) &&
      !is_link_local(given.address))
    answer.addresses.push_back(given);
}

/// IA_NA: id, T1, T2, options. RFC 8415, 21.4: with T1 after T2 it counts for nothing.
void read_identity(std::string_view content, Dhcp6Answer& answer) {
  constexpr std::size_t fixed = 12;
  if (content.size() < fixed) return;
  const std::uint32_t renew = number_at(content, 4, 4), rebind = number_at(content, 8, 4);
  if (renew > rebind && rebind > 0) return;
  answer.iaid = number_at(content, 0, 4);
  answer.renew_after = renew;
  answer.rebind_after = rebind;
  const bool whole = each_option(content.substr(fixed), [&](std::uint16_t code, std::string_view inner) {
    if (code == address_option) read_address(inner, answer);
    if (code == status_option && status_of(inner) != dhcp6_success) answer.status = status_of(inner);
  });
  if (!whole) answer.addresses.clear();
}

void read_dhcp6_servers(std::string_view content, std::vector<Address>& servers) {
  for (; content.size() >= 16 && servers.size() < most_dhcp6_values; content.remove_prefix(16)) {
    const Address server = Address::from_bytes(content.substr(0, 16));
    if (is_usable_host(server)) servers.push_back(server);
  }
}

/// The first of each option counts.
void read_option(std::uint16_t code, std::string_view content, Dhcp6Answer& answer) {
  if (code == client_id_option && answer.client_id.empty()) answer.client_id = content.substr(0, longest_duid);
  if (code == server_id_option && answer.server_id.empty() && content.size() <= longest_duid)
    answer.server_id = content;
  if (code == identity_option && !answer.iaid) read_identity(content, answer);
  if (code == preference_option && content.size() == 1) answer.preference = static_cast<std::uint8_t>(content[0]);
  if (code == rapid_commit_option) answer.rapid_commit = true;
  if (code == status_option && status_of(content) != dhcp6_success) answer.status = status_of(content);
  if (code == dns_option && answer.dns.empty()) read_dhcp6_servers(content, answer.dns);
  if (code == domains_option && answer.search.empty()) answer.search = parse_domain_list(content, most_dhcp6_values);
  if (code == refresh_option && content.size() == 4)
    answer.refresh_after = std::max(number_at(content, 0, 4), shortest_refresh);
}

}  // namespace

std::string duid_of(std::string_view mac) {
  if (!parse_mac(mac)) return {};
  std::string duid("\0\x03\0\x01", 4);  // by link-layer address (3), of an Ethernet (1)
  for (std::size_t at = 0; at + 2 <= mac.size(); at += 3) {
    unsigned byte = 0;
    std::from_chars(mac.data() + at, mac.data() + at + 2, byte, 16);
    duid += static_cast<char>(byte);
  }
  return duid;
}

std::string to_bytes(const Dhcp6Question& question) {
  const bool for_names = question.type == Dhcp6Type::information_request;
  std::string bytes = big_endian(static_cast<std::uint32_t>(question.type) << 24 | question.transaction, 4);
  bytes += option(client_id_option, question.client_id);
  if (!question.server_id.empty()) bytes += option(server_id_option, question.server_id);
  bytes += option(elapsed_option, big_endian(question.elapsed, 2));
  if (!for_names) bytes += identity(question);
  std::string wanted = big_endian(dns_option, 2) + big_endian(domains_option, 2);
  if (for_names) wanted += big_endian(refresh_option, 2);
  if (question.type != Dhcp6Type::decline) bytes += option(requested_option, wanted);
  if (question.type == Dhcp6Type::solicit) bytes += option(rapid_commit_option, {});
  return bytes;
}

std::optional<Dhcp6Answer> parse_dhcp6(std::string_view bytes) {
  if (bytes.size() < 4) return std::nullopt;
  Dhcp6Answer answer;
  answer.type = static_cast<Dhcp6Type>(bytes[0]);
  answer.transaction = number_at(bytes, 1, 3);
  if (answer.type != Dhcp6Type::advertise && answer.type != Dhcp6Type::reply) return std::nullopt;
  const bool whole = each_option(
      bytes.substr(4), [&](std::uint16_t code, std::string_view content) { read_option(code, content, answer); });
  if (!whole || answer.server_id.empty()) return std::nullopt;
  return answer;
}

bool answers(const Dhcp6Question& question, const Dhcp6Answer& answer) {
  const bool for_names = question.type == Dhcp6Type::information_request;
  const bool mine = answer.client_id == question.client_id || (for_names && answer.client_id.empty());
  if (answer.transaction != question.transaction || !mine) return false;
  if (question.type != Dhcp6Type::solicit) return answer.type == Dhcp6Type::reply;
  return address_for(question.iaid, answer) != nullptr && (answer.type == Dhcp6Type::advertise || answer.rapid_commit);
}

const Dhcp6Address* address_for(std::uint32_t iaid, const Dhcp6Answer& answer) {
  if (answer.iaid != iaid || answer.status != dhcp6_success) return nullptr;
  const auto usable = std::ranges::find_if(answer.addresses, [](const Dhcp6Address& one) { return one.valid > 0; });
  return usable == answer.addresses.end() ? nullptr : &*usable;
}

}  // namespace lifeboat::init
