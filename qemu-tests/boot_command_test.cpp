// `lifeboat boot`: what a pipeline and a person call.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/console.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/stand_in.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

const std::string program = LIFEBOAT_BINARY_DIR "/bin/lifeboat";

/// TCG, so that no probe costs its seconds; temporary files where the test can look for them.
std::map<std::string, std::string> environment(const Folder& folder) {
  return {{"LIFEBOAT_ACCEL", "tcg"}, {"TMPDIR", folder.path()}};
}

ProgramResult boot(const Folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> argv{program, "boot", cloud_image()};
  argv.insert(argv.end(), more.begin(), more.end());
  return run_program(argv, seconds(240), environment(folder));
}

fs::path original_in(const Folder& folder) {
  const fs::path original = folder.path() / "original.img";
  fs::copy_file(disk("ext4-debian-11"), original);
  return original;
}

std::vector<std::string> hidden_files(const Folder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path()))
    if (entry.path().filename().string().starts_with(".")) names.push_back(entry.path().filename());
  return names;
}

bool qemu_runs_for(const Folder& folder) {
  return run_program({"pgrep", "-f", "qemu-system.*" + folder.path().string()}).status == 0;
}

/// The command with the test at its keyboard and screen.
class Session {
 public:
  explicit Session(const Folder& folder) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw Failure("socketpair");
    const Fd theirs(ends[1]);
    const std::string fd = std::to_string(ends[1]);
    process_.emplace(Process::Start{
        .argv = {"bash", "-c", "exec \"$0\" \"$@\" <&" + fd + " >&" + fd, program, "boot", cloud_image()},
        .out = folder.path() / "messages",
        .err = folder.path() / "messages",
        .keep = {ends[1]},
        .environment = environment(folder)});
    screen_.emplace(Fd(ends[0]), process_->pidfd(), "lifeboat boot in " + folder.path().string());
  }
  Console& screen() { return *screen_; }
  Process& process() { return *process_; }
  int end(seconds timeout) {
    screen_->wait_for_end(timeout);
    return process_->wait(std::chrono::steady_clock::now()).value_or(-1);
  }

 private:
  std::optional<Process> process_;
  std::optional<Console> screen_;
};

}  // namespace

TEST_CASE("--run hands the command's output through and returns its status") {
  const Folder folder("boot");
  const ProgramResult result = boot(folder, {"--run", "echo to-out; echo to-err >&2; id -un; exit 7"});
  INFO(result.err);
  REQUIRE(result.status == 7);
  REQUIRE(result.out == "to-out\nroot\n");
  REQUIRE(result.err.find("to-err\n") != std::string::npos);
  REQUIRE(result.err.find("did not power off") == std::string::npos);
  REQUIRE(hidden_files(folder).empty());
}

TEST_CASE("an original disk keeps its bytes, whatever the guest writes") {
  const Folder folder("boot");
  const fs::path original = original_in(folder);
  const std::string before = sha256_of_file(original);
  const std::string scribble =
      "lsblk -no NAME /dev/vda >&2 && rescue write vda >&2 && printf scribble | dd of=/dev/vda conv=fsync status=none";
  const ProgramResult result = boot(folder, {"--original", original, "--run", scribble});
  INFO(result.err);
  REQUIRE(result.status == 0);
  REQUIRE(sha256_of_file(original) == before);
}

TEST_CASE("with --write the guest writes to the original disk") {
  const Folder folder("boot");
  const fs::path original = original_in(folder);
  const std::string scribble = "rescue write vda >&2 && printf scribble | dd of=/dev/vda conv=fsync status=none";
  const ProgramResult result = boot(folder, {"--original", original, "--write", "--run", scribble});
  INFO(result.err);
  REQUIRE(result.status == 0);
  REQUIRE(read_file(original).starts_with("scribble"));
}

TEST_CASE(
    "a guest that panics, hangs or has no SSH server ends the command with how to repeat it and the console's end") {
  struct Row {
    std::string mode, reason, last_line;
  };
  const Row row = GENERATE(
      Row{"panic", "the guest's kernel panicked", "Unable to mount root fs"},
      Row{"hang", "the guest was not ready within 15 s", "stand-in init: hang"},
      Row{"off", "the guest ended before it was ready", "stand-in init: off"},
      Row{"ready", "the guest said that it is ready, but its SSH server does not answer", "stand-in init: ready"});
  if ((row.mode == "hang" || row.mode == "off") && !lifeboat::is_whole_matrix()) return;
  const Folder folder("boot");
  make_stand_in_image(folder.path() / "image", row.mode);
  const ProgramResult result = run_program(
      {program, "boot", folder.path() / "image", "--timeout", "15", "--run", "true"}, seconds(90), environment(folder));
  INFO(result.err);
  REQUIRE(result.status == 1);
  REQUIRE(result.err.find(row.reason) != std::string::npos);
  REQUIRE(result.err.find(row.last_line) != std::string::npos);
  REQUIRE(result.err.find("to repeat it (without the config drive): qemu-system-x86_64 ") != std::string::npos);
  REQUIRE_FALSE(qemu_runs_for(folder));
  REQUIRE(hidden_files(folder).empty());
}

TEST_CASE("a person logs in at the console with the shown password, and Ctrl-] powers the guest off") {
  const Folder folder("boot");
  Session session(folder);
  const std::string line = session.screen().wait_for_line("password:  ", seconds(150));
  const std::string password = line.substr(11, line.find(' ', 11) - 11);
  REQUIRE(password.size() >= 16);
  session.screen().type("\n");
  session.screen().wait_for("login:", seconds(30));
  session.screen().type("root\n");
  session.screen().wait_for("assword:", seconds(30));
  session.screen().type(password + "\n");
  session.screen().wait_for(":~# ", seconds(60));  // login(1) throws away what was typed ahead
  session.screen().type("echo forty-$((40+2))\n");
  session.screen().wait_for("forty-42", seconds(60));
  session.screen().type("\x1d");
  REQUIRE(session.end(seconds(90)) == 0);
  REQUIRE(session.screen().log().find("did not power off") == std::string::npos);
  REQUIRE_FALSE(qemu_runs_for(folder));
  REQUIRE(hidden_files(folder).empty());
}

TEST_CASE("Ctrl-C while the guest boots ends QEMU and leaves no file behind") {
  const Folder folder("boot");
  Session session(folder);
  session.screen().wait_for("its console follows", seconds(60));
  REQUIRE(qemu_runs_for(folder));
  session.process().kill(SIGINT);
  REQUIRE(session.end(seconds(20)) == 130);
  REQUIRE_FALSE(qemu_runs_for(folder));
  REQUIRE(hidden_files(folder).empty());
}
