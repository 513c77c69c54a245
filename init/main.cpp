// One binary, several names: PID 1, the DHCP client's script, and the commands of the person who has logged in.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "init/access/keys.hpp"
#include "init/access/password.hpp"
#include "init/boot/boot.hpp"
#include "init/net/dhcp6_client.hpp"
#include "init/net/dhcp_script.hpp"
#include "init/rescue/rescue.hpp"
#include "init/source/agent.hpp"
#include "init/sys/fd.hpp"

/// What the C++ library does with an exception that nobody caught, in its place: its own names the type, for which it
/// brings a demangler as large as init/net. The kernel says the rest.
namespace __gnu_cxx {
void __verbose_terminate_handler();
void __verbose_terminate_handler() { ::abort(); }
}  // namespace __gnu_cxx

namespace {

using namespace lifeboat::init;
using Arguments = std::vector<std::string_view>;

int run_dhcp_script(const Arguments& arguments) {
  const std::string_view event = arguments.empty() ? "" : arguments[0];
  const Status recorded = record_dhcp_event(
      event, [](const char* name) { return std::getenv(name); }, std::string(lease_folder));
  if (!recorded) std::fprintf(stderr, "%s\n", recorded.error().c_str());
  return recorded ? 0 : 1;
}

/// INTERFACE stateful|stateless
int run_dhcp6_program(const Arguments& arguments) {
  if (arguments.size() != 2) return 2;
  const Status ended = run_dhcp6({.interface = std::string(arguments[0]),
                                  .stateful = arguments[1] == "stateful",
                                  .lease_folder = std::string(lease_folder)});
  std::fprintf(stderr, "%s\n", ended ? "" : ended.error().c_str());
  return 1;
}

int run_agent_program(const Arguments& arguments) {
  if (arguments.empty()) return 2;
  const std::string name(arguments[0]);
  return run_agent(name, {.hash = hash_password,
                          .check = check_password_hash,
                          .check_key = check_public_key,
                          .answer =
                              [name](const Answer& answer) {
                                return replace_file(std::string(answers_folder) + "/" + name, to_text(answer), 0600);
                              },
                          .session = [](std::string_view how) { run_end_command(how, {}); },
                          .renew_network =
                              [] {
                                static_cast<void>(replace_file(
                                    std::string(answers_folder) + "/" + std::string(renew_network_request), ""));
                              }});
}

int run_by_name(std::string_view name, const Arguments& arguments) {
  if (name == "lifeboat-dhcp") return run_dhcp_script(arguments);
  if (name == "lifeboat-dhcp6") return run_dhcp6_program(arguments);
  if (name == "lifeboat-agent") return run_agent_program(arguments);
  if (name == "rescue") return run_rescue(arguments);
  if (name == "poweroff" || name == "reboot" || name == "halt") return run_end_command(name, arguments);
  std::fprintf(stderr, "lifeboat-init: it is PID 1 of a rescue system; as a command it is called `rescue`\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (::getpid() == 1) boot();
  try {
    const std::string_view path = argc > 0 ? argv[0] : "";
    return run_by_name(path.substr(path.rfind('/') + 1), Arguments(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lifeboat-init: %s\n", error.what());
    return 1;
  }
}
