// The build host's own OpenSSH, with what ldd(1) says of it, as a tree.
#include "builder/distro/sshd_closure.hpp"

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

Spool& spool() {
  static const auto spool = Spool::create(fs::temp_directory_path());
  return *spool;
}

void add_file(Tree& tree, const fs::path& path) {
  tree.add(path.string().substr(1), file_node(Spool::of_file(fs::canonical(path)), 0755));
}

/// Lines "libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x...)", and the interpreter's without an arrow.
void add_libraries(Tree& tree, const std::string& program) {
  const std::string text = run_checked({.argv = {"ldd", program}});
  for (const std::string_view line : split_lines(text)) {
    const std::size_t at = line.find('/');
    if (at != line.npos) add_file(tree, line.substr(at, line.find(' ', at) - at));
  }
}

Tree openssh() {
  Tree tree;
  for (const char* program : {"/usr/sbin/sshd", "/usr/bin/ssh-keygen"}) {
    add_file(tree, program);
    add_libraries(tree, program);
  }
  tree.add("etc/passwd",
           file_node(spool().append("root:x:0:0::/root:/bin/sh\nsshd:x:102:65534::/run/sshd:/bin/false\n")));
  return tree;
}

std::string fault_of(const Tree& tree) {
  try {
    check_sshd_closure(tree);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const std::string head = "nobody could log in to the image over SSH; it lacks:\n  ";

}  // namespace

TEST_CASE("an sshd with all that ldd names is whole, and a tree without sshd is left alone") {
  CHECK(fault_of(openssh()) == "");
  CHECK(fault_of(Tree()) == "");
}

TEST_CASE("each library that is missing is named with who needs it, one behind another library too") {
  Tree tree = openssh();
  CHECK(tree.remove_matching("**/libcrypto.so.3") == 1);
  CHECK(fault_of(tree) == head + "libcrypto.so.3, needed by /usr/sbin/sshd");
  Tree other = openssh();
  CHECK(other.remove_matching("**/libpcre2-8.so.0") == 1);  // libselinux's
  CHECK(fault_of(other) == head + "libpcre2-8.so.0, needed by libselinux.so.1");
}

TEST_CASE("ssh-keygen, the user and a helper that sshd was built to start are missed") {
  Tree tree = openssh();
  tree.remove("usr/bin/ssh-keygen");
  tree.remove("etc/passwd");
  CHECK(fault_of(tree) ==
        head + "/usr/bin/ssh-keygen, needed by making the host key\n  the user sshd, needed by /usr/sbin/sshd");
  Tree split = openssh();
  const std::string program(
      "\x7f"
      "ELF\0/usr/lib/openssh/sshd-session\0",
      38);
  split.add("usr/sbin/sshd", file_node(spool().append(program), 0755));
  CHECK(fault_of(split) == head + "/usr/lib/openssh/sshd-session, needed by /usr/sbin/sshd");
  split.add("usr/lib/openssh/sshd-session", file_node(spool().append("x"), 0755));
  CHECK(fault_of(split) == "");
}
