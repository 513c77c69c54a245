#include "init/sys/netlink.hpp"

#include <linux/rtnetlink.h>

#include <cstring>

#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

/// "type=bytes" of each attribute.
std::string attributes_of(std::string_view payload, std::size_t body) {
  std::string text;
  each_attribute(payload, body, [&](std::uint16_t type, std::string_view value) {
    text += std::to_string(type) + "=" + std::string(value) + " ";
  });
  return text;
}

}  // namespace

TEST_CASE("a request is laid out with its length, and every attribute padded to four bytes") {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_ACK);
  request.body(ifinfomsg{}).attribute(IFLA_IFNAME, "abc", 3).attribute(IFLA_MTU, std::uint32_t{1500});
  const std::string_view bytes = request.bytes();
  nlmsghdr header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  CHECK(bytes.size() == 16 + 16 + 8 + 8);
  CHECK(header.nlmsg_len == bytes.size());
  CHECK(header.nlmsg_type == RTM_NEWLINK);
  CHECK(header.nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK));
  CHECK(attributes_of(bytes.substr(16), sizeof(ifinfomsg)) == std::string("3=abc 4=\xdc\x05\0\0 ", 13));
}

TEST_CASE("attributes with lengths that lie are left out, whatever they say") {
  NetlinkRequest request(RTM_NEWLINK, 0);
  request.attribute(1, "good", 4).attribute(2, "next", 4);
  const std::string good(request.bytes().substr(16));
  CHECK(attributes_of(good, 0) == "1=good 2=next ");
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 1, 3, 9, 200, 65535}) {
    std::string broken = good;
    std::memcpy(broken.data() + 8, &length, sizeof length);
    INFO(length);
    CHECK(attributes_of(broken, 0) == "1=good ");
  }
  for (std::size_t cut = 0; cut < good.size(); ++cut) CHECK(attributes_of(good.substr(0, cut), 0).size() <= 7);
  CHECK(attributes_of(good, 100).empty());
}

TEST_CASE("what the kernel refuses comes back as the reason") {
  auto netlink = Netlink::open(NETLINK_ROUTE, 0);
  REQUIRE(netlink);
  ifinfomsg body{};
  body.ifi_index = 0x7ffffff0;
  NetlinkRequest request(RTM_GETLINK, NLM_F_ACK);
  const Status status = netlink->request(request.body(body), "asking for a link");
  REQUIRE_FALSE(status);
  CHECK(status.error() == "asking for a link: No such device");
}
