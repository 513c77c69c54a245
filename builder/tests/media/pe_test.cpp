// Debian's real stub gets sections; objdump, which knows nothing of us, reads them back.
#include "builder/media/pe.hpp"

#include <fcntl.h>

#include <map>
#include <sstream>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/base/message_of.hpp"
#include "builder/tests/media/secure_boot_keys.hpp"
#include "builder/tests/media/stub.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;

struct Section {
  std::uint64_t size = 0, in_memory = 0, in_file = 0;
};

/// In the order of the table: name, and what `objdump -h` says.
std::vector<std::pair<std::string, Section>> sections_of(const fs::path& file) {
  std::vector<std::pair<std::string, Section>> sections;
  const std::string text = run_checked({.argv = {"objdump", "-h", file.string()}});
  for (const std::string_view line : split_lines(text)) {
    std::istringstream words{std::string(line)};
    std::size_t index = 0;
    std::string name, load_address;
    Section section;
    if (words >> index >> name >> std::hex >> section.size >> section.in_memory >> load_address >> section.in_file)
      sections.emplace_back(name, section);
  }
  return sections;
}

/// A number of the optional header, as `objdump -p` prints it.
std::uint64_t header_number(const fs::path& file, const std::string& name) {
  const std::string text = run_checked({.argv = {"objdump", "-p", file.string()}});
  const std::size_t at = text.find("\n" + name + "\t");
  REQUIRE(at != std::string::npos);
  return std::stoull(text.substr(at + name.size() + 1), nullptr, 16);
}

struct Program {
  TempDir folder{fs::temp_directory_path(), "pe-test"};
  fs::path file = folder.path() / "x.efi";

  void write(const std::vector<std::pair<std::string, std::string>>& sections) const {
    PeWriter writer(real_stub(), file);
    for (const auto& [name, bytes] : sections) writer.add(name, bytes);
    writer.finish();
  }
  /// What PeWriter says of a stub that is the real one with `bytes` at `offset`.
  std::string refusal(std::size_t offset, const std::string& bytes) const {
    return refusal_of(read_file(real_stub()).replace(offset, bytes.size(), bytes));
  }
  std::string refusal_of(const std::string& stub) const {
    const fs::path altered = folder.path() / "altered.stub";
    replace_file(altered, stub);
    fs::remove(file);
    return message_of([&] { PeWriter(altered, file).finish(); });
  }
};

const std::string large(3'000'001, 'k');

}  // namespace

TEST_CASE("what is added to the stub lies behind its own sections, in memory and in the file, and nothing overlaps") {
  const Program program;
  program.write({{".osrel", "ID=x\n"}, {".empty", ""}, {".cmdline", "quiet"}, {".linux", large}});
  const auto before = sections_of(real_stub());
  const auto after = sections_of(program.file);
  REQUIRE(after.size() == before.size() + 4);
  const std::string bytes = read_file(program.file);
  std::uint64_t end_in_memory = 0, end_in_file = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    const auto& [name, section] = after[i];
    CAPTURE(name);
    CHECK(section.in_memory >= end_in_memory);
    end_in_memory = section.in_memory + section.size;
    if (i < before.size()) {
      CHECK(section.in_memory == before[i].second.in_memory);
      CHECK(section.in_file == before[i].second.in_file);
      end_in_file = section.in_file + section.size;
    } else if (section.size > 0) {
      CHECK(section.in_memory % 4096 == 0);
      CHECK(section.in_file % 512 == 0);
      CHECK(section.in_file >= end_in_file);
      end_in_file = section.in_file + section.size;
    }
  }
  CHECK(bytes.substr(after.back().second.in_file, large.size()) == large);
  CHECK(bytes.substr(after[before.size()].second.in_file, 5) == "ID=x\n");
  CHECK(bytes.size() == (end_in_file + 511) / 512 * 512);
  CHECK(header_number(program.file, "SizeOfImage") == (end_in_memory + 511) / 512 * 512);
  CHECK(header_number(program.file, "SizeOfInitializedData") ==
        header_number(real_stub(), "SizeOfInitializedData") + bytes.size() - 0x11400);
}

TEST_CASE("the checksum is the one that sbsign computes") {
  const Program program;
  const SecureBootKeys keys;
  program.write({{".linux", large}});
  const fs::path copy = program.folder.path() / "copy.efi";
  run_checked({.argv = {"sbsign", "--key", keys / "key.pem", "--cert", keys / "certificate.pem", "--output",
                        copy.string(), program.file.string()}});
  run_checked({.argv = {"sbattach", "--remove", copy.string()}});  // which computes the checksum of what is left
  CHECK(header_number(copy, "CheckSum") == header_number(program.file, "CheckSum"));
}

TEST_CASE("the same sections give the same bytes") {
  const Program one, two;
  one.write({{".osrel", "ID=x\n"}, {".linux", large}});
  two.write({{".osrel", "ID=x\n"}, {".linux", large}});
  CHECK(read_file(one.file) == read_file(two.file));
}

TEST_CASE("a stub without room for one section more is refused, and the section named") {
  const Program program;
  const std::vector<std::pair<std::string, std::string>> seven(7, {".more", "x"});
  CHECK_NOTHROW(program.write(seven));
  fs::remove(program.file);
  std::vector<std::pair<std::string, std::string>> eight = seven;
  eight.emplace_back(".last", "x");
  CHECK(message_of([&] { program.write(eight); }) ==
        "writing " + program.file.string() +
            ": the headers of the program that it begins with have no room for the section .last");
}

TEST_CASE("what is no 64-bit EFI program is refused with the reason") {
  const Program program;
  const std::string reading = "reading " + (program.folder.path() / "altered.stub").string() + ": ";
  const std::string stub = read_file(real_stub());
  CHECK(program.refusal_of("") == reading + "it is no EFI program (PE)");
  CHECK(program.refusal_of(std::string(100'000, '\0')) == reading + "it is no EFI program (PE)");
  CHECK(program.refusal(60, "\xff\xff\xff\xff") == reading + "it is no EFI program (PE)");
  CHECK(program.refusal(0x80, "NE") == reading + "it is no EFI program (PE)");
  CHECK(program.refusal(0x98, "\x0b\x01") == reading + "it is no 64-bit EFI program (PE32+)");
  CHECK(program.refusal_of(stub.substr(0, 0x90)) == reading + "its headers end early");
  CHECK(program.refusal_of(stub.substr(0, 0x300)) == reading + "its headers end early");
  CHECK(program.refusal_of(stub.substr(0, 0x11000)) == reading + "its last section ends behind the file");
  CHECK(program.refusal(0x86, std::string("\x80\0", 2)) == reading + "its headers end early");
  CHECK(program.refusal(0xb8, std::string(4, '\0')) == reading + "its sections are aligned to 0 bytes");
  CHECK(program.refusal(0x104, std::string(4, '\0')) == reading + "its headers have no place for a signature");
  CHECK(program.refusal(0x19c, std::string("\0\x06", 2)) == reading + "its sections do not lie one after the other");
  CHECK(program.refusal(0x1bc, std::string("\0\x40", 2)) == reading + "its sections do not lie one after the other");
}

}  // namespace lifeboat::testing
