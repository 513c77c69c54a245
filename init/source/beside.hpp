#pragma once
#include <string>

#include "init/net/plan.hpp"
#include "init/source/findings.hpp"
#include "init/source/http.hpp"

namespace lifeboat::init {

using ParsePlan = Result<NetworkPlan> (*)(std::string_view text);

/// The network's document that lies beside the one with password and keys. It costs nothing else: where it is not there
/// or empty, nothing is taken; where it is broken or cannot be read, that is a note; over HTTP it has 3 s of the
/// client's time.
void add_network_of(const Result<Secret>& text, ParsePlan parse, Findings& findings);
void add_network_from(const HttpClient& http, const HttpRequest& request, ParsePlan parse, Findings& findings);

}  // namespace lifeboat::init
