#include "init/net/domain_list.hpp"

#include "init/net/lease.hpp"

namespace lifeboat::init {
namespace {

/// Takes the labels of one domain off the front. False: the end came first, or what is no label.
bool take_domain(std::string_view& bytes, std::string& domain, bool& fits) {
  constexpr std::size_t longest_label = 63;
  while (!bytes.empty()) {
    const std::size_t length = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (length == 0) return true;
    if (length > longest_label || length > bytes.size()) return false;
    const std::string_view label = bytes.substr(0, length);
    bytes.remove_prefix(length);
    fits = fits && label.find('.') == std::string_view::npos && is_host_name(label);
    if (!fits) continue;
    domain += (domain.empty() ? "" : ".") + std::string(label);
    fits = is_host_name(domain);
  }
  return false;
}

}  // namespace

std::vector<std::string> parse_domain_list(std::string_view bytes, std::size_t most) {
  std::vector<std::string> domains;
  while (domains.size() < most) {
    std::string domain;
    bool fits = true;
    if (!take_domain(bytes, domain, fits)) break;
    if (fits && !domain.empty()) domains.push_back(domain);
  }
  return domains;
}

}  // namespace lifeboat::init
