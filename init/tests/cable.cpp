#include "init/tests/cable.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "builder/base/run.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init::test {
namespace {

/// The process that holds the other namespace; it ends with this one.
pid_t start_peer() {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) return -1;
  const pid_t peer = ::fork();
  if (peer == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::unshare(CLONE_NEWNET) != 0) ::_exit(1);
    static_cast<void>(::write(ready[1], "!", 1) == 1);
    while (true) ::pause();
  }
  ::close(ready[1]);
  char byte = 0;
  const bool is_ready = ::read(ready[0], &byte, 1) == 1;
  ::close(ready[0]);
  if (is_ready) return peer;
  ::waitpid(peer, nullptr, 0);
  return -1;
}

}  // namespace

Cable::Cable() {
  if (::unshare(CLONE_NEWNET) == 0) peer_ = start_peer();
  if (peer_ < 0) {
    WARN("not run: making a network namespace takes root");
    return;
  }
  run_checked({.argv = {"ip", "link", "add", "card", "type", "veth", "peer", "name", "wire"}});
  run_checked({.argv = {"ip", "link", "set", "wire", "netns", std::to_string(peer_)}});
  ip_there({"link", "set", "wire", "up"});
}

Cable::~Cable() {
  if (peer_ < 0) return;
  ::kill(peer_, SIGKILL);
  ::waitpid(peer_, nullptr, 0);
}

std::vector<std::string> Cable::there(std::vector<std::string> argv) const {
  argv.insert(argv.begin(), {"nsenter", "--net=/proc/" + std::to_string(peer_) + "/ns/net", "--"});
  return argv;
}

std::string Cable::ip_there(std::vector<std::string> words) const {
  words.insert(words.begin(), {"ip", "-o"});
  return run_checked({.argv = there(words)});
}

std::string ip(std::vector<std::string> words) {
  words.insert(words.begin(), {"ip", "-o"});
  return run_checked({.argv = words});
}

Link find_link(Links& links, const std::string& name) {
  const auto list = links.list();
  REQUIRE(list);
  for (const Link& link : *list)
    if (link.name == name) return link;
  FAIL("no link " << name);
  return {};
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

}  // namespace lifeboat::init::test
