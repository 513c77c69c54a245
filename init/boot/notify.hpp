#pragma once
#include <string>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Sends "READY=1" as sd_notify(3) does to the virtual machine's monitor: `address` as in systemd's vmm.notify_socket:
/// "vsock:CID:PORT" (a stream or a sequence of packets, whichever the host has), "vsock-stream:", "vsock-dgram:",
/// "vsock-seqpacket:", or a socket's path ("/..." or "@abstract"). Blocks for 2 s at most.
Status notify_ready(const std::string& address);

}  // namespace lifeboat::init
