#pragma once
#include "builder/distro/maker.hpp"

namespace lifeboat {

/// What update-ca-certificates makes of /usr/share/ca-certificates: the list in /etc/ca-certificates.conf, the bundle
/// /etc/ssl/certs/ca-certificates.crt, and the links NAME.pem and HASH.N that OpenSSL looks certificates up by.
/// Nothing happens in a tree without that folder. Throws Error for a file that is no certificate.
void write_ca_bundle(Maker& maker);

}  // namespace lifeboat
