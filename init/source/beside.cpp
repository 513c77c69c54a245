#include "init/source/beside.hpp"

#include <algorithm>

#include "init/contract/text.hpp"
#include "init/source/plan_builder.hpp"

namespace lifeboat::init {

void add_network_of(const Result<Secret>& text, ParsePlan parse, Findings& findings) {
  if (!text) return add_note(text.error(), findings);
  if (!contract::trim(text->view()).empty()) take_network(parse(text->view()), findings);
}

void add_network_from(const HttpClient& http, const HttpRequest& request, ParsePlan parse, Findings& findings) {
  HttpClient apart(http.interface(), std::min(http.time_left(), Milliseconds(3000)), http.dhcp_server());
  add_network_of(apart.get_optional(request), parse, findings);
}

}  // namespace lifeboat::init
