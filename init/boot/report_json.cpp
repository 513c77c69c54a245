#include <cmath>
#include <nlohmann/json.hpp>

#include "init/boot/report.hpp"

namespace lifeboat::init {
namespace {

using Json = nlohmann::json;

double rounded(double seconds) { return std::round(seconds * 100) / 100; }

Json image_json(const Report& report) {
  return {{"build_id", report.image.build_id},
          {"name", report.image.name},
          {"title", report.image.title},
          {"kernel", report.image.kernel},
          {"medium", report.medium.kind == "initramfs" ? "netboot" : report.medium.kind}};
}

Json medium_json(const MediumReport& medium) {
  Json json{{"kind", medium.kind}, {"title", medium.title}};
  json["disk"] = medium.disk.empty() ? Json() : Json(medium.disk);
  json["evidence"] = medium.evidence.empty() ? Json() : Json(medium.evidence);
  json["copies"] = medium.copies;
  json["in_memory"] = medium.in_memory;
  return json;
}

Json boot_json(const Report& report) {
  Json steps = Json::array();
  for (const StepReport& step : report.steps)
    steps.push_back({{"name", step.name}, {"started", rounded(step.started)}, {"ended", rounded(step.ended)}});
  Json boot{{"ready", nullptr}, {"steps", steps}};
  if (report.ready) boot["ready"] = rounded(*report.ready);
  return boot;
}

Json access_json(const AccessReport& access) {
  Json json{{"ssh", access.ssh}, {"password", access.password}, {"keys", access.keys}};
  json["password_origin"] = access.password_origin.empty() ? Json() : Json(access.password_origin);
  json["key_origins"] = access.key_origins;
  json["users"] = access.users;
  json["host_key"] = access.host_key.empty() ? Json() : Json(access.host_key);
  json["host_key_line"] = access.host_key_line.empty() ? Json() : Json(access.host_key_line);
  json["sources"] = Json::array();
  for (const SourceLine& source : access.sources)
    json["sources"].push_back({{"name", source.name}, {"result", source.result}, {"text", source.text}});
  return json;
}

Json deadline_json(const std::optional<DeadlineReport>& deadline) {
  if (!deadline) return nullptr;
  return {{"uptime", deadline->uptime},
          {"time", contract::to_rfc3339(deadline->time)},
          {"origin", deadline->origin},
          {"then", contract::to_text(deadline->then)}};
}

Json network_json(const Report& report) {
  Json network = Json::array();
  for (const InterfaceReport& interface : report.interfaces)
    network.push_back({{"name", interface.name},
                       {"mac", interface.mac},
                       {"carrier", interface.carrier},
                       {"addresses", interface.addresses},
                       {"mtu", interface.mtu},
                       {"dns", interface.dns},
                       {"driver", interface.driver},
                       {"configured", interface.configured},
                       {"gateways", interface.gateways},
                       {"member", interface.member}});
  return network;
}

Json rungs_json(const Report& report) {
  Json rungs = Json::array();
  for (const RungReport& rung : report.rungs)
    rungs.push_back({{"name", rung.name}, {"taken", rung.taken}, {"why", rung.why}});
  return rungs;
}

}  // namespace

std::string to_json(const Report& report) {
  Json disks = Json::parse(report.disks_json, nullptr, false);
  if (disks.is_discarded()) disks = nullptr;
  const Json document{{"version", 1},
                      {"image", image_json(report)},
                      {"medium", medium_json(report.medium)},
                      {"boot", boot_json(report)},
                      {"access", access_json(report.access)},
                      {"deadline", deadline_json(report.deadline)},
                      {"network", network_json(report)},
                      {"network_rungs", rungs_json(report)},
                      {"disks", disks},
                      {"problems", report.problems}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lifeboat::init
