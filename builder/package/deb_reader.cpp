#include "builder/package/deb_reader.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_contents.hpp"
#include "builder/tree/libarchive.hpp"

namespace lifeboat {
namespace {

/// What the scripts, lists and checksums of one package may cost; the largest of Debian 12 are some 2 MiB.
constexpr ArchiveLimits control_limits{.member_size = 1 << 24, .total_size = 1 << 26, .members = 1000};

std::function<std::string_view()> pieces_of(const Fd& fd) {
  return [&fd, buffer = std::string(1 << 18, '\0')]() mutable -> std::string_view {
    ssize_t n = -1;
    do n = ::read(fd.get(), buffer.data(), buffer.size());
    while (n < 0 && errno == EINTR);
    if (n < 0) throw system_error("reading the file", errno);
    return std::string_view(buffer).substr(0, static_cast<std::size_t>(n));
  };
}

/// The next member's name. dpkg skips names that begin with an underscore (deb(5)), and so do we; "" at the end.
std::string next_name(LibArchive& ar) {
  while (archive_entry* entry = ar.next()) {
    std::string name = printable_name(entry);
    if (!name.starts_with('_')) return name;
  }
  return "";
}

void check_format(LibArchive& ar) {
  if (const std::string name = next_name(ar); name != "debian-binary")
    throw Error("it begins with \"" + name + "\" instead of \"debian-binary\"");
  const std::string version(ar.next_data().substr(0, 16));
  if (!version.starts_with("2.")) throw Error("its format is \"" + printable(trim(version)) + "\"; only 2.x is known");
}

std::vector<ArchiveMember> read_part(LibArchive& ar, std::string_view part, Spool& spool, const ArchiveLimits& limits) {
  const std::string name = next_name(ar);
  const std::string plain = std::string(part) + ".tar";
  if (name != plain && !name.starts_with(plain + "."))
    throw Error("it has " + (name.empty() ? "nothing" : "\"" + name + "\"") + " where " + plain + " belongs");
  return read_tar([&] { return ar.next_data(); }, spool, name, limits);
}

std::map<std::string, std::string> texts_of(const std::vector<ArchiveMember>& members) {
  std::map<std::string, std::string> texts;
  for (const ArchiveMember& member : members) {
    if (member.path.is_root()) continue;
    if (member.node.type != NodeType::regular || !member.hard_link_to.is_root() || !member.path.parent().is_root())
      throw Error("its control part holds " + member.path.shown() + ", which is no plain file at its top");
    check_deb_control_name(member.path.str());
    if (!texts.emplace(member.path.str(), member.node.content.read()).second)
      throw Error("its control part holds " + member.path.shown() + " twice");
  }
  return texts;
}

/// A field of the only stanza; "" when it is not there.
std::string_view field(std::string_view control, std::string_view name) {
  for (std::string_view line : split_lines(control))
    if (line.size() > name.size() && line[name.size()] == ':' && line.starts_with(name))
      return trim(line.substr(name.size() + 1));
  return "";
}

void check_identity(std::string_view control, const Package& package) {
  const auto compare = [&](std::string_view name, std::string_view expected) {
    const std::string_view got = field(control, name);
    if (got != expected)
      throw Error("its control file says " + std::string(name) + ": " + printable(got) + ", the index said " +
                  printable(expected));
  };
  compare("Package", package.name);
  compare("Version", package.version);
  compare("Architecture", package.architecture);
}

}  // namespace

UnpackedPackage read_deb(const std::filesystem::path& file, const Package& package, Spool& spool,
                         const ArchiveLimits& limits) {
  return with_context("unpacking the package " + package.name + " " + package.version, [&] {
    const Fd fd = open_file(file, O_RDONLY);
    LibArchive ar(LibArchive::Format::ar, pieces_of(fd), UINT64_MAX);  // not compressed
    check_format(ar);
    UnpackedPackage unpacked{.package = package, .control = {}, .members = {}};
    unpacked.control = texts_of(read_part(ar, "control", spool, control_limits));
    if (!unpacked.control.contains("control")) throw Error("it has no control file");
    check_deb_control(unpacked.control.at("control"));
    check_deb_lists(unpacked.control);
    check_identity(unpacked.control.at("control"), package);
    unpacked.members = read_part(ar, "data", spool, limits);
    check_deb_files(unpacked.members);
    while (ar.next() != nullptr) {  // what may follow is for others (deb(5)), but a file cut off there is cut off
    }
    return unpacked;
  });
}

}  // namespace lifeboat
