// Reads the .modinfo section of a kernel module: ELF64, little endian (System V ABI, "Object Files"). The bytes come
// from outside: every offset is checked before it is used.
#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/kernel.hpp"

namespace lifeboat {
namespace {

class ElfReader {
 public:
  ElfReader(std::string_view bytes, const TreePath& path) : bytes_(bytes), path_(path) {}

  [[noreturn]] void fail(const std::string& why) const {
    throw Error("reading the kernel module /" + path_.str() + ": " + why);
  }

  /// The `size` bytes at `offset`; Error when the file ends before.
  std::string_view part(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset)
      fail(std::string(what) + " lies beyond the end of the file");
    return bytes_.substr(offset, size);
  }

  std::uint64_t number(std::uint64_t offset, unsigned width, const char* what) const {
    const std::string_view raw = part(offset, width, what);
    std::uint64_t value = 0;
    for (unsigned i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(raw[i]);
    return value;
  }

 private:
  std::string_view bytes_;
  const TreePath& path_;
};

struct Section {
  std::uint64_t name = 0;  ///< offset in the table of section names
  std::uint64_t offset = 0, size = 0;
};

constexpr std::uint64_t section_header_size = 64;

std::vector<Section> read_sections(const ElfReader& elf) {
  const std::uint64_t table = elf.number(0x28, 8, "the ELF header");
  const std::uint64_t entry_size = elf.number(0x3a, 2, "the ELF header");
  const std::uint64_t count = elf.number(0x3c, 2, "the ELF header");
  if (entry_size != section_header_size) elf.fail("its section headers have an unknown size");
  const std::string_view all = elf.part(table, count * section_header_size, "the section header table");
  std::vector<Section> sections;
  for (std::uint64_t at = table; at < table + all.size(); at += section_header_size)
    sections.push_back({.name = elf.number(at, 4, "a section header"),
                        .offset = elf.number(at + 0x18, 8, "a section header"),
                        .size = elf.number(at + 0x20, 8, "a section header")});
  return sections;
}

/// The text up to the NUL at `offset` of a string table; Error when there is none.
std::string_view text_at(const ElfReader& elf, std::string_view table, std::uint64_t offset) {
  const std::size_t end = offset < table.size() ? table.find('\0', offset) : std::string_view::npos;
  if (end == std::string_view::npos) elf.fail("a section's name lies beyond the table of names");
  return table.substr(offset, end - offset);
}

std::string_view find_modinfo(const ElfReader& elf) {
  if (elf.part(0, 6, "the ELF header") != std::string_view("\177ELF\2\1", 6))
    elf.fail("it is no 64-bit little-endian ELF file");
  const std::vector<Section> sections = read_sections(elf);
  const std::uint64_t names_index = elf.number(0x3e, 2, "the ELF header");
  if (names_index >= sections.size()) elf.fail("it has no table of section names");
  const Section& names = sections[names_index];
  const std::string_view table = elf.part(names.offset, names.size, "the table of section names");
  for (const Section& section : sections)
    if (text_at(elf, table, section.name) == ".modinfo")
      return elf.part(section.offset, section.size, "section .modinfo");
  elf.fail("it has no section .modinfo");
}

void add_all(std::vector<std::string>& list, const std::vector<std::string_view>& words) {
  for (std::string_view word : words)
    if (!word.empty()) list.emplace_back(word);
}

/// "pre: a b post: c" -> a, b, c
void add_softdeps(std::vector<std::string>& list, std::string_view value) {
  for (std::string_view word : split_words(value))
    if (!word.ends_with(':')) list.emplace_back(word);
}

void take_entry(ModuleInfo& info, std::string_view key, std::string_view value) {
  if (key == "depends") add_all(info.depends, split(value, ','));
  if (key == "softdep") add_softdeps(info.softdeps, value);
  if (key == "alias") info.aliases.emplace_back(value);
  if (key == "firmware") info.firmware.emplace_back(value);
}

}  // namespace

std::string module_name(std::string_view file) {
  std::string name(file.substr(0, file.find('.')));
  std::ranges::replace(name, '-', '_');
  return name;
}

ModuleInfo parse_module_info(std::string_view elf, const TreePath& path) {
  ModuleInfo info{.name = module_name(path.name()), .path = path};
  for (std::string_view entry : split(find_modinfo(ElfReader(elf, path)), '\0')) {
    const std::size_t equals = entry.find('=');
    if (equals != std::string_view::npos) take_entry(info, entry.substr(0, equals), entry.substr(equals + 1));
  }
  for (std::string& name : info.depends) name = module_name(name);
  return info;
}

}  // namespace lifeboat
