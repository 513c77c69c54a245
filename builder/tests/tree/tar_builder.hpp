#pragma once
#include <archive.h>
#include <archive_entry.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// Makes archives for tests with libarchive's writer: also those that no honest packer makes.
class TarBuilder {
 public:
  /// `filter`: "none", "gzip", "xz", "zstd", "bzip2", "lzma".
  explicit TarBuilder(const std::string& filter = "none");
  TarBuilder(const TarBuilder&) = delete;
  TarBuilder& operator=(const TarBuilder&) = delete;
  ~TarBuilder();

  TarBuilder& file(const std::string& path, std::string_view content, unsigned mode = 0644);
  TarBuilder& folder(const std::string& path, unsigned mode = 0755);
  TarBuilder& symlink(const std::string& path, const std::string& target);
  TarBuilder& hard_link(const std::string& path, const std::string& existing);
  TarBuilder& device(const std::string& path, unsigned type, unsigned major, unsigned minor);
  /// Any entry: `fill` sets it up.
  TarBuilder& entry(const std::function<void(archive_entry*)>& fill, std::string_view content = "");

  std::string finish();

 private:
  archive* archive_;
  std::string bytes_;
};

/// A `read` callback for read_tar that hands out `bytes` in pieces of `size`.
std::function<std::string_view()> in_pieces(std::string_view bytes, std::size_t size = 1000);

}  // namespace lifeboat
