// sbverify and sbsign judge what we sign: the tools of the field, which know nothing of us. The firmware itself judges
// in qemu-tests/secure_boot_test.cpp.
#include "builder/media/authenticode.hpp"

#include "builder/base/error.hpp"
#include "builder/media/pe.hpp"
#include "builder/tests/media/secure_boot_keys.hpp"
#include "builder/tests/media/stub.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;

/// A program in the folder of the keys.
fs::path program(const SecureBootKeys& keys, const char* name = "x.efi") {
  const fs::path file = keys / name;
  fs::remove(file);
  PeWriter writer(real_stub(), file);
  writer.add(".linux", std::string(100'001, 'k'));
  writer.finish();
  return file;
}

bool verifies(const fs::path& file, const fs::path& certificate) {
  return run({.argv = {"sbverify", "--cert", certificate.string(), file.string()}}).status == 0;
}

/// The signature of a program as openssl shows it.
std::string shown_signature(const SecureBootKeys& keys, const fs::path& file) {
  const std::string message = keys / "message.der";
  fs::remove(message);
  run_checked({.argv = {"sbattach", "--detach", message, file.string()}});
  return SecureBootKeys::openssl({"asn1parse", "-inform", "DER", "-in", message});
}

/// The line with the digest of the program: that of the first octet string of 32 bytes.
std::string digest_line(const std::string& shown) {
  const std::size_t at = shown.find("[HEX DUMP]:");
  return shown.substr(at, shown.find('\n', at) - at);
}

/// "what | hint" without the folder's name.
std::string refusal(const SecureBootKeys& keys, const char* key, const char* certificate) {
  try {
    check_secure_boot_key({.key = keys / key, .certificate = keys / certificate});
    return "no error";
  } catch (const Error& error) {
    std::string text = std::string(error.what()) + " | " + error.hint();
    const std::string folder = keys.folder.path().string() + "/";
    for (std::size_t at; (at = text.find(folder)) != std::string::npos;) text.erase(at, folder.size());
    return text;
  }
}

const std::string make_both =
    " | make both: openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=Secure Boot' -keyout key.pem "
    "-out certificate.pem";

}  // namespace

TEST_CASE("sbverify takes what we sign with this certificate, and with no other") {
  const SecureBootKeys keys, others;
  const fs::path file = program(keys);
  CHECK_FALSE(verifies(file, keys / "certificate.pem"));
  sign_program(file, keys.pair());
  CHECK(verifies(file, keys / "certificate.pem"));
  CHECK_FALSE(verifies(file, others / "certificate.pem"));
}

TEST_CASE("a signature does not hold for a program with one bit changed, in headers, stub or section") {
  const SecureBootKeys keys;
  const fs::path file = program(keys);
  sign_program(file, keys.pair());
  const std::string good = read_file(file);
  for (const std::size_t at : {std::size_t{0x50}, std::size_t{0x18e}, std::size_t{0x500}, std::size_t{0x11400},
                               std::size_t{0x11400 + 100'000}, std::size_t{0x11400 + 100'100}}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    replace_file(file, bad);
    CAPTURE(at);
    CHECK_FALSE(verifies(file, keys / "certificate.pem"));
  }
}

TEST_CASE("the digest is the one that sbsign signs, and the headers are as sbsign leaves them") {
  const SecureBootKeys keys;
  const fs::path ours = program(keys), theirs = keys / "theirs.efi";
  run_checked({.argv = {"sbsign", "--key", keys / "key.pem", "--cert", keys / "certificate.pem", "--output",
                        theirs.string(), ours.string()}});
  sign_program(ours, keys.pair());
  CHECK(digest_line(shown_signature(keys, ours)) == digest_line(shown_signature(keys, theirs)));
  // The signatures differ in length, so two fields do: checksum and size of the signatures.
  std::string our_headers = read_file(ours).substr(0, 0x400), their_headers = read_file(theirs).substr(0, 0x400);
  for (std::string* headers : {&our_headers, &their_headers}) {
    headers->replace(0xd8, 4, 4, '\0');
    headers->replace(0x12c, 4, 4, '\0');
  }
  CHECK(our_headers == their_headers);
}

TEST_CASE("the same program and key give the same bytes, and no time is in them") {
  const SecureBootKeys keys;
  const fs::path one = program(keys, "one.efi"), two = program(keys, "two.efi");
  sign_program(one, keys.pair());
  sign_program(two, keys.pair());
  CHECK(read_file(one) == read_file(two));
  const std::string shown = shown_signature(keys, one);
  CHECK(shown.find(":messageDigest") != std::string::npos);
  CHECK(shown.find(":signingTime") == std::string::npos);
}

TEST_CASE("a program is signed once") {
  const SecureBootKeys keys;
  const fs::path file = program(keys);
  sign_program(file, keys.pair());
  CHECK_THROWS_AS(sign_program(file, keys.pair()), Error);
}

TEST_CASE("the fingerprint is the one that openssl prints") {
  const SecureBootKeys keys;
  std::string printed =
      SecureBootKeys::openssl({"x509", "-in", keys / "certificate.pem", "-noout", "-fingerprint", "-sha256"});
  std::string digits;
  for (const char c : printed.substr(printed.find('=') + 1))
    if (c != ':' && c != '\n') digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  CHECK(check_secure_boot_key(keys.pair()) == digits);
}

TEST_CASE("what cannot be read as key or certificate is named with the way out") {
  const SecureBootKeys keys;
  CHECK(refusal(keys, "none.pem", "certificate.pem") ==
        "reading the key none.pem: opening none.pem: No such file or directory | ");
  CHECK(refusal(keys, "key.pem", "none.pem") == "reading none.pem: opening none.pem: No such file or directory | ");
  CHECK(refusal(keys, "certificate.pem", "certificate.pem") ==
        "reading the key certificate.pem: it holds a PEM of the kind CERTIFICATE, not a key that OpenSSL writes" +
            make_both);
  CHECK(refusal(keys, "key.pem", "key.pem") ==
        "reading the certificate key.pem: it holds no X.509 certificate in PEM | a DER one is converted with: openssl "
        "x509 -inform DER -in key.pem -out certificate.pem");
}

TEST_CASE("an encrypted key is refused, in either of the formats, and nobody is asked for a passphrase") {
  const SecureBootKeys keys;
  const std::string rest =
      "it is encrypted, and nobody is asked for a passphrase here | decrypt it where only you can read it: (umask 077; "
      "openssl pkey -in locked.pem -out key.pem)";
  for (const char* form : {"-aes256", "-traditional"}) {
    std::vector<std::string> arguments{"pkey",     "-in",         keys / "key.pem", "-aes256",
                                       "-passout", "pass:secret", "-out",           keys / "locked.pem"};
    if (form != std::string("-aes256")) arguments.emplace_back(form);
    SecureBootKeys::openssl(arguments);
    CHECK(refusal(keys, "locked.pem", "certificate.pem") == "reading the key locked.pem: " + rest);
  }
}

TEST_CASE("a key that is not the certificate's is refused") {
  const SecureBootKeys keys;
  SecureBootKeys::openssl({"genrsa", "-out", keys / "other.pem", "2048"});
  CHECK(refusal(keys, "other.pem", "certificate.pem") ==
        "the key other.pem is not the one of the certificate certificate.pem" + make_both);
}

TEST_CASE("a certificate out of its time is refused with the date") {
  const SecureBootKeys keys;
  SecureBootKeys::openssl({"req", "-new", "-key", keys / "key.pem", "-subj", "/CN=Test", "-out", keys / "request"});
  const auto certificate = [&](const char* from, const char* to, const char* name) {
    replace_file(keys / "index", "");
    replace_file(keys / "serial", "01\n");
    replace_file(keys / "ca.conf", "[ca]\ndefault_ca=x\n[x]\ndatabase=" + (keys / "index") + "\nserial=" +
                                       (keys / "serial") + "\nnew_certs_dir=" + keys.folder.path().string() +
                                       "\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n");
    SecureBootKeys::openssl({"ca", "-batch", "-selfsign", "-config", keys / "ca.conf", "-keyfile", keys / "key.pem",
                             "-in", keys / "request", "-out", keys / name, "-startdate", from, "-enddate", to});
  };
  certificate("20100101000000Z", "20110101000000Z", "old.pem");
  CHECK(refusal(keys, "key.pem", "old.pem") ==
        "the certificate old.pem expired on Jan  1 00:00:00 2011 GMT" + make_both);
  certificate("20900101000000Z", "20910101000000Z", "new.pem");
  CHECK(refusal(keys, "key.pem", "new.pem") ==
        "the certificate new.pem is not valid before Jan  1 00:00:00 2090 GMT | ");
}

TEST_CASE("a key that firmware cannot check is refused: another algorithm, too few bits") {
  const SecureBootKeys keys;
  SecureBootKeys::openssl(
      {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", keys / "ec.pem"});
  CHECK(refusal(keys, "ec.pem", "certificate.pem") ==
        "reading the key ec.pem: its algorithm is EC; UEFI firmware checks RSA signatures" + make_both);
  SecureBootKeys::openssl({"genrsa", "-out", keys / "short.pem", "1024"});
  CHECK(refusal(keys, "short.pem", "certificate.pem") ==
        "reading the key short.pem: it has 1024 bits; UEFI firmware wants 2048 or more" + make_both);
}

}  // namespace lifeboat::testing
