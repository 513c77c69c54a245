#include "builder/build/image_difference.hpp"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "init/contract/boot_configuration.hpp"
#include "init/contract/medium_mark.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view cpio_magic = "070701";
constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";
constexpr std::string_view squashfs_magic = "hsqs";
constexpr std::string_view qcow2_magic = "QFI\xfb";
constexpr std::size_t header_size = 110;

/// Where two texts part.
std::size_t first_different_byte(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

std::string byte_difference(std::string_view before, std::string_view after) {
  const std::size_t at = first_different_byte(before, after);
  if (at == before.size() || at == after.size())
    return "it has " + std::to_string(before.size()) + " bytes, then " + std::to_string(after.size());
  return "byte " + std::to_string(at) + " differs";
}

// ---- squashfs, read by unsquashfs

/// The listing and the bytes of all files, as unsquashfs writes them.
std::string pseudo_file(const fs::path& squashfs, const fs::path& to) {
  run_checked({.argv = {"unsquashfs", "-quiet", "-no-progress", "-pseudo-file", to.string(), squashfs.string()},
               .needed_for = "reading the squashfs",
               .timeout = std::chrono::seconds(3600)});
  return read_file(to);
}

constexpr std::string_view data_marker = "# START OF DATA - DO NOT MODIFY\n#\n";

std::string_view listing_of(std::string_view pseudo) { return pseudo.substr(0, pseudo.find(data_marker)); }

std::string squashfs_difference(std::string_view before, std::string_view after, const fs::path& scratch) {
  const TempDir folder(scratch, "difference");
  replace_file(folder.path() / "before.squashfs", before);
  replace_file(folder.path() / "after.squashfs", after);
  const std::string a = pseudo_file(folder.path() / "before.squashfs", folder.path() / "before");
  const std::string b = pseudo_file(folder.path() / "after.squashfs", folder.path() / "after");
  const std::vector<std::string_view> lines = split_lines(listing_of(a)), others = split_lines(listing_of(b));
  // A line is "path type time mode uid gid ..."; of a regular file it ends with size and offset.
  for (std::size_t i = 0; i < std::min(lines.size(), others.size()); ++i)
    if (lines[i] != others[i])
      return "the entries `" + printable(lines[i]) + "` and `" + printable(others[i]) + "` differ";
  if (lines.size() != others.size())
    return std::to_string(lines.size()) + " entries, then " + std::to_string(others.size());
  const std::size_t start = listing_of(a).size() + data_marker.size();
  const std::size_t at = first_different_byte(std::string_view(a).substr(start), std::string_view(b).substr(start));
  for (const std::string_view line : lines) {
    const std::vector<std::string_view> words = split_words(line);
    if (words.size() < 8 || words[1] != "R") continue;
    std::size_t size = 0, offset = 0;
    std::from_chars(words[6].data(), words[6].data() + words[6].size(), size);
    std::from_chars(words[7].data(), words[7].data() + words[7].size(), offset);
    if (at >= offset && at < offset + size)
      return printable(words[0]) + ": its content differs from byte " + std::to_string(at - offset) + " on";
  }
  return "the same entries and contents, stored in another way";
}

// ---- cpio

struct Member {
  std::string_view header, name, content;
};

std::size_t field(std::string_view header, std::size_t number) {
  std::size_t value = 0;
  const char* const start = header.data() + cpio_magic.size() + number * 8;
  std::from_chars(start, start + 8, value, 16);
  return value;
}

std::size_t aligned(std::size_t position) { return (position + 3) / 4 * 4; }

/// Takes one newc member off `archive`, which starts at a multiple of four; nothing where it is cut off.
std::optional<Member> take_member(std::string_view& archive) {
  constexpr std::size_t size_field = 6, name_size_field = 11;
  if (archive.size() < header_size || !archive.starts_with(cpio_magic)) return std::nullopt;
  const std::size_t name_size = field(archive, name_size_field), size = field(archive, size_field);
  const std::size_t content = aligned(header_size + name_size);
  if (name_size == 0 || content > archive.size() || size > archive.size() - content) return std::nullopt;
  const Member member{archive.substr(0, header_size), archive.substr(header_size, name_size - 1),
                      archive.substr(content, size)};
  archive.remove_prefix(std::min(archive.size(), aligned(content + size)));
  return member;
}

std::string content_difference(std::string_view before, std::string_view after, const fs::path& scratch);

std::string cpio_difference(std::string_view before, std::string_view after, const fs::path& scratch) {
  while (true) {
    const std::optional<Member> a = take_member(before), b = take_member(after);
    if (!a || !b) return "one archive is cut off";
    if (a->name != b->name) return "`" + printable(a->name) + "` where the other has `" + printable(b->name) + "`";
    if (a->content != b->content)
      return printable(a->name) + ": " + content_difference(a->content, b->content, scratch);
    if (a->header != b->header) return printable(a->name) + ": mode, owner, time or number differ";
    if (a->name == "TRAILER!!!") return "what follows the archive differs";
  }
}

// ---- an initrd: archives one after the other

/// How long the plain cpio is that `initrd` starts with, its end mark and padding included.
std::size_t size_of_cpio(std::string_view initrd) {
  std::string_view rest = initrd;
  for (auto member = take_member(rest); member && member->name != "TRAILER!!!"; member = take_member(rest)) {
  }
  const std::size_t end = rest.find_first_not_of('\0');
  return initrd.size() - (end == std::string_view::npos ? 0 : rest.size() - end);
}

/// The plain archive with the root image. Its first name decides: a compressed cpio may begin like a plain one inside.
bool is_root_archive(std::string_view bytes) {
  const std::string_view name = contract::root_in_initramfs_path.substr(1);
  return bytes.starts_with(cpio_magic) && bytes.size() > header_size + name.size() &&
         bytes.substr(header_size).starts_with(name);
}

/// How long the compressed archive is: up to where the next one starts, at a multiple of four
/// (write_initramfs_archive).
std::size_t size_of_compressed(std::string_view initrd) {
  for (std::size_t at = 4; at + 4 <= initrd.size(); at += 4)
    if (initrd.substr(at).starts_with(zstd_magic) || is_root_archive(initrd.substr(at))) return at;
  return initrd.size();
}

/// The one with the root image first: where it differs, the others do because of it.
std::vector<std::string_view> archives_of(std::string_view initrd) {
  std::vector<std::string_view> archives;
  while (!initrd.empty()) {
    const bool plain = initrd.starts_with(cpio_magic);
    const std::string_view archive = initrd.substr(0, plain ? size_of_cpio(initrd) : size_of_compressed(initrd));
    if (archive.empty()) break;  // it is cut off
    archives.insert(plain ? archives.begin() : archives.end(), archive);
    initrd.remove_prefix(archive.size());
  }
  return archives;
}

std::string unpacked(std::string_view archive) {
  // The zeros that pad the archive are no frame: zstd says so with its status, after it has written all.
  return run({.argv = {"zstd", "--decompress", "--quiet", "--stdout"}, .input = std::string(archive)}).out;
}

std::string initrd_difference(std::string_view before, std::string_view after, const fs::path& scratch) {
  const std::vector<std::string_view> some = archives_of(before), others = archives_of(after);
  for (std::size_t i = 0; i < std::min(some.size(), others.size()); ++i) {
    if (some[i] == others[i]) continue;
    if (some[i].starts_with(cpio_magic)) return cpio_difference(some[i], others[i], scratch);
    const std::string plain_a = unpacked(some[i]), plain_b = unpacked(others[i]);
    return plain_a == plain_b ? "the same archive, compressed in another way"
                              : cpio_difference(plain_a, plain_b, scratch);
  }
  return "one has more archives than the other";
}

// ---- a hybrid image, read by xorriso

bool is_iso(std::string_view bytes) {
  return bytes.size() > contract::volume_descriptor_offset &&
         bytes.substr(contract::volume_descriptor_offset + 1).starts_with("CD001");
}

/// All files of the image below a folder of that name.
fs::path extract_iso(std::string_view image, const fs::path& folder) {
  const fs::path file = folder.string() + ".iso";
  replace_file(file, image);
  run_checked({.argv = {"xorriso", "-report_about", "FAILURE", "-osirrox", "on", "-indev", "stdio:" + file.string(),
                        "-extract", "/", folder.string()},
               .needed_for = "reading the hybrid image"});
  return folder;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(folder));
  std::sort(files.begin(), files.end());
  return files;
}

std::string iso_difference(std::string_view before, std::string_view after, const fs::path& scratch) {
  const TempDir folder(scratch, "difference");
  const fs::path a = extract_iso(before, folder.path() / "before"), b = extract_iso(after, folder.path() / "after");
  if (files_in(a) != files_in(b)) return "they do not hold the same files";
  for (const fs::path& name : files_in(a)) {
    const std::string one = read_file(a / name), other = read_file(b / name);
    if (one != other) return name.string() + ": " + content_difference(one, other, scratch);
  }
  return "the same files, " + byte_difference(before, after);
}

std::string qcow2_difference(std::string_view before, std::string_view after, const fs::path& scratch) {
  const TempDir folder(scratch, "difference");
  std::string raw[2];
  for (const auto& [bytes, place] : {std::pair{before, &raw[0]}, std::pair{after, &raw[1]}}) {
    replace_file(folder.path() / "disk.qcow2", bytes);
    run_checked({.argv = {"qemu-img", "convert", "-f", "qcow2", "-O", "raw", (folder.path() / "disk.qcow2").string(),
                          (folder.path() / "disk.raw").string()},
                 .needed_for = "reading the qcow2 image"});
    *place = read_file(folder.path() / "disk.raw");
  }
  return raw[0] == raw[1] ? "the same disk, stored in another way" : content_difference(raw[0], raw[1], scratch);
}

std::string content_difference(std::string_view before, std::string_view after, const fs::path& scratch) {
  const auto both_start_with = [&](std::string_view magic) {
    return before.starts_with(magic) && after.starts_with(magic);
  };
  if (both_start_with(cpio_magic) || both_start_with(zstd_magic)) return initrd_difference(before, after, scratch);
  if (both_start_with(squashfs_magic)) return squashfs_difference(before, after, scratch);
  if (both_start_with(qcow2_magic)) return qcow2_difference(before, after, scratch);
  if (is_iso(before) && is_iso(after)) return iso_difference(before, after, scratch);
  return byte_difference(before, after);
}

}  // namespace

std::string first_difference(const fs::path& before, const fs::path& after, const fs::path& scratch) {
  const std::string a = read_file(before), b = read_file(after);
  return a == b ? "" : before.filename().string() + ": " + content_difference(a, b, scratch);
}

}  // namespace lifeboat
