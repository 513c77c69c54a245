#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "builder/base/fd.hpp"

namespace lifeboat {

class Spool;

/// The bytes of one regular file: a stretch of a spool. Copying it copies no bytes. Default: empty file.
struct Content {
  std::shared_ptr<const Spool> spool;
  std::uint64_t offset = 0;  ///< bytes
  std::uint64_t size = 0;    ///< bytes

  /// All bytes at once; for small files and checks.
  std::string read() const;
  /// Hands the bytes on in pieces of at most 1 MiB.
  void copy_to(const std::function<void(std::string_view)>& sink) const;
  /// At most `length` bytes from `from` on.
  std::string read_part(std::uint64_t from, std::size_t length) const;
};

/// One large unnamed file that holds the contents of all files of a tree: no small files on the host, no owners, no
/// modes. Appending is safe from several threads.
class Spool : public std::enable_shared_from_this<Spool> {
 public:
  /// An unnamed file in `folder` (O_TMPFILE, or created and unlinked).
  static std::shared_ptr<Spool> create(const std::filesystem::path& folder);
  /// The bytes of a file that is there, without a copy of them. It must not change while the content is in use.
  static Content of_file(const std::filesystem::path& file);

  Content append(std::string_view bytes);
  /// Room for `size` bytes that the caller then fills with write_at (for members that arrive in pieces); what is not
  /// written reads as zeros and takes no room on the disk (sparse files).
  Content reserve(std::uint64_t size);
  void write_at(std::uint64_t offset, std::string_view bytes) const;
  std::string read_at(std::uint64_t offset, std::size_t size) const;

 private:
  explicit Spool(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
  std::atomic<std::uint64_t> end_{0};
};

}  // namespace lifeboat
