#include "init/net/dhcp_script.hpp"

#include <unistd.h>

#include <cerrno>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

Status record_dhcp_event(std::string_view event, const Environment& environment, const std::string& folder) {
  const char* given = environment("interface");
  const std::string interface = given == nullptr ? "" : given;
  if (!is_interface_name(interface)) return Failure{"DHCP: no interface named in the environment"};
  const std::string file = folder + "/" + interface + ".lease";
  if (event == "deconfig") {
    if (::unlink(file.c_str()) == 0 || errno == ENOENT) return Done{};
    return failure_from_errno("removing " + file, errno);
  }
  if (event != "bound" && event != "renew") return Done{};
  auto lease = lease_from_environment(environment);
  if (!lease) return lease.failure();
  return replace_file(file, to_text(*lease), 0644);
}

}  // namespace lifeboat::init
