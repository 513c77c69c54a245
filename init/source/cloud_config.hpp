#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {

/// Of cloud-init's user data ("#cloud-config") what lets root in: password, chpasswd (users, list), users[] of the name
/// root, ssh_authorized_keys (also of users[], since root is who logs in), hostname. Nothing else is looked at, and
/// nothing is ever run: it is the tenant's wish for the server, not for its rescue. User data of another kind (a
/// script, gzip, multipart) is passed over, with a note where it may hold a password.
void read_cloud_config(std::string_view user_data, Findings& findings);
/// The same, of a document that was parsed already; what is no object holds nothing.
void read_cloud_config_document(const Json& document, Findings& findings);

}  // namespace lifeboat::init
