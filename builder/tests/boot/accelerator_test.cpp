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
  const std::string message = message_of([&] { chosen = choose_accelerator("/nonexistent/vmlinuz", work.path()); });
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

TEST_CASE("a kernel that does not run under KVM is emulated") { CHECK(accelerator_with("") == "tcg,thread=multi"); }
