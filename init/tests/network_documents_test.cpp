// What clouds say of the network, and what the init makes of it.
#include <nlohmann/json.hpp>

#include "init/source/digitalocean_service.hpp"
#include "init/source/hetzner_service.hpp"
#include "init/source/network_config.hpp"
#include "init/source/network_data.hpp"
#include "init/source/vultr_service.hpp"
#include "init/source/xenstore_network.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using test::read_cases;

namespace {

std::string described(const Result<NetworkPlan>& plan) { return plan ? to_text(*plan) : "failure: " + plan.error(); }

std::string of_findings(const Result<Findings>& findings) {
  if (!findings) return "failure: " + findings.error();
  std::string text = to_text(findings->network);
  for (const std::string& note : findings->notes) text += "the source's note=" + note + "\n";
  return text;
}

std::vector<std::string> parts(std::string text) {
  const std::string line = "\n=====\n";
  std::vector<std::string> found;
  for (std::size_t at; (at = text.find(line)) != std::string::npos; text.erase(0, at + line.size()))
    found.push_back(text.substr(0, at));
  found.push_back(text);
  return found;
}

std::string describe(const std::string& kind, const std::string& text) {
  if (kind == "network_data") return described(parse_network_data(text));
  if (kind == "config") return described(parse_network_config(text));
  if (kind == "hetzner") return described(parse_hetzner_network(text));
  if (kind == "xenstore") return to_text(parse_xenstore_network(parts(text)));
  if (kind == "digitalocean") return of_findings(parse_digitalocean_metadata(text));
  if (kind == "vultr") return of_findings(parse_vultr_metadata(text));
  return "no such kind of document: " + kind;
}

std::string card(int number) {
  const std::string id = std::to_string(number);
  return R"({"id":"l)" + id + R"(","type":"phy","name":"eth)" + id + R"("})";
}

}  // namespace

TEST_CASE("the network's documents become plans as the table says, which PID 1 reads as they were") {
  for (const auto& one : read_cases("network_documents.txt")) {
    INFO(one.name);
    const std::string text = describe(one.name.substr(0, one.name.find(' ')), one.input);
    CHECK(text == one.expected);
    if (text.starts_with("failure: ") || text.find("the source's note=") != std::string::npos) continue;
    const auto plan = parse_plan(text);
    REQUIRE(plan);
    CHECK(to_text(*plan) == text);
  }
}

TEST_CASE("a plan has at most 64 links, and 64 addresses of one; what is beyond is noted") {
  std::string links, networks;
  for (int i = 0; i < 1000; ++i) {
    links += (i == 0 ? "" : ",") + card(i);
    networks += std::string(i == 0 ? "" : ",") + R"({"type":"ipv4","link":"l0","ip_address":"10.0.)" +
                std::to_string(i / 250) + "." + std::to_string(1 + i % 250) + "\"}";
  }
  const auto plan = parse_network_data(R"({"links":[)" + links + R"(],"networks":[)" + networks + "]}");
  REQUIRE(plan);
  CHECK(plan->links.size() == 64);
  CHECK(plan->links.front().addresses.size() == 64);
  CHECK(plan->notes.size() == 64);
  CHECK(parse_plan(to_text(*plan)) == *plan);
}

TEST_CASE("a hundred thousand levels of JSON neither crash nor plan anything") {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string name : {"links", "networks", "services"}) {
    const auto plan = parse_network_data("{\"" + name + "\":" + deep + "}");
    REQUIRE(plan);
    CHECK(plan->is_empty());
  }
}
