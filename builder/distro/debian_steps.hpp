#pragma once
// What Debian's maintainer scripts would have done, one function per concern. debian.cpp calls them in order.

#include "builder/distro/maker.hpp"

namespace lifeboat {

/// Files that a package keeps a default of and copies into place when it is configured (/etc/profile, sshd_config ...).
/// Throws Error when an installed package no longer has the default.
void copy_debian_defaults(Maker& maker);

/// /etc/passwd, group, shadow and gshadow from base-passwd's masters and the declared system users of the installed
/// packages, under fixed numbers. Nobody has a password: root is `*`, which also lets OpenSSH take a key.
void write_debian_users(Maker& maker);

/// Owners, set-id bits and capabilities that scripts give to files of their package.
void set_debian_modes(Maker& maker);

/// Links, /etc/alternatives and /var/lib/dpkg/alternatives for every declared alternative whose program is in the tree.
/// Throws Error for a choice of the recipe that does not exist.
void write_debian_alternatives(Maker& maker);

/// /etc/pam.d/common-* as pam-auth-update writes them with pam_unix alone, and what it remembers of it.
void write_debian_pam(Maker& maker);

/// /etc/shells as update-shells writes it, and what it remembers of it.
void write_debian_shells(Maker& maker);

/// /etc/apt/sources.list.d/lifeboat.sources (deb822): the recipe's suites at the public addresses that apt's own
/// package names for them; a suite that it does not name is left out. Throws Error for a keyring that is not in the
/// tree.
void write_debian_apt_sources(Maker& maker);

/// dpkg's database: status with conffiles' digests, info/, triggers, diversions; and a package of our own that provides
/// what the recipe's `provided` stands in for. Paths that are no longer in the tree are left out, so call it last.
void write_dpkg_database(Maker& maker);

}  // namespace lifeboat
