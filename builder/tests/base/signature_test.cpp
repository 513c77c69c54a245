// Judged by OpenSSL's own command, in both directions: what it makes we take, and what we make it takes.
#include "builder/base/signature.hpp"

#include <sys/stat.h>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

std::string openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  return run_checked({.argv = arguments});
}

/// A folder with one key pair: private.pem and public.pem.
struct Keys : TempDir {
  Keys() : TempDir(fs::temp_directory_path(), "signature-test") {
    openssl({"genpkey", "-algorithm", "ed25519", "-out", *this / "private.pem"});
    make_public("private.pem", "public.pem");
  }
  void make_public(const char* from, const char* to) const {
    openssl({"pkey", "-in", *this / from, "-pubout", "-out", *this / to});
  }
  std::string operator/(const char* name) const { return (path() / name).string(); }
};

/// "what | hint" of the Error, without the folder's name; "no error" when all is well.
template <class Body>
std::string refusal(const Keys& keys, Body&& body) {
  try {
    body();
    return "no error";
  } catch (const Error& error) {
    std::string text = std::string(error.what()) + " | " + error.hint();
    const std::string folder = keys.path().string() + "/";
    for (std::size_t at; (at = text.find(folder)) != std::string::npos;) text.erase(at, folder.size());
    return text;
  }
}

std::string refused_private(const Keys& keys, const char* name) {
  return refusal(keys, [&] { sign_bytes("bytes", keys / name); });
}

std::string refused_public(const Keys& keys, const char* name) {
  return refusal(keys, [&] { is_signed_by("bytes", std::string(64, '\0'), keys / name); });
}

}  // namespace

TEST_CASE("openssl verifies what we sign") {
  const Keys keys;
  const std::string text = GENERATE(std::string("{\"format\": 1}\n"), std::string(), std::string(100000, '\xff'));
  replace_file(keys / "text", text);
  replace_file(keys / "text.sig", sign_bytes(text, keys / "private.pem"));
  CHECK(fs::file_size(keys / "text.sig") == signature_size);
  const std::vector<std::string> verify{"openssl",     "pkeyutl",  "-verify",           "-rawin",
                                        "-pubin",      "-inkey",   keys / "public.pem", "-in",
                                        keys / "text", "-sigfile", keys / "text.sig"};
  // OpenSSL 3.0's pkeyutl refuses an empty file before it looks at any signature.
  if (!text.empty()) CHECK(run_checked({.argv = verify}) == "Signature Verified Successfully\n");
  CHECK(is_signed_by(text, read_file(keys / "text.sig"), keys / "public.pem"));
}

TEST_CASE("we verify what openssl signs") {
  const Keys keys;
  replace_file(keys / "text", "signed elsewhere\n");
  openssl(
      {"pkeyutl", "-sign", "-rawin", "-inkey", keys / "private.pem", "-in", keys / "text", "-out", keys / "text.sig"});
  CHECK(is_signed_by("signed elsewhere\n", read_file(keys / "text.sig"), keys / "public.pem"));
}

TEST_CASE("a signature does not hold for other bytes, another key, or when it was changed anywhere") {
  const Keys keys, others;
  const std::string good = sign_bytes("bytes", keys / "private.pem");
  CHECK(is_signed_by("bytes", good, keys / "public.pem"));
  CHECK_FALSE(is_signed_by("byteS", good, keys / "public.pem"));
  CHECK_FALSE(is_signed_by("bytes\n", good, keys / "public.pem"));
  CHECK_FALSE(is_signed_by("", good, keys / "public.pem"));
  CHECK_FALSE(is_signed_by("bytes", good, others / "public.pem"));
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    CAPTURE(at);
    CHECK_FALSE(is_signed_by("bytes", bad, keys / "public.pem"));
  }
  CHECK_FALSE(is_signed_by("bytes", good.substr(1), keys / "public.pem"));
  CHECK_FALSE(is_signed_by("bytes", good + good, keys / "public.pem"));
  CHECK_FALSE(is_signed_by("bytes", "", keys / "public.pem"));
}

TEST_CASE("a fingerprint is the SHA-256 of the public key's DER, whichever half is at hand") {
  const Keys keys, others;
  const std::string der = openssl({"pkey", "-in", keys / "private.pem", "-pubout", "-outform", "DER"});
  CHECK(key_fingerprint(keys / "private.pem") == sha256_of(der));
  CHECK(key_fingerprint(keys / "public.pem") == sha256_of(der));
  CHECK(key_fingerprint(others / "public.pem") != sha256_of(der));
}

TEST_CASE("a missing key is named") {
  const Keys keys;
  CHECK(refused_private(keys, "none.pem") ==
        "reading the key none.pem: opening none.pem: No such file or directory | ");
  CHECK(refused_public(keys, "none.pem") == refused_private(keys, "none.pem"));
  CHECK(refusal(keys, [&] { key_fingerprint(keys / "none.pem"); }) == refused_private(keys, "none.pem"));
}

TEST_CASE("what is no PEM is refused with the way to convert it") {
  const Keys keys;
  const std::string expected =
      "reading the key key.der: it is not a PEM file | a key starts with -----BEGIN; convert a DER one: "
      "openssl pkey -inform DER -in key.der";
  openssl({"pkey", "-in", keys / "private.pem", "-outform", "DER", "-out", keys / "key.der"});
  CHECK(refused_private(keys, "key.der") == expected);
  CHECK(refused_public(keys, "key.der") == expected);
  replace_file(keys / "key.der", "");
  CHECK(refused_private(keys, "key.der") == expected);
  replace_file(keys / "key.der", std::string(1 << 20, '\0'));
  CHECK(refused_private(keys, "key.der") == "reading the key key.der: it is larger than any key | ");
}

TEST_CASE("a damaged PEM is refused") {
  const Keys keys;
  std::string text = read_file(keys / "private.pem");
  text.erase(text.find('\n') + 5, 4);
  replace_file(keys / "private.pem", text);
  CHECK(refused_private(keys, "private.pem") == "reading the key private.pem: its PEM is damaged | ");
  text = read_file(keys / "public.pem");
  replace_file(keys / "public.pem", text.substr(0, text.size() / 2));
  CHECK(refused_public(keys, "public.pem") == "reading the key public.pem: its PEM is damaged | ");
}

TEST_CASE("a key of another algorithm is refused by its name") {
  const Keys keys;
  const auto [name, options] = GENERATE(
      table<std::string, std::vector<std::string>>({{"RSA", {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"}},
                                                    {"EC", {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}},
                                                    {"ED448", {"-algorithm", "ED448"}},
                                                    {"X25519", {"-algorithm", "X25519"}}}));
  std::vector<std::string> arguments{"genpkey", "-out", keys / "private.pem"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  openssl(arguments);
  keys.make_public("private.pem", "public.pem");
  const std::string rest =
      ": its algorithm is " + name + "; Ed25519 is needed | make one: openssl genpkey -algorithm ed25519 -out key.pem";
  CHECK(refused_private(keys, "private.pem") == "reading the key private.pem" + rest);
  CHECK(refused_public(keys, "public.pem") == "reading the key public.pem" + rest);
  CHECK(refusal(keys, [&] { key_fingerprint(keys / "public.pem"); }) == "reading the key public.pem" + rest);
}

TEST_CASE("an encrypted key is refused, and nobody is asked for a passphrase") {
  const Keys keys;
  openssl({"pkey", "-in", keys / "private.pem", "-aes256", "-passout", "pass:secret", "-out", keys / "locked.pem"});
  const std::string expected =
      "reading the key locked.pem: it is encrypted, and nobody is asked for a passphrase here | decrypt it where only "
      "you can read it: (umask 077; openssl pkey -in locked.pem -out key.pem)";
  CHECK(refused_private(keys, "locked.pem") == expected);
  CHECK(refusal(keys, [&] { key_fingerprint(keys / "locked.pem"); }) == expected);
}

TEST_CASE("the wrong half of a key, and a PEM that is no key, are told apart") {
  const Keys keys;
  CHECK(refused_private(keys, "public.pem") ==
        "reading the key public.pem: it is a public key; the private half is needed | ");
  CHECK(refused_public(keys, "private.pem") ==
        "reading the key private.pem: it is a private key; the public half is needed | openssl pkey -in private.pem "
        "-pubout");
  replace_file(keys / "other.pem", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
  CHECK(refused_private(keys, "other.pem") ==
        "reading the key other.pem: it holds a PEM of the kind OPENSSH PRIVATE KEY, not a key that OpenSSL writes | "
        "make one: openssl genpkey -algorithm ed25519 -out key.pem");
}

TEST_CASE("who else may read a key file is its owner's business") {
  const Keys keys;
  REQUIRE(::chmod((keys / "private.pem").c_str(), 0644) == 0);
  CHECK(sign_bytes("bytes", keys / "private.pem").size() == signature_size);
}
