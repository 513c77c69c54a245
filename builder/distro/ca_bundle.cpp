#include "builder/distro/ca_bundle.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>

#include "builder/base/error.hpp"

namespace lifeboat {
namespace {

constexpr std::string_view conf_head =
    "# Certificates that update-ca-certificates(8) puts into /etc/ssl/certs, below /usr/share/ca-certificates.\n"
    "# A line that begins with ! deselects its certificate.\n";

struct Certificate {
  TreePath path;
  std::string text;
};

std::vector<Certificate> find_certificates(const Tree& tree, const TreePath& folder) {
  std::vector<Certificate> found;
  for (auto node = tree.nodes().upper_bound(folder); node != tree.nodes().end() && folder.contains(node->first); ++node)
    if (node->second->type == NodeType::regular && node->first.name().ends_with(".crt"))
      found.push_back({node->first, node->second->content.read()});
  return found;
}

/// OpenSSL's name for the subject, as its lookup by directory wants it: eight hexadecimal digits.
std::string subject_hash(const Certificate& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(certificate.text.data(), static_cast<int>(certificate.text.size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> parsed(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr),
                                                           X509_free);
  if (!parsed) throw Error("reading the certificate /" + certificate.path.str() + ": it is no PEM certificate");
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08lx", X509_subject_name_hash(parsed.get()) & 0xffffffffUL);
  return text.data();
}

/// The name below /etc/ssl/certs, as update-ca-certificates makes it of the file's name.
std::string pem_name(std::string_view file) {
  file.remove_suffix(std::string_view(".crt").size());
  std::string name(file);
  for (char& c : name) {
    if (c == ' ' || c == ',') c = '_';
    if (c == '(' || c == ')') c = '=';
  }
  return name + ".pem";
}

}  // namespace

void write_ca_bundle(Maker& maker) {
  const TreePath source = "usr/share/ca-certificates", certs = "etc/ssl/certs";
  std::string conf(conf_head), bundle;
  std::map<std::string, int> used;  // hash -> how many certificates have it so far
  for (const Certificate& certificate : find_certificates(maker.tree(), source)) {
    conf += certificate.path.str().substr(source.str().size() + 1) + "\n";
    bundle += certificate.text;
    if (!bundle.ends_with('\n')) bundle += '\n';
    const std::string name = pem_name(certificate.path.name()), hash = subject_hash(certificate);
    maker.link(certs / name, "/" + certificate.path.str());
    maker.link(certs / (hash + "." + std::to_string(used[hash]++)), name);
  }
  if (bundle.empty()) return;
  maker.file("etc/ca-certificates.conf", conf);
  maker.file(certs / "ca-certificates.crt", bundle);
}

}  // namespace lifeboat
