#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "init/contract/boot_configuration.hpp"
#include "init/contract/ready_line.hpp"

namespace lifeboat::init {

/// One network card in the report.
struct InterfaceReport {
  std::string name;
  std::string mac;
  bool carrier = false;
  std::vector<std::string> addresses;  ///< "10.0.2.15/24"
  int mtu = 0;
  std::vector<std::string> dns;
  std::string driver = {};                 ///< "virtio_net"; empty: software made it
  std::string configured = {};             ///< how: "by DHCP from 10.0.2.2", "from the config drive /dev/sr0"
  std::vector<std::string> gateways = {};  ///< "10.0.2.2 answers"
  bool member = false;                     ///< of a bond or bridge
};

/// One rung of the ladder: a way to come by a network configuration.
struct RungReport {
  std::string name;  ///< "By hand", "Sources", "DHCP and RA", "Original"
  bool taken = false;
  std::string why;  ///< what it gave, or why it was not taken
};

/// What became of one source.
struct SourceLine {
  std::string name;
  std::string result;  ///< "found" | "nothing" | "failed" | "waiting"
  std::string text;    ///< what it had, or why it had nothing
};

/// Who can log in, and why or why not.
struct AccessReport {
  bool password = false;
  std::size_t keys = 0;
  std::string password_origin;           ///< "config drive /dev/sr0"; empty: nowhere
  std::vector<std::string> key_origins;  ///< of all that had keys
  std::vector<std::string> users;        ///< who can log in: "root", "rescue"
  std::vector<SourceLine> sources;       ///< in the order of precedence
  std::string host_key;                  ///< "SHA256:..."; empty: there is none
  std::string host_key_type;             ///< "ED25519"
  std::string host_key_line;             ///< as known_hosts has it, behind the host: "ssh-ed25519 AAAA..."
  std::string host_key_origin;           ///< where it came from; empty: it was made now
  bool ssh = false;                      ///< sshd answers

  bool lets_somebody_in() const { return password || keys != 0; }
};

/// What the rescue system was started from.
struct MediumReport {
  std::string kind;                      ///< "initramfs", "disk" (or CD, or stick), "http"; empty: not known yet
  std::string title;                     ///< "/dev/sr0 (QEMU DVD-ROM, 114 MiB)", the address
  std::string disk = {};                 ///< kernel name, "sr0"; only for "disk"
  std::string evidence = {};             ///< why it was this one of several; empty: it is the only one, or a guess
  std::vector<std::string> copies = {};  ///< other devices that carried the same build when it was looked for
  bool in_memory = false;                ///< the root image lies in memory: the medium may go away
};

/// One step of the boot; seconds since the kernel started.
struct StepReport {
  std::string name;
  double started = 0;
  double ended = 0;
};

/// When the session ends.
struct DeadlineReport {
  std::string origin;       ///< for people: "recipe", "config drive /dev/sr0"
  std::int64_t uptime = 0;  ///< seconds after the kernel's start
  std::int64_t time = 0;    ///< the same since 1970 UTC, by this machine's clock
  contract::AtDeadline then{};
};

/// What the init found and did. Shown on the consoles and at login (text), and for programs (JSON, docs/report.md).
struct Report {
  contract::BootConfiguration image;
  MediumReport medium;
  std::vector<StepReport> steps;
  std::optional<double> ready;  ///< seconds since the kernel started
  std::vector<InterfaceReport> interfaces;
  std::vector<RungReport> rungs;  ///< of the network, the first one goes first
  AccessReport access;
  std::optional<DeadlineReport> deadline;
  std::string disks_text;  ///< of init/disk; empty: still being looked at
  std::string disks_json;  ///< a JSON object
  std::vector<std::string> problems;
};

/// 80 columns, for a person at three in the morning.
std::string to_text(const Report& report);
/// "2026-11-26 03:00:00 UTC".
std::string time_text(std::int64_t seconds);
/// The head alone, without the disks.
std::string head_text(const Report& report);
/// All of the network, for `rescue network`.
std::string network_text(const Report& report);
std::string to_json(const Report& report);
contract::ReadyLine ready_line(const Report& report);

}  // namespace lifeboat::init
