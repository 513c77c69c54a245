#include "qemu-tests/harness/lab.hpp"

#include <exception>
#include <iostream>
#include <sstream>

namespace lifeboat::qemu {
namespace {

using Words = std::vector<std::string>;

Words split(const std::string& line) {
  std::istringstream text(line);
  Words words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

/// "0" to "f": more cards no test has.
std::string digit(int number) { return std::string(1, "0123456789abcdef"[number & 15]); }

}  // namespace

/// A router's own addresses are no guesses: without duplicate address detection they are there at once.
Lab::Lab() {
  network_.inside([] {
    for (const char* scope : {"all", "default"}) {
      const std::string folder = std::string("/proc/sys/net/ipv6/conf/") + scope;
      write_file(folder + "/accept_dad", "0");
      write_file(folder + "/accept_ra", "0");
      write_file(folder + "/forwarding", "1");
    }
  });
}

Lab::~Lab() {
  if (!folder_.failing()) return;
  for (const auto& server : servers_) std::cerr << server->log_file().string() << ":\n" << server->log() << "\n";
}

void Lab::ip(const std::string& words) const {
  Words argv = split(words);
  argv.insert(argv.begin(), "ip");
  network_.run(argv);
}

/// A veth pair keeps the bridge's carrier up while no guest runs. Snooping would lose the first multicasts.
std::string Lab::add_segment(const Words& addresses) {
  const std::string number = std::to_string(segments_++), name = "seg" + number, plug = "plug" + number;
  ip("link add " + name + " address 02:00:00:00:00:0" + digit(segments_) + " type bridge mcast_snooping 0");
  ip("link add " + plug + " type veth peer name " + plug + "x");
  ip("link set " + plug + " master " + name);
  for (const std::string& device : {name, plug, plug + "x"}) ip("link set " + device + " up");
  for (const std::string& address : addresses) ip("address add " + address + " dev " + name);
  return name;
}

LabCard Lab::new_card(std::string mac) {
  const std::string number = std::to_string(++cards_);
  if (mac.empty()) mac = "52:54:00:12:34:0" + digit(cards_);
  ip("tuntap add tap" + number + " mode tap");
  ip("link set tap" + number + " up");
  return {.tap = "tap" + number, .mac = mac};
}

LabCard Lab::add_card(const std::string& segment, std::string mac) {
  LabCard card = new_card(std::move(mac));
  ip("link set " + card.tap + " master " + segment);
  return card;
}

void Lab::add_neighbour(const std::string& segment, const std::string& address) {
  const Namespace& machine = *neighbours_.emplace_back(std::make_unique<Namespace>());
  const std::string plug = "next" + std::to_string(neighbours_.size());
  ip("link add " + plug + " type veth peer name eth0 netns " + machine.path());
  ip("link set " + plug + " master " + segment + " up");
  machine.run({"ip", "address", "add", address, "dev", "eth0"});
  machine.run({"ip", "link", "set", "eth0", "up"});
}

void Lab::reach_from_afar(const std::string& segment, const std::string& address) {
  const bool ipv6 = address.find(':') != std::string::npos;
  const std::string afar = ipv6 ? "2001:db8::1" : "192.0.2.1", length = ipv6 ? "/128" : "/32";
  ip("address replace " + afar + length + " dev lo");
  ip("route add " + address + length + " dev " + segment + " src " + afar);
}

Server& Lab::start(const std::string& name, const Words& argv, const std::string& ready,
                   const std::map<std::string, std::string>& environment) {
  const std::filesystem::path log = folder() / (name + "-" + std::to_string(servers_.size()) + ".log");
  return *servers_.emplace_back(std::make_unique<Server>(network_, log, argv, ready, environment));
}

Server& Lab::start_dnsmasq(const std::string& segment, const Words& options) {
  Words argv{"dnsmasq",
             "--keep-in-foreground",
             "--conf-file=/dev/null",
             "--pid-file=",
             "--user=root",
             "--log-facility=-",
             "--log-dhcp",
             "--port=0",
             "--no-resolv",
             "--no-hosts",
             "--dhcp-authoritative",
             "--no-ping",
             "--bind-interfaces",
             "--interface=" + segment,
             "--dhcp-leasefile=" + (folder() / (segment + ".leases")).string()};
  argv.insert(argv.end(), options.begin(), options.end());
  return start("dnsmasq", argv, "started, version");
}

/// It goes on without a segment that its configuration is wrong for.
Server& Lab::start_radvd(const std::string& configuration) {
  const std::filesystem::path file = folder() / "radvd.conf";
  write_file(file, configuration);
  Server& radvd = start("radvd",
                        {"radvd", "--nodaemon", "--debug=1", "--logmethod=stderr", "--username=root",
                         "--pidfile=" + (folder() / "radvd.pid").string(), "--config=" + file.string()},
                        "polling for");
  if (radvd.log().find("must be") != std::string::npos) throw Failure("radvd.conf is refused:\n" + radvd.log());
  return radvd;
}

Server& Lab::start_kea(const std::string& family, const std::string& configuration) {
  const std::filesystem::path file = folder() / ("kea-" + family + ".json");
  const std::string server_id =
      family == "6" ? ",\n\"server-id\": {\"type\": \"EN\", \"identifier\": \"4c6162\", \"persist\": false}" : "";
  write_file(file, "{\"Dhcp" + family + "\": {\n" + configuration + server_id +
                       ",\n\"lease-database\": {\"type\": \"memfile\", \"persist\": false},\n"
                       "\"loggers\": [{\"name\": \"kea-dhcp" +
                       family + "\", \"severity\": \"INFO\", \"output_options\": [{\"output\": \"stdout\"}]}]}}\n");
  const std::string mine = folder().string();
  return start("kea-dhcp" + family, {"kea-dhcp" + family, "-c", file}, "DHCP" + family + "_STARTED",
               {{"KEA_PIDFILE_DIR", mine}, {"KEA_LOCKFILE_DIR", mine}});
}

}  // namespace lifeboat::qemu
