// One binary, several names: PID 1, the DHCP client's script, and the commands of the person who has logged in.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "init/boot/boot.hpp"
#include "init/net/dhcp_script.hpp"
#include "init/rescue/rescue.hpp"

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

int run_by_name(std::string_view name, const Arguments& arguments) {
  if (name == "lifeboat-dhcp") return run_dhcp_script(arguments);
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
