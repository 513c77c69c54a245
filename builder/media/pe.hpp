#pragma once
// Portable Executables for UEFI: PE32+ alone. Source: Microsoft's "PE Format".
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "builder/base/digest.hpp"
#include "builder/base/fd.hpp"

namespace lifeboat {

/// What the headers of a program say, and where in the file they say it.
struct PeHeaders {
  std::string bytes;            ///< the headers themselves: from the start of the file to SizeOfHeaders
  std::size_t coff = 0;         ///< offset of the COFF header
  std::size_t optional = 0;     ///< offset of the optional header
  std::size_t sections = 0;     ///< offset of the section table
  std::size_t directories = 0;  ///< how many data directories there are
  std::size_t section_count = 0;
  std::uint64_t alignment_in_file = 0;
  std::uint64_t alignment_in_memory = 0;
  std::uint64_t end_in_file = 0;    ///< of the last section
  std::uint64_t end_in_memory = 0;  ///< of the last section

  std::uint32_t number(std::size_t offset) const;  ///< 32 bits of the headers
  void set_number(std::size_t offset, std::uint64_t value);
  std::size_t checksum() const { return optional + 64; }
  std::size_t signature_entry() const { return optional + 112 + 4 * 8; }  ///< data directory 4: place and size
};

/// Throws Error for what is no PE32+ program whose sections lie one after the other from SizeOfHeaders on: only of such
/// a one is it plain what a signature covers.
PeHeaders read_pe_headers(const Fd& file, const std::string& name);

/// Writes a copy of a program with sections added, streaming: what is large is never held in memory. The same input
/// gives the same bytes. The program's symbols, behind its last section, are left out.
class PeWriter {
 public:
  using Sink = std::function<void(std::string_view)>;

  PeWriter(const std::filesystem::path& program, const std::filesystem::path& file);

  /// Throws Error where the headers have no room for one section more, or the file passes 4 GiB. `name`: 1 to 8 bytes.
  void add(std::string_view name, const std::function<void(const Sink&)>& write);
  void add(std::string_view name, std::string_view bytes);
  /// Headers and checksum; synced.
  void finish();

 private:
  std::string name_;
  Fd file_;
  PeHeaders headers_;
  std::uint64_t at_ = 0;  ///< end of what is written

  void copy_sections(const std::filesystem::path& program);
  void append(std::string_view bytes);
  void fill_to(std::uint64_t alignment);
  void note_section(std::string_view name, std::uint64_t begin);
};

/// Computes the checksum of the optional header anew and writes it; no firmware looks at it, sbverify does.
void write_pe_checksum(const Fd& file, const PeHeaders& headers, const std::string& name);

/// SHA-256 as Authenticode wants it: of the file without checksum, without the directory entry of the signatures and
/// without the signatures, which must not be there yet.
Sha256 authenticode_digest(const Fd& file, const PeHeaders& headers, const std::string& name);

}  // namespace lifeboat
