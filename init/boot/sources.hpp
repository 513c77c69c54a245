#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// Whether Nova's rescue was of the stable-device kind: there the medium comes behind the server's own devices, as a
/// disk or a CD, and the config drive is the one of the server's creation, whose password may be long out of date.
/// `medium_disk` is the medium's kernel name, "vdb"; empty: it was none.
bool is_stable_device_rescue(const std::string& medium_disk);

/// Asks all sources (init/source/sources.cpp), beside everything else.
void start_sources(Machine& machine);
/// A card has an address, or lost it: the metadata services are asked over it.
void tell_sources_of_network(Machine& machine);
/// Until somebody can log in or nobody will be able to: see SourceSearch::settled().
void await_sources(Machine& machine);
/// The sources' host name, else that of a lease. It may change with each of them.
void take_host_name(Machine& machine);
/// What the sources gave: hashes into /etc/shadow (or a lock), keys into /root/.ssh, the host name. What comes later is
/// taken then, and said.
void set_password_and_keys(Machine& machine);

}  // namespace lifeboat::init
