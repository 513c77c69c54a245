#include "builder/media/authenticode.hpp"

#include <fcntl.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/key_file.hpp"
#include "builder/base/run.hpp"
#include "builder/media/pe.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

using Bio = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using Certificate = std::unique_ptr<X509, OpensslFree<X509_free>>;
using Pkcs7 = std::unique_ptr<PKCS7, OpensslFree<PKCS7_free>>;
using OpensslBytes = std::unique_ptr<unsigned char, OpensslFree<[](unsigned char* bytes) { OPENSSL_free(bytes); }>>;

constexpr const char* how_to_make =
    "make both: openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=Secure Boot' -keyout key.pem "
    "-out certificate.pem";
constexpr int fewest_bits = 2048;  // the UEFI specification's least, 32.4.1
constexpr std::uint64_t largest_certificate = 1 << 16;
constexpr const char* spc_indirect_data = "1.3.6.1.4.1.311.2.1.4";

/// The value of SpcIndirectDataContent, in DER, up to the digest: an SpcPeImageData that says nothing, and that the
/// digest is a SHA-256 of 32 bytes.
constexpr std::string_view before_digest(
    "\x30\x33"                                                  // SEQUENCE
    "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0f"          // SPC_PE_IMAGE_DATAOBJ
    "\x30\x25\x03\x01\x00"                                      // SEQUENCE, BIT STRING without bits
    "\xa0\x20\xa2\x1e\x80\x1c"                                  // [0] [2] [0], a BMPString:
    "\0<\0<\0<\0O\0b\0s\0o\0l\0e\0t\0e\0>\0>\0>"                // the text that the format asks for
    "\x30\x31"                                                  // SEQUENCE
    "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05"  // SHA-256
    "\x00\x04\x20",                                             // NULL, OCTET STRING
    53 + 17 + 2);

const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

/// Every call that may fail goes through this.
void must(bool done) {
  if (done) return;
  ERR_clear_error();
  throw Error("OpenSSL failed to make the signature");
}

Certificate read_certificate(const fs::path& file) {
  const std::string text = read_small_file(file, largest_certificate);
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!certificate)
    throw Error("reading the certificate " + file.string() + ": it holds no X.509 certificate in PEM",
                "a DER one is converted with: openssl x509 -inform DER -in " + quote_command({file.string()}) +
                    " -out certificate.pem");
  return certificate;
}

Key read_rsa_key(const fs::path& file) {
  Key key = read_key_file(file, KeyHalf::private_half, how_to_make);
  const std::string reading = "reading the key " + file.string() + ": ";
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    const char* algorithm = EVP_PKEY_get0_type_name(key.get());
    throw Error(reading + "its algorithm is " + (algorithm != nullptr ? algorithm : "unknown") +
                    "; UEFI firmware checks RSA signatures",
                how_to_make);
  }
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < fewest_bits)
    throw Error(reading + "it has " + std::to_string(bits) + " bits; UEFI firmware wants " +
                    std::to_string(fewest_bits) + " or more",
                how_to_make);
  return key;
}

/// "Nov 25 16:33:50 2026 GMT"
std::string time_text(const ASN1_TIME* time) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(ASN1_TIME_print(bio.get(), time) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

void check_dates(const X509& certificate, const fs::path& file) {
  const ASN1_TIME* first = X509_get0_notBefore(&certificate);
  const ASN1_TIME* last = X509_get0_notAfter(&certificate);
  if (X509_cmp_current_time(first) > 0)
    throw Error("the certificate " + file.string() + " is not valid before " + time_text(first));
  if (X509_cmp_current_time(last) < 0)
    throw Error("the certificate " + file.string() + " expired on " + time_text(last), how_to_make);
}

struct Signer {
  Key key;
  Certificate certificate;
};

Signer read_signer(const SecureBootKey& pair) {
  Signer signer{read_rsa_key(pair.key), read_certificate(pair.certificate)};
  const bool fits = X509_check_private_key(signer.certificate.get(), signer.key.get()) == 1;
  ERR_clear_error();
  if (!fits)
    throw Error("the key " + pair.key.string() + " is not the one of the certificate " + pair.certificate.string(),
                how_to_make);
  check_dates(*signer.certificate, pair.certificate);
  return signer;
}

int spc_indirect_data_nid() {
  const int known = OBJ_txt2nid(spc_indirect_data);
  return known != NID_undef ? known : OBJ_create(spc_indirect_data, "SPC_INDIRECT_DATA", "SpcIndirectDataContent");
}

/// Puts what is signed into the message: the digest, as the format wraps it.
void set_content(PKCS7& message, const std::string& value) {
  std::unique_ptr<ASN1_TYPE, OpensslFree<ASN1_TYPE_free>> any(ASN1_TYPE_new());
  const std::string sequence = "\x30" + std::string(1, static_cast<char>(value.size())) + value;
  ASN1_STRING* text = ASN1_STRING_new();
  must(any && text != nullptr && ASN1_STRING_set(text, sequence.data(), static_cast<int>(sequence.size())) == 1);
  ASN1_TYPE_set(any.get(), V_ASN1_SEQUENCE, text);
  Pkcs7 content(PKCS7_new());
  must(content && PKCS7_set0_type_other(content.get(), spc_indirect_data_nid(), any.get()) == 1);
  any.release();
  must(PKCS7_set_content(&message, content.get()) == 1);
  content.release();
}

/// The signed attributes are the content's type and digest alone: no time, so that the same gives the same.
void add_signer(PKCS7& message, const Signer& signer, const std::string& value) {
  PKCS7_SIGNER_INFO* info = PKCS7_sign_add_signer(&message, signer.certificate.get(), signer.key.get(), EVP_sha256(),
                                                  PKCS7_BINARY | PKCS7_NOSMIMECAP);
  must(info != nullptr);
  must(PKCS7_add_signed_attribute(info, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(spc_indirect_data_nid())));
  must(PKCS7_add1_attrib_digest(info, data_of(from_hex(sha256_of(value))), SHA256_DIGEST_LENGTH));
  must(PKCS7_SIGNER_INFO_sign(info) == 1);
}

/// The PKCS #7 message over a program of this Authenticode digest, in DER.
std::string sign_digest(const Signer& signer, const Sha256& digest) {
  const std::string value = std::string(before_digest) + from_hex(digest);
  const Pkcs7 message(PKCS7_new());
  must(message && PKCS7_set_type(message.get(), NID_pkcs7_signed) == 1);
  add_signer(*message, signer, value);
  set_content(*message, value);
  unsigned char* der = nullptr;
  const int size = i2d_PKCS7(message.get(), &der);
  must(size > 0);
  const OpensslBytes owner(der);
  return {reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
}

/// The WIN_CERTIFICATE: its size with the padding to 8 bytes, revision 2.0, kind PKCS #7.
std::string certificate_table(std::string message) {
  constexpr std::size_t header = 8;
  message.resize((message.size() + 7) / 8 * 8, '\0');
  const std::size_t size = header + message.size();
  std::string table;
  for (unsigned shift = 0; shift < 32; shift += 8) table += static_cast<char>(size >> shift & 0xff);
  return table + std::string("\0\x02\x02\0", 4) + message;
}

void append_signature(const fs::path& file, const Signer& signer) {
  const std::string name = file.string();
  const Fd fd = open_file(file, O_RDWR);
  PeHeaders headers = read_pe_headers(fd, name);
  const std::uint64_t end = fs::file_size(file);
  if (headers.number(headers.signature_entry()) != 0 || end % 8 != 0 || end != headers.end_in_file)
    throw Error("signing " + name + ": it is signed already, or does not end with its last section");
  const std::string table = certificate_table(sign_digest(signer, authenticode_digest(fd, headers, name)));
  headers.set_number(headers.signature_entry(), end);
  headers.set_number(headers.signature_entry() + 4, table.size());
  write_all_at(fd, table, end, name);
  write_all_at(fd, headers.bytes, 0, name);
  write_pe_checksum(fd, headers, name);
  if (::fsync(fd.get()) != 0) throw system_error("syncing " + name, errno);
}

}  // namespace

Sha256 check_secure_boot_key(const SecureBootKey& pair) {
  const Signer signer = read_signer(pair);
  unsigned char* der = nullptr;
  const int size = i2d_X509(signer.certificate.get(), &der);
  must(size > 0);
  const OpensslBytes owner(der);
  return sha256_of({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
}

void sign_program(const fs::path& file, const SecureBootKey& pair) {
  append_signature(file, read_signer(pair));
  run_checked({.argv = {"sbverify", "--cert", pair.certificate.string(), file.string()},
               .needed_for = "checking the signature of " + file.string()});
}

}  // namespace lifeboat
