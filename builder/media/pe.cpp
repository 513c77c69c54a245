#include "builder/media/pe.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/tree/spool.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t dos_header_size = 64;
constexpr std::size_t coff_header_size = 20;
constexpr std::size_t fixed_optional_size = 112;  // before the data directories
constexpr std::size_t section_header_size = 40;
constexpr std::size_t most_headers = 1 << 16;  // an EFI program's are 1 or 4 KiB
constexpr std::uint64_t page = 4096;           // UEFI's, on every architecture
constexpr std::uint64_t largest = UINT32_MAX;  // of what the format can say
constexpr std::uint32_t initialized_readable_data = 0x40000040;

std::uint64_t round_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t width) {
  if (offset + width > bytes.size()) throw Error("its headers end early");
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

void set_little_endian(std::string& bytes, std::size_t offset, std::size_t width, std::uint64_t value) {
  for (std::size_t i = 0; i < width; ++i) bytes.at(offset + i) = static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t file_size(const Fd& file, const std::string& name) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw system_error("reading " + name, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

/// Hands on the bytes from `from` to `to`.
void read_range(const Fd& file, std::uint64_t from, std::uint64_t to, const std::string& name,
                const PeWriter::Sink& sink) {
  constexpr std::uint64_t piece = 1 << 20;
  for (; from < to; from += piece) {
    throw_if_interrupted();
    sink(read_exactly_at(file, from, std::min(piece, to - from), name));
  }
}

/// Offset of the COFF header, behind "PE\0\0".
std::size_t find_coff(const Fd& file, std::uint64_t size, const std::string& name) {
  using std::literals::operator""sv;
  const bool is_dos = size >= dos_header_size && read_exactly_at(file, 0, 2, name) == "MZ";
  const std::uint64_t pe = is_dos ? little_endian(read_exactly_at(file, 0, dos_header_size, name), 60, 4) : size;
  if (pe + 4 > size || read_exactly_at(file, pe, 4, name) != "PE\0\0"sv) throw Error("it is no EFI program (PE)");
  if (pe > most_headers) throw Error("its headers begin at " + std::to_string(pe));
  return pe + 4;
}

void read_alignments(PeHeaders& headers) {
  headers.alignment_in_memory = headers.number(headers.optional + 32);
  headers.alignment_in_file = headers.number(headers.optional + 36);
  for (const std::uint64_t alignment : {headers.alignment_in_memory, headers.alignment_in_file})
    if (!std::has_single_bit(alignment) || alignment < 512 || alignment > (1 << 20))
      throw Error("its sections are aligned to " + std::to_string(alignment) + " bytes");
}

void read_sections(PeHeaders& headers) {
  headers.end_in_file = headers.bytes.size();
  headers.end_in_memory = headers.bytes.size();
  for (std::size_t i = 0; i < headers.section_count; ++i) {
    const std::size_t at = headers.sections + i * section_header_size;
    const std::uint64_t used = headers.number(at + 8), in_memory = headers.number(at + 12);
    const std::uint64_t size = headers.number(at + 16);
    if (in_memory < headers.end_in_memory || (size > 0 && headers.number(at + 20) != headers.end_in_file))
      throw Error("its sections do not lie one after the other");
    headers.end_in_memory = in_memory + (used > 0 ? used : size);
    headers.end_in_file += size;
  }
}

PeHeaders parse_headers(const Fd& file, const std::string& name) {
  const std::uint64_t size = file_size(file, name);
  PeHeaders headers;
  headers.coff = find_coff(file, size, name);
  headers.optional = headers.coff + coff_header_size;
  headers.bytes = read_exactly_at(file, 0, std::min<std::uint64_t>(size, headers.optional + fixed_optional_size), name);
  if (little_endian(headers.bytes, headers.optional, 2) != 0x20b) throw Error("it is no 64-bit EFI program (PE32+)");
  const std::size_t headers_size = headers.number(headers.optional + 60);
  if (headers_size > most_headers || headers_size > size) throw Error("its headers end early");
  headers.bytes = read_exactly_at(file, 0, headers_size, name);
  headers.section_count = little_endian(headers.bytes, headers.coff + 2, 2);
  headers.directories = headers.number(headers.optional + 108);
  const std::size_t optional_size = little_endian(headers.bytes, headers.coff + 16, 2);
  if (headers.directories < 5 || optional_size < fixed_optional_size + 8 * headers.directories)
    throw Error("its headers have no place for a signature");
  headers.sections = headers.optional + optional_size;
  if (headers.sections + headers.section_count * section_header_size > headers_size)
    throw Error("its headers end early");
  read_alignments(headers);
  read_sections(headers);
  if (headers.end_in_file > size) throw Error("its last section ends behind the file");
  return headers;
}

}  // namespace

std::uint32_t PeHeaders::number(std::size_t offset) const {
  return static_cast<std::uint32_t>(little_endian(bytes, offset, 4));
}

void PeHeaders::set_number(std::size_t offset, std::uint64_t value) { set_little_endian(bytes, offset, 4, value); }

PeHeaders read_pe_headers(const Fd& file, const std::string& name) {
  return with_context("reading " + name, [&] { return parse_headers(file, name); });
}

PeWriter::PeWriter(const fs::path& program, const fs::path& file)
    : name_(file.string()),
      file_(open_file(file, O_RDWR | O_CREAT | O_EXCL, 0644)),
      headers_(read_pe_headers(open_file(program, O_RDONLY), program.string())) {
  headers_.set_number(headers_.coff + 8, 0);   // symbols
  headers_.set_number(headers_.coff + 12, 0);  // how many
  headers_.set_number(headers_.signature_entry(), 0);
  headers_.set_number(headers_.signature_entry() + 4, 0);
  copy_sections(program);
}

void PeWriter::copy_sections(const fs::path& program) {
  append(headers_.bytes);  // finish() writes them again, complete
  read_range(open_file(program, O_RDONLY), at_, headers_.end_in_file, program.string(),
             [&](std::string_view bytes) { append(bytes); });
  fill_to(headers_.alignment_in_file);
}

void PeWriter::append(std::string_view bytes) {
  write_all(file_, bytes, name_);
  at_ += bytes.size();
  if (at_ > largest) throw Error("writing " + name_ + ": an EFI program cannot pass 4 GiB");
}

void PeWriter::fill_to(std::uint64_t alignment) { append(std::string(round_up(at_, alignment) - at_, '\0')); }

void PeWriter::add(std::string_view name, const std::function<void(const Sink&)>& write) {
  if (headers_.sections + (headers_.section_count + 1) * section_header_size > headers_.bytes.size())
    throw Error("writing " + name_ + ": the headers of the program that it begins with have no room for the section " +
                std::string(name));
  const std::uint64_t begin = at_;
  write([&](std::string_view bytes) { append(bytes); });
  note_section(name, begin);
}

void PeWriter::add(std::string_view name, std::string_view bytes) {
  add(name, [&](const Sink& sink) { sink(bytes); });
}

/// In memory each section begins a page of its own, behind the last.
void PeWriter::note_section(std::string_view name, std::uint64_t begin) {
  const std::uint64_t size = at_ - begin;
  fill_to(headers_.alignment_in_file);
  const std::uint64_t in_memory = round_up(headers_.end_in_memory, std::max(page, headers_.alignment_in_memory));
  headers_.end_in_memory = in_memory + size;
  if (headers_.end_in_memory > largest) throw Error("writing " + name_ + ": an EFI program cannot pass 4 GiB");
  const std::size_t at = headers_.sections + headers_.section_count++ * section_header_size;
  headers_.bytes.replace(at, section_header_size, section_header_size, '\0');
  headers_.bytes.replace(at, name.size(), name);
  headers_.set_number(at + 8, size);
  headers_.set_number(at + 12, in_memory);
  headers_.set_number(at + 16, at_ - begin);
  headers_.set_number(at + 20, begin);
  headers_.set_number(at + 36, initialized_readable_data);
  const std::size_t total = headers_.optional + 8;  // SizeOfInitializedData
  headers_.set_number(total, headers_.number(total) + at_ - begin);
}

void PeWriter::finish() {
  set_little_endian(headers_.bytes, headers_.coff + 2, 2, headers_.section_count);
  headers_.set_number(headers_.optional + 56, round_up(headers_.end_in_memory, headers_.alignment_in_memory));
  write_all_at(file_, headers_.bytes, 0, name_);
  write_pe_checksum(file_, headers_, name_);
  if (::fsync(file_.get()) != 0) throw system_error("syncing " + name_, errno);
}

void write_pe_checksum(const Fd& file, const PeHeaders& headers, const std::string& name) {
  const std::uint64_t size = file_size(file, name);
  std::uint64_t sum = 0;
  write_all_at(file, std::string(4, '\0'), headers.checksum(), name);
  read_range(file, 0, size, name, [&](std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      const auto high = i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0U;
      sum += static_cast<unsigned char>(bytes[i]) | high << 8;
    }
  });
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  std::string field(4, '\0');
  set_little_endian(field, 0, 4, sum + size);
  write_all_at(file, field, headers.checksum(), name);
}

Sha256 authenticode_digest(const Fd& file, const PeHeaders& headers, const std::string& name) {
  Sha256Stream stream;
  const auto hash = [&](std::string_view bytes) { stream.update(bytes); };
  read_range(file, 0, headers.checksum(), name, hash);
  read_range(file, headers.checksum() + 4, headers.signature_entry(), name, hash);
  read_range(file, headers.signature_entry() + 8, file_size(file, name), name, hash);
  return stream.finish();
}

}  // namespace lifeboat
