// A guest that goes wrong fails its test quickly, with the QEMU line that repeats it and the console's last lines.
// Needs the kernel of the image alone.
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/lab.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "qemu-tests/stand_in.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace {

VmOptions stand_in(const Folder& folder, const std::string& mode) {
  make_stand_in_image(folder.path(), mode);
  VmOptions options = boots(folder.path());
  options.memory_mib = 256;
  return options;
}

/// The text of the Failure that `body` throws, and how many seconds it took.
template <class Body>
std::pair<std::string, double> failure_of(Body body) {
  const auto start = std::chrono::steady_clock::now();
  try {
    body();
  } catch (const Failure& failure) {
    return {failure.what(), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()};
  }
  return {"", 0};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool can_make_lab() {
  const bool possible = Namespace::is_possible();
  if (!possible) WARN("not run: making a network namespace takes root");
  return possible;
}

}  // namespace

TEST_CASE("a kernel panic ends the wait at once, with the QEMU line and the console's last lines") {
  const Folder folder("harness");
  Vm vm(stand_in(folder, "panic"));
  const auto [text, took] = failure_of([&] { vm.wait_until_ready(seconds(150)); });
  INFO(text);
  CHECK(text.starts_with("the guest's kernel panicked\n"));
  CHECK(contains(text, "\nto repeat it: qemu-system-x86_64 "));
  CHECK(contains(text, vm.folder().string()));
  CHECK(contains(text, "VFS: Unable to mount root fs"));
  CHECK(contains(text, "end Kernel panic"));
  CHECK(took < 60);

  vm.take_screenshot(vm.folder() / "screen.png");
  CHECK(read_file(vm.folder() / "screen.png").starts_with("\x89PNG"));
}

TEST_CASE("a guest that hangs fails when its time is over, with what it said last") {
  const Folder folder("harness");
  Vm vm(stand_in(folder, "hang"));
  vm.console().wait_for("stand-in init: hang", seconds(60));
  const auto [text, took] = failure_of([&] { vm.wait_until_ready(seconds(2)); });
  INFO(text);
  CHECK(text.starts_with("2 s passed while the test waited for \"LIFEBOAT-READY \"\n"));
  CHECK(contains(text, "stand-in init: hang"));
  CHECK(contains(text, "\nto repeat it: qemu-system-x86_64 "));
  CHECK(took < 10);
}

TEST_CASE("a QEMU that ends under a wait fails it at once") {
  const Folder folder("harness");
  Vm vm(stand_in(folder, "hang"));
  vm.console().wait_for("stand-in init: hang", seconds(60));
  vm.quit();
  const auto [text, took] = failure_of([&] { vm.wait_until_ready(seconds(150)); });
  INFO(text);
  CHECK(text.starts_with("QEMU ended while the test waited for \"LIFEBOAT-READY \"\n"));
  CHECK(took < 10);
}

TEST_CASE("a QEMU that does not start fails with its own words") {
  const Folder folder("harness");
  VmOptions options = stand_in(folder, "hang");
  options.extra = {"-device", "no-such-device"};
  const auto [text, took] = failure_of([&] { const Vm vm(options); });
  INFO(text);
  CHECK(contains(text, "QEMU did not start"));
  CHECK(contains(text, "'no-such-device' is not a valid device model name"));
  CHECK(took < 10);
}

TEST_CASE("a guest that is ready but has no SSH server fails the connection within its limit") {
  const Folder folder("harness");
  Vm vm(stand_in(folder, "ready"));
  CHECK(vm.wait_until_ready(seconds(60)).at("host-key") == "SHA256:none");
  const auto [text, took] = failure_of([&] { const Ssh ssh(vm.ssh_port(), seconds(5)); });
  INFO(text);
  CHECK(text.starts_with("connecting to the guest's SSH server: "));
  CHECK(took < 20);
}

TEST_CASE("a failing test keeps its folder and a passing one does not") {
  std::filesystem::path kept, gone;
  const auto [text, took] = failure_of([&] {
    const Folder folder("harness");
    kept = folder.path();
    throw Failure("the test's own failure");
  });
  {
    const Folder folder("harness");
    gone = folder.path();
  }
  CHECK(std::filesystem::exists(kept));
  CHECK_FALSE(std::filesystem::exists(gone));
  std::filesystem::remove_all(kept);
}

TEST_CASE("a guest whose processors lock up is started again once, and no more") {
  if (!lifeboat::is_whole_matrix()) return;
  const Folder folder("harness");
  Vm vm(stand_in(folder, "stuck"));
  const auto [text, took] = failure_of([&] { vm.wait_until_ready(seconds(15)); });
  INFO(text);
  CHECK(text.starts_with("15 s passed while the test waited for \"LIFEBOAT-READY \""));
  CHECK(took >= 30);
  CHECK(took < 60);
  CHECK(vm.console().log().find("soft lockup") != std::string::npos);
}

TEST_CASE("a guest that powers off by itself ends QEMU with status 0") {
  const Folder folder("harness");
  Vm vm(stand_in(folder, "off"));
  CHECK(vm.wait_for_end(seconds(60)) == 0);
  CHECK(contains(vm.console().log(), "stand-in init: off"));
}

TEST_CASE("a lab's server that refuses its options fails with its own words, and a login to nobody within its limit") {
  if (!can_make_lab()) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.1.0.1/24"});
  const auto [text, took] = failure_of([&] { lab.start_dnsmasq(segment, {"--no-such-option"}); });
  CHECK(contains(text, "bad command line options"));
  CHECK(took < 5);
  const auto [refused, waited] = failure_of([&] { const Ssh ssh(lab.network(), "10.1.0.1", seconds(2)); });
  CHECK(contains(refused, "connecting to 10.1.0.1 port 22: Connection refused"));
  CHECK(waited < 5);
  const auto [absent, lost] = failure_of([&] { const Ssh ssh(lab.network(), "10.1.0.50", seconds(2)); });
  CHECK(contains(absent, "connecting to 10.1.0.50 port 22: "));
  CHECK(lost < 10);
}

TEST_CASE("a lab's neighbour answers on its segment, and its devices are not the host's") {
  if (!can_make_lab()) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.1.0.1/24"});
  lab.add_neighbour(segment, "10.1.0.50/24");
  const auto [text, took] = failure_of([&] { const Ssh ssh(lab.network(), "10.1.0.50", seconds(2)); });
  CHECK(contains(text, "Connection refused"));  // somebody is there
  CHECK(contains(lab.network().run({"ip", "link", "show", segment}), segment));
  CHECK_FALSE(std::filesystem::exists("/sys/class/net/" + segment));
}
