// The session ends in order: the power button powers off, Ctrl-Alt-Del reboots.
#include "qemu-tests/harness/image.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;

TEST_CASE("the power button powers the guest off") {
  Vm vm(boots(cloud_image()));
  vm.wait_until_ready();
  vm.press_power_button();
  REQUIRE(vm.wait_for_end(seconds(45)) == 0);
}

TEST_CASE("Ctrl-Alt-Del reboots the guest") {
  Vm vm(boots(cloud_image()));
  vm.wait_until_ready();
  vm.press_keys({"ctrl", "alt", "delete"});
  vm.wait_until_ready();  // a second one: the wait takes what the first one left
}
