#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// A part of an attribute that lies outside of its record; in bytes of the volume.
struct NtfsRun {
  std::uint64_t start;
  std::uint64_t size;
};

/// The unnamed data of one file.
struct NtfsFile {
  std::uint64_t size = 0;
  std::string resident;       ///< what lies in the record itself
  std::vector<NtfsRun> runs;  ///< else
};

/// An NTFS's own records, read without mounting it. What contradicts itself is as if it were not there.
class NtfsVolume {
 public:
  static std::optional<NtfsVolume> open(const Fd& device, std::uint64_t start);

  /// Whether Windows marked it as not unmounted cleanly.
  bool is_dirty() const;

  /// The record of a file or folder, "windows/system32/config/software": in lower case, ASCII, however it is written
  /// there.
  std::optional<std::uint64_t> find(std::string_view path) const;
  std::optional<std::uint64_t> find_folder(std::string_view name) const;

  /// Nothing for what is compressed or encrypted.
  std::optional<NtfsFile> open_file(std::uint64_t record) const;

  /// Bytes of a file; nothing beyond its end.
  std::optional<std::string> read(const NtfsFile& file, std::uint64_t offset, std::size_t size) const;

 private:
  struct Found {
    std::uint64_t record;
    bool folder;
  };
  NtfsVolume(const Fd& device, std::uint64_t start) : device_(device), start_(start) {}
  std::optional<std::string> read_block(std::uint64_t at, std::uint64_t size, std::string_view magic) const;
  std::optional<std::string> record(std::uint64_t number) const;
  std::vector<std::string> attributes(std::uint64_t record, std::uint64_t type) const;
  std::vector<NtfsRun> runs_of(const std::vector<std::string>& attributes) const;
  std::optional<std::string> read_runs(const std::vector<NtfsRun>& runs, std::uint64_t offset, std::size_t size) const;
  std::optional<Found> find_in_folder(std::uint64_t folder, std::string_view name) const;
  std::optional<Found> find_in_blocks(const std::vector<NtfsRun>& runs, std::uint64_t block_size,
                                      std::string_view name) const;
  static std::optional<Found> find_in_index(std::string_view index, std::string_view name);

  const Fd& device_;
  std::uint64_t start_;            ///< of the volume on the device
  std::uint64_t cluster_ = 0;      ///< bytes
  std::uint64_t record_size_ = 0;  ///< of one record of the master file table
  std::vector<NtfsRun> table_;     ///< where the master file table lies
};

}  // namespace lifeboat::init
