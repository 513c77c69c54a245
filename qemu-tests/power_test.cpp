// The session ends in order: the power button powers off, Ctrl-Alt-Del reboots.
#include "qemu-tests/harness/image.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;

namespace {

/// Presses again where nothing happens, as a person does: READY does not wait for the button's driver, and the kernel
/// drops what comes before it.
void press_power_button(Vm& vm) {
  for (int presses = 1;; ++presses) {
    vm.press_power_button();
    try {
      vm.console().wait_for("Powering off: the power button was pressed", seconds(10));
      return;
    } catch (const Failure&) {
      if (presses == 4) throw;
    }
  }
}

}  // namespace

TEST_CASE("the power button powers the guest off") {
  Vm vm(boots(cloud_image()));
  vm.wait_until_ready();
  press_power_button(vm);
  REQUIRE(vm.wait_for_end(seconds(45)) == 0);
}

TEST_CASE("Ctrl-Alt-Del reboots the guest") {
  Vm vm(boots(cloud_image()));
  vm.wait_until_ready();
  vm.press_keys({"ctrl", "alt", "delete"});
  vm.wait_until_ready();  // a second one: the wait takes what the first one left
}
