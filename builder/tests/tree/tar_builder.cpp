#include "builder/tests/tree/tar_builder.hpp"

#include <stdexcept>

namespace lifeboat {
namespace {

la_ssize_t collect(archive*, void* bytes, const void* piece, std::size_t size) {
  static_cast<std::string*>(bytes)->append(static_cast<const char*>(piece), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

TarBuilder::TarBuilder(const std::string& filter) : archive_(archive_write_new()) {
  archive_write_set_format_pax_restricted(archive_);
  archive_write_set_options(archive_, "hdrcharset=BINARY");
  if (filter != "none" && archive_write_add_filter_by_name(archive_, filter.c_str()) != ARCHIVE_OK)
    throw std::runtime_error(filter);
  archive_write_set_bytes_in_last_block(archive_, 1);
  archive_write_open(archive_, &bytes_, nullptr, collect, nullptr);
}

TarBuilder::~TarBuilder() { archive_write_free(archive_); }

TarBuilder& TarBuilder::entry(const std::function<void(archive_entry*)>& fill, std::string_view content) {
  archive_entry* it = archive_entry_new();
  archive_entry_set_filetype(it, AE_IFREG);
  archive_entry_set_perm(it, 0644);
  archive_entry_set_size(it, static_cast<la_int64_t>(content.size()));
  fill(it);
  if (archive_write_header(archive_, it) != ARCHIVE_OK) throw std::runtime_error(archive_error_string(archive_));
  archive_write_data(archive_, content.data(), content.size());
  archive_entry_free(it);
  return *this;
}

TarBuilder& TarBuilder::file(const std::string& path, std::string_view content, unsigned mode) {
  return entry(
      [&](archive_entry* it) {
        archive_entry_set_pathname(it, path.c_str());
        archive_entry_set_perm(it, mode);
      },
      content);
}

TarBuilder& TarBuilder::folder(const std::string& path, unsigned mode) {
  return entry([&](archive_entry* it) {
    archive_entry_set_pathname(it, path.c_str());
    archive_entry_set_filetype(it, AE_IFDIR);
    archive_entry_set_perm(it, mode);
  });
}

TarBuilder& TarBuilder::symlink(const std::string& path, const std::string& target) {
  return entry([&](archive_entry* it) {
    archive_entry_set_pathname(it, path.c_str());
    archive_entry_set_filetype(it, AE_IFLNK);
    archive_entry_set_symlink(it, target.c_str());
  });
}

TarBuilder& TarBuilder::hard_link(const std::string& path, const std::string& existing) {
  return entry([&](archive_entry* it) {
    archive_entry_set_pathname(it, path.c_str());
    archive_entry_set_hardlink(it, existing.c_str());
  });
}

TarBuilder& TarBuilder::device(const std::string& path, unsigned type, unsigned major, unsigned minor) {
  return entry([&](archive_entry* it) {
    archive_entry_set_pathname(it, path.c_str());
    archive_entry_set_filetype(it, type);
    archive_entry_set_rdevmajor(it, major);
    archive_entry_set_rdevminor(it, minor);
  });
}

std::string TarBuilder::finish() {
  archive_write_close(archive_);
  return std::move(bytes_);
}

std::function<std::string_view()> in_pieces(std::string_view bytes, std::size_t size) {
  return [bytes, size]() mutable {
    const std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(piece.size());
    return piece;
  };
}

}  // namespace lifeboat
