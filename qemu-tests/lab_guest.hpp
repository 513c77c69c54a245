#pragma once
// What the tests of the network share: the machine in a Lab, and the login over an address.
#include <string>
#include <utility>
#include <vector>

#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/lab.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

namespace lifeboat::qemu {

inline const std::string lab_password = "vq7-Temporary-31";

/// Which tests run: those of the core always, the others with LIFEBOAT_WHOLE_MATRIX=1.
enum class Row { core, whole };

/// False for a test that is not to run, and where this process may not make a network.
inline bool can_run(Row row) {
  if (row == Row::whole && !is_whole_matrix()) return false;
  static const bool possible = Namespace::is_possible();
  if (!possible) WARN("not run: making a network namespace takes root");
  return possible;
}

/// The cloud image with these cards and a config drive: the password, and network_data.json unless that is empty.
inline VmOptions lab_machine(const Lab& lab, std::vector<LabCard> cards, const std::string& network_data = "") {
  VmOptions options = boots(cloud_image());
  options.network = &lab.network();
  options.cards = std::move(cards);
  options.config_drive = DriveFiles{{"openstack/latest/meta_data.json", R"({"admin_pass": ")" + lab_password + "\"}"}};
  if (!network_data.empty()) options.config_drive->emplace("openstack/latest/network_data.json", network_data);
  return options;
}

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A login at the address, which may come up within the time.
inline Ssh log_in(const Lab& lab, const std::string& address, seconds timeout = seconds(30)) {
  Ssh ssh(lab.network(), address, timeout);
  if (!ssh.login_with_password(lab_password)) throw Failure("the password is refused at " + address);
  return ssh;
}

}  // namespace lifeboat::qemu
