#include "builder/tree/libarchive.hpp"

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

/// ARCHIVE_WARN would mean that libarchive starts a program for the filter; nothing but ARCHIVE_OK will do.
bool register_formats(archive* it, LibArchive::Format format) {
  if (format == LibArchive::Format::ar) return archive_read_support_format_ar(it) == ARCHIVE_OK;
  return archive_read_support_format_tar(it) == ARCHIVE_OK && archive_read_support_filter_gzip(it) == ARCHIVE_OK &&
         archive_read_support_filter_xz(it) == ARCHIVE_OK && archive_read_support_filter_zstd(it) == ARCHIVE_OK &&
         archive_read_support_filter_bzip2(it) == ARCHIVE_OK && archive_read_support_filter_lzma(it) == ARCHIVE_OK;
}

}  // namespace

LibArchive::Utf8Locale::Utf8Locale() {
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);  // built into glibc; lives on
  before_ = ::uselocale(utf8);
}

LibArchive::LibArchive(Format format, std::function<std::string_view()> read, std::uint64_t most_bytes)
    : read_(std::move(read)), most_bytes_(most_bytes), archive_(archive_read_new()) {
  if (!archive_ || !register_formats(archive_.get(), format))
    throw Error("libarchive lacks a format that packages use");
  check(archive_read_open(archive_.get(), this, nullptr, read_callback, nullptr));
}

la_ssize_t LibArchive::read_callback(archive* it, void* self, const void** bytes) {
  auto& me = *static_cast<LibArchive*>(self);
  try {
    throw_if_interrupted();
    const la_int64_t unpacked = archive_filter_bytes(it, 0);  // -1 while the filters are being chosen
    if (unpacked > 0 && static_cast<std::uint64_t>(unpacked) > me.most_bytes_)
      throw Error("it unpacks to more than " + format_size(me.most_bytes_));
    const std::string_view piece = me.read_();
    *bytes = piece.data();
    return static_cast<la_ssize_t>(piece.size());
  } catch (...) {
    me.failure_ = std::current_exception();
    archive_set_error(it, EIO, "its bytes cannot be read");
    return ARCHIVE_FATAL;
  }
}

void LibArchive::check(int status) {
  if (failure_) std::rethrow_exception(failure_);
  if (status == ARCHIVE_OK) return;
  const char* reason = archive_error_string(archive_.get());
  throw Error(reason != nullptr ? printable(reason) : "the archive is cut off or damaged");
}

archive_entry* LibArchive::next() {
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(archive_.get(), &entry);
  if (status == ARCHIVE_EOF && !failure_) return nullptr;
  check(status);
  return entry;
}

void LibArchive::copy_data(std::uint64_t size, const std::function<void(std::uint64_t, std::string_view)>& sink) {
  while (true) {
    const void* bytes = nullptr;
    std::size_t length = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(archive_.get(), &bytes, &length, &offset);
    if (status == ARCHIVE_EOF && !failure_) return;
    check(status);
    const auto from = static_cast<std::uint64_t>(offset);
    if (from > size || length > size - from) throw Error("its content is longer than its size says");
    sink(from, {static_cast<const char*>(bytes), length});
  }
}

std::string_view LibArchive::next_data() {
  const void* bytes = nullptr;
  std::size_t length = 0;
  la_int64_t offset = 0;
  const int status = archive_read_data_block(archive_.get(), &bytes, &length, &offset);
  if (status == ARCHIVE_EOF && !failure_) return {};
  check(status);
  return {static_cast<const char*>(bytes), length};
}

std::string printable_name(archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  return name == nullptr ? "a member without a name" : printable(name);
}

}  // namespace lifeboat
