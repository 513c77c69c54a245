#include "builder/fetch/decompress.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t block_size = 1 << 18;

struct Close {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, Close>;

[[noreturn]] void fail(archive* reader, std::string_view name) {
  const char* reason = archive_error_string(reader);
  throw Error("decompressing " + std::string(name) + ": " + (reason == nullptr ? "broken stream" : reason));
}

Reader open_reader(const std::filesystem::path& file, std::string_view name) {
  Reader reader(archive_read_new());
  archive_read_support_filter_xz(reader.get());
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_read_support_format_empty(reader.get());
  if (archive_read_open_filename(reader.get(), file.c_str(), block_size) != ARCHIVE_OK) fail(reader.get(), name);
  return reader;
}

}  // namespace

std::string decompress_file(const std::filesystem::path& file, std::uint64_t limit, std::string_view name) {
  const Reader reader = open_reader(file, name);
  archive_entry* entry = nullptr;
  const int header = archive_read_next_header(reader.get(), &entry);
  if (header == ARCHIVE_EOF) return "";
  if (header != ARCHIVE_OK) fail(reader.get(), name);
  std::string content;
  std::vector<char> block(block_size);
  while (true) {
    throw_if_interrupted();
    const la_ssize_t got = archive_read_data(reader.get(), block.data(), block.size());
    if (got < 0) fail(reader.get(), name);
    if (got == 0) return content;
    content.append(block.data(), static_cast<std::size_t>(got));
    if (content.size() > limit)
      throw Error("decompressing " + std::string(name) + ": it holds more than " + format_size(limit));
  }
}

}  // namespace lifeboat
