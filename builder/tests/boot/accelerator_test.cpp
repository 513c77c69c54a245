#include "builder/boot/accelerator.hpp"

#include <cstdlib>

#include "builder/base/file.hpp"
#include "builder/tests/boot/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

std::string accelerator_with(const char* choice) {
  const TempDir work(std::filesystem::temp_directory_path(), "accelerator-test");
  ::setenv("LIFEBOAT_ACCEL", choice, 1);
  std::string chosen;
  const std::string message = message_of([&] { chosen = choose_accelerator(work.path()); });
  ::unsetenv("LIFEBOAT_ACCEL");
  return chosen + message;
}

}  // namespace

TEST_CASE("LIFEBOAT_ACCEL decides how the guest runs") {
  CHECK(accelerator_with("kvm") == "kvm");
  CHECK(accelerator_with("tcg") == "tcg,thread=multi");
}

TEST_CASE("an unknown LIFEBOAT_ACCEL is an error") {
  CHECK(accelerator_with("fast") == "LIFEBOAT_ACCEL is \"fast\" | export LIFEBOAT_ACCEL=kvm, =tcg, or unset it");
}

TEST_CASE("without LIFEBOAT_ACCEL it is KVM or emulation, whatever this machine has") {
  const std::string chosen = accelerator_with("");
  CHECK((chosen == "kvm" || chosen == "tcg,thread=multi"));
}
