#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/debian_rescue_package.hpp"
#include "builder/distro/debian_steps.hpp"

namespace lifeboat {
namespace {

const TreePath& admin() {
  static const TreePath path = "var/lib/dpkg";
  return path;
}

/// dpkg compares its configuration files by MD5; nothing here relies on it for security.
std::string md5_of(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) != 1)
    throw Error("computing an MD5 for dpkg's database: OpenSSL does not offer it");
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += "0123456789abcdef"[digest.at(i) >> 4];
    text += "0123456789abcdef"[digest.at(i) & 15];
  }
  return text;
}

std::string_view control_file(const UnpackedPackage& unpacked, const std::string& name) {
  const auto found = unpacked.control.find(name);
  return found == unpacked.control.end() ? std::string_view{} : found->second;
}

/// True when the stanza has the field with that value.
bool stanza_says(std::string_view stanza, std::string_view field_and_value) {
  return std::ranges::any_of(split_lines(stanza), [&](std::string_view line) { return trim(line) == field_and_value; });
}

/// The "Conffiles:" field: each file with the digest it has in the package, so that dpkg sees what a person changed.
std::string conffiles_field(const UnpackedPackage& unpacked) {
  std::string field;
  for (std::string_view line : split_lines(control_file(unpacked, "conffiles"))) {
    if (!line.starts_with('/')) continue;  // "remove-on-upgrade /path": not a file of this version
    const TreePath path(line);
    const auto member = std::ranges::find(unpacked.members, path, &ArchiveMember::path);
    if (member != unpacked.members.end() && member->node.type == NodeType::regular)
      field += " " + std::string(line) + " " + md5_of(member->node.content.read()) + "\n";
  }
  return field.empty() ? "" : "Conffiles:\n" + field;
}

std::string status_stanza(const UnpackedPackage& unpacked) {
  std::string text;
  for (std::string_view line : split_lines(control_file(unpacked, "control"))) {
    if (line.empty()) continue;
    text += std::string(line) + "\n";
    if (line.starts_with("Package:")) text += "Status: install ok installed\n";
  }
  return text + conffiles_field(unpacked);
}

/// "libc6:amd64" where several architectures may be installed together, else "bash".
std::string info_name(const UnpackedPackage& unpacked) {
  const bool several = stanza_says(control_file(unpacked, "control"), "Multi-Arch: same");
  return unpacked.package.name + (several ? ":" + unpacked.package.architecture : "");
}

/// Paths in the package's own order that are in the tree, as dpkg lists them.
std::string file_list(const Tree& tree, const UnpackedPackage& unpacked) {
  std::string list;
  for (const ArchiveMember& member : unpacked.members) {
    if (member.path.is_root()) {
      list += "/.\n";
    } else if (tree.find(member.path) != nullptr) {
      list += "/" + member.path.str() + "\n";
    }
  }
  return list;
}

/// The package's md5sums ("digest  path") without what a recipe removed: `dpkg --verify` shall report real changes.
std::string present_md5sums(const Tree& tree, std::string_view md5sums) {
  std::string text;
  for (std::string_view line : split_lines(md5sums)) {
    const std::size_t gap = line.find("  ");
    if (gap == std::string_view::npos || tree.find(TreePath(line.substr(gap + 2))) == nullptr) continue;
    text += std::string(line) + "\n";
  }
  return text;
}

bool is_script(std::string_view name) {
  constexpr std::array<std::string_view, 5> scripts{"preinst", "postinst", "prerm", "postrm", "config"};
  return std::ranges::find(scripts, name) != scripts.end();
}

void write_info(Maker& maker, const UnpackedPackage& unpacked) {
  const TreePath folder = admin() / "info";
  const std::string name = info_name(unpacked);
  maker.file(folder / (name + ".list"), file_list(maker.tree(), unpacked));
  for (const auto& [kind, text] : unpacked.control) {
    if (kind == "control") continue;
    const std::string content = kind == "md5sums" ? present_md5sums(maker.tree(), text) : text;
    maker.file(folder / (name + "." + kind), content, is_script(kind) ? 0755 : 0644);
  }
}

/// Which package waits for which trigger: one file per name, and one file "File" for all paths.
void write_triggers(Maker& maker) {
  std::map<std::string, std::string> files{{"File", ""}, {"Unincorp", ""}};
  for (const UnpackedPackage& unpacked : maker.input().packages) {
    for (std::string_view line : split_lines(control_file(unpacked, "triggers"))) {
      const auto words = split_words(line);
      if (words.size() != 2 || !words[0].starts_with("interest")) continue;
      const std::string waiter = info_name(unpacked) + (words[0] == "interest-noawait" ? "/noawait" : "");
      if (words[1].starts_with('/')) {
        files["File"] += std::string(words[1]) + " " + waiter + "\n";
      } else {
        files[std::string(TreePath(words[1]).name())] += waiter + "\n";
      }
    }
  }
  for (const auto& [name, text] : files) maker.file(admin() / "triggers" / name, text);
}

/// dash takes /bin/sh over from whoever else would bring one.
void write_diversions(Maker& maker) {
  const bool dash = maker.has_package("dash");
  maker.file(admin() / "diversions", dash ? "/bin/sh\n/bin/sh.distrib\ndash\n"
                                            "/usr/share/man/man1/sh.1.gz\n/usr/share/man/man1/sh.distrib.1.gz\ndash\n"
                                          : "");
}

}  // namespace

void write_dpkg_database(Maker& maker) {
  std::string status;
  for (const UnpackedPackage& unpacked : maker.input().packages) {
    status += status_stanza(unpacked) + "\n";
    write_info(maker, unpacked);
  }
  maker.file(admin() / "status", status + rescue_package_stanza(maker.input().recipe));
  for (const auto& [kind, text] : {std::pair{".list", "/.\n"}, std::pair{".md5sums", ""}})
    maker.file(admin() / "info" / (std::string(rescue_package_name) + kind), text);
  maker.file(admin() / "info" / "format", "1\n");
  maker.file(admin() / "arch", maker.input().recipe.architecture + "\n");
  maker.file(admin() / "available", "");
  for (const char* folder : {"alternatives", "parts", "updates"}) maker.directory(admin() / folder);
  write_triggers(maker);
  write_diversions(maker);
}

}  // namespace lifeboat
