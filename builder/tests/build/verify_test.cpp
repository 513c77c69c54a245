// `lifeboat verify`: whatever was done to an output between the build and the boot is named, all of it at once.
#include "builder/build/verify.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/signature.hpp"
#include "builder/tests/build/example_build.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;

/// A key pair beside the outputs, made by OpenSSL's own command.
struct Keys {
  TempDir folder{fs::temp_directory_path(), "verify-keys"};
  fs::path secret = folder.path() / "secret.pem";
  fs::path open = folder.path() / "open.pem";

  Keys() {
    run_checked({.argv = {"openssl", "genpkey", "-algorithm", "ed25519", "-out", secret}});
    run_checked({.argv = {"openssl", "pkey", "-in", secret, "-pubout", "-out", open}});
  }
  std::string fingerprint() const { return key_fingerprint(open); }
};

const Keys& signer() {
  static const Keys keys;
  return keys;
}

const Keys& stranger() {
  static const Keys keys;
  return keys;
}

/// An output as `build` leaves it.
struct Output : ExampleBuild {
  explicit Output(bool with_signature = true) {
    if (with_signature) signer = testing::signer().fingerprint();
    write();
    if (with_signature) sign_manifest(folder.path(), testing::signer().secret);
  }
};

std::string verify(const Output& output, const fs::path& key = {}) {
  std::ostringstream out;
  verify_output({.folder = output.folder.path(), .key = key}, out);
  return out.str();
}

/// The faults, a line each, without the lines above and below them; "none".
std::string faults(const Output& output, const fs::path& key = {}) {
  try {
    verify(output, key);
    return "none";
  } catch (const Error& error) {
    CHECK(error.hint() == "do not boot it; copy it again from where it was built, or build it again");
    const std::string text = error.what();
    CHECK(text.starts_with("verifying " + output.folder.path().string() + ": "));
    return text.substr(text.find("\n  ") + 3);
  }
}

/// Root reads everything, so a test that must not asks as nobody.
struct NotRoot {
  uid_t before = ::geteuid();
  NotRoot() {
    if (before == 0) REQUIRE(::seteuid(65534) == 0);
  }
  ~NotRoot() {
    if (::seteuid(before) != 0) std::abort();
  }
};

std::string another(const std::string& name, const std::string& bytes) {
  return name + ": expected SHA-256 " + sha256_of("bytes of " + name + "\n") + ", got " + sha256_of(bytes);
}

}  // namespace

TEST_CASE("a signed output holds, and one line says so") {
  const Output output;
  CHECK(verify(output, signer().open) ==
        output.folder.path().string() + ": every byte of build " + output.build_id +
            " is as its manifest says (3 files, 56 B), signed by SHA-256:" + signer().fingerprint() + "\n");
}

TEST_CASE("an unsigned output holds, and is called unsigned") {
  const Output output(false);
  CHECK(verify(output).ends_with("(3 files, 56 B); the manifest is not signed\n"));
}

TEST_CASE("a signature that nobody gave a key for is said not to be judged, and how to") {
  const Output output;
  replace_file(output / "manifest.json.sig", std::string(64, 'x'));
  CHECK(verify(output).ends_with("(3 files, 56 B)\nThe signature was not judged, for lack of a key: lifeboat verify " +
                                 output.folder.path().string() + " --key PUBLIC.pem\n"));
}

TEST_CASE("openssl verifies the manifest as well, and what openssl signs holds here") {
  const Output output;
  CHECK(run_checked({.argv = {"openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", signer().open, "-in",
                              output / "manifest.json", "-sigfile", output / "manifest.json.sig"}}) ==
        "Signature Verified Successfully\n");
  const Output theirs(false);
  run_checked({.argv = {"openssl", "pkeyutl", "-sign", "-rawin", "-inkey", signer().secret, "-in",
                        theirs / "manifest.json", "-out", theirs / "manifest.json.sig"}});
  CHECK(verify(theirs, signer().open).find("signed by SHA-256:" + signer().fingerprint()) != std::string::npos);
}

TEST_CASE("a byte changed anywhere in any file is found") {
  const Output output;
  const auto [name, where] = GENERATE(table<std::string, double>({{"vmlinuz", 0.0},
                                                                  {"vmlinuz", 0.5},
                                                                  {"vmlinuz", 1.0},
                                                                  {"initrd.img", 0.0},
                                                                  {"initrd.img", 0.5},
                                                                  {"initrd.img", 1.0},
                                                                  {"lock.toml", 0.3}}));
  std::string bytes = read_file(output.folder.path() / name);
  char& byte = bytes[static_cast<std::size_t>(where * static_cast<double>(bytes.size() - 1))];
  byte = static_cast<char>(byte ^ 1);
  replace_file(output.folder.path() / name, bytes);
  CHECK(faults(output, signer().open) == another(name, bytes));
}

TEST_CASE("a byte changed anywhere in the manifest is found, by its signature") {
  const Output output;
  const std::string good = read_file(output / "manifest.json");
  for (std::size_t at = 0; at < good.size(); at += 131) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    replace_file(output / "manifest.json", bad);
    CAPTURE(at);
    REQUIRE_THROWS_AS(verify(output, signer().open), Error);
  }
  // White space means nothing to JSON, and everything to a signature.
  replace_file(output / "manifest.json", good + " ");
  CHECK(faults(output, signer().open) ==
        "manifest.json.sig is no signature of this manifest.json by SHA-256:" + signer().fingerprint());
}

TEST_CASE("a missing, a truncated, a lengthened and an unknown file are told apart, all at once") {
  const Output output;
  fs::remove(output / "vmlinuz");
  replace_file(output / "initrd.img", "bytes of in");
  replace_file(output / "lock.toml", "bytes of lock.toml\n\n");
  replace_file(output / "extra.bin", "");
  fs::create_directory(output / "a-folder");
  CHECK(faults(output, signer().open) ==
        "vmlinuz is missing\n"
        "  initrd.img: expected 20 bytes, got 11\n"
        "  lock.toml: expected 19 bytes, got 20\n"
        "  a-folder is not in the manifest\n"
        "  extra.bin is not in the manifest");
}

TEST_CASE("a link, a folder or a device in the place of a file is no file, whatever it leads to") {
  const Output output;
  fs::rename(output / "vmlinuz", signer().folder.path() / "vmlinuz");
  fs::create_symlink(signer().folder.path() / "vmlinuz", output / "vmlinuz");
  fs::remove(output / "initrd.img");
  fs::create_directory(output / "initrd.img");
  fs::remove(output / "lock.toml");
  REQUIRE(::mkfifo((output / "lock.toml").c_str(), 0600) == 0);
  CHECK(faults(output) == "vmlinuz is a symbolic link\n  initrd.img is a folder\n  lock.toml is no regular file");
}

TEST_CASE("a link in the place of the manifest or its signature is a fault") {
  const Output output;
  for (const char* name : {"manifest.json", "manifest.json.sig"}) {
    fs::rename(output / name, signer().folder.path() / name);
    fs::create_symlink(signer().folder.path() / name, output / name);
  }
  CHECK(faults(output) == "manifest.json is a symbolic link\n  manifest.json.sig is a symbolic link");
}

TEST_CASE("a file that cannot be read is one fault among others") {
  const Output output;
  REQUIRE(::chmod(output.folder.path().c_str(), 0755) == 0);
  REQUIRE(::chmod((output / "vmlinuz").c_str(), 0) == 0);
  fs::remove(output / "lock.toml");
  const NotRoot reader;
  CHECK(faults(output) ==
        "vmlinuz: opening " + (output / "vmlinuz").string() + ": Permission denied\n  lock.toml is missing");
}

TEST_CASE("a stranger's signature is told by both keys") {
  const Output output;
  CHECK(faults(output, stranger().open) == "manifest.json is signed with another key: expected SHA-256:" +
                                               stranger().fingerprint() + ", got SHA-256:" + signer().fingerprint());
}

TEST_CASE("a stranger who signs in the signer's name is found") {
  const Output output;
  replace_file(output / "manifest.json.sig", sign_bytes(read_file(output / "manifest.json"), stranger().secret));
  CHECK(faults(output, signer().open) ==
        "manifest.json.sig is no signature of this manifest.json by SHA-256:" + signer().fingerprint());
}

TEST_CASE("a removed signature is missed, with a key and without") {
  const Output output;
  fs::remove(output / "manifest.json.sig");
  const std::string expected =
      "manifest.json.sig is missing, and the manifest says that SHA-256:" + signer().fingerprint() + " signed it";
  CHECK(faults(output) == expected);
  CHECK(faults(output, signer().open) == expected);
}

TEST_CASE("an output that was never signed does not pass for one that was") {
  const Output output(false);
  CHECK(faults(output, signer().open) ==
        "manifest.json is not signed: expected a signature by SHA-256:" + signer().fingerprint());
}

TEST_CASE("the signed manifest of another build does not vouch for this one's files") {
  Output other;
  for (const char* name : {"vmlinuz", "initrd.img"}) replace_file(other / name, std::string("other ") + name + "\n");
  other.build_id = std::string(32, 'b');
  other.write();
  sign_manifest(other.folder.path(), signer().secret);
  const Output output;
  replace_file(output / "manifest.json", read_file(other / "manifest.json"));
  CHECK(faults(output, signer().open)
            .ends_with("manifest.json.sig is no signature of this manifest.json by SHA-256:" + signer().fingerprint()));
  replace_file(output / "manifest.json.sig", read_file(other / "manifest.json.sig"));
  CHECK(faults(output, signer().open) == "vmlinuz: expected 14 bytes, got 17\n  initrd.img: expected 17 bytes, got 20");
}

TEST_CASE("a signature of another length is none") {
  const Output output;
  const std::string good = read_file(output / "manifest.json.sig");
  replace_file(output / "manifest.json.sig", good + "\n");
  CHECK(faults(output, signer().open) == "manifest.json.sig: a signature has 64 bytes, not 65");
  replace_file(output / "manifest.json.sig", "");
  CHECK(faults(output, signer().open) == "manifest.json.sig: a signature has 64 bytes, not 0");
}

TEST_CASE("a key that cannot be used is said before anything is read") {
  const Output output;
  fs::remove(output / "manifest.json");
  CHECK(refusal([&] {
          verify(output, "/nonexistent.pem");
        }).starts_with("reading the key /nonexistent.pem: opening /nonexistent.pem: No such file"));
}

TEST_CASE("the private half of a key is refused where the public one belongs") {
  const Output output;
  CHECK(refusal([&] { verify(output, signer().secret); }).find("it is a private key") != std::string::npos);
}

TEST_CASE("a folder that is no output says so") {
  const Output output;
  fs::remove(output / "manifest.json");
  CHECK(refusal([&] { verify(output); }).ends_with(" | an output of `lifeboat build` has a manifest.json"));
}

TEST_CASE("a manifest is signed only by the key that it names") {
  const Output output;
  const std::string file = (output / "manifest.json").string();
  CHECK(refusal([&] { sign_manifest(output.folder.path(), stranger().secret); }) ==
        "signing " + file + ": it was written for the signer SHA-256:" + signer().fingerprint() +
            ", and the key is SHA-256:" + stranger().fingerprint() + " | ");
  const Output nobody(false);
  CHECK(refusal([&] { sign_manifest(nobody.folder.path(), signer().secret); }).find("the signer nobody") !=
        std::string::npos);
  CHECK_FALSE(fs::exists(nobody / "manifest.json.sig"));
}

}  // namespace lifeboat::testing
