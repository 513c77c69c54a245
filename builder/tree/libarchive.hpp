#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace lifeboat {

/// One archive being read with libarchive; only the formats and filters that packages use are registered. Its methods
/// throw Error with libarchive's reason, and let through what the callbacks throw.
class LibArchive {
 public:
  enum class Format : std::uint8_t { tar, ar };  ///< a tar may be compressed, an ar not

  /// `read` returns "" at the end; its view stays valid until the next call. It is called until the LibArchive is gone.
  /// An archive that unpacks to more than `most_bytes` is given up, also within members that nobody asks for.
  LibArchive(Format format, std::function<std::string_view()> read, std::uint64_t most_bytes);
  LibArchive(const LibArchive&) = delete;
  LibArchive& operator=(const LibArchive&) = delete;
  ~LibArchive() = default;

  /// The next member, valid until the next call; nullptr after the last.
  archive_entry* next();
  /// Hands on the member's bytes with their offsets (holes of a sparse file are left out). Throws Error where one lies
  /// outside of `size`.
  void copy_data(std::uint64_t size, const std::function<void(std::uint64_t, std::string_view)>& sink);
  /// The next bytes of the member, "" at its end. For members without holes.
  std::string_view next_data();

 private:
  struct Free {
    void operator()(archive* it) const { archive_read_free(it); }
  };
  static la_ssize_t read_callback(archive* it, void* self, const void** bytes);
  /// Throws for any `status` that is not plainly good.
  void check(int status);

  /// The thread's locale while this lives: libarchive converts the UTF-8 names of PAX records to it, and cannot to "C".
  class Utf8Locale {
   public:
    Utf8Locale();
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;
    ~Utf8Locale() { ::uselocale(before_); }

   private:
    locale_t before_;
  };

  Utf8Locale locale_;
  std::function<std::string_view()> read_;
  std::uint64_t most_bytes_;
  std::exception_ptr failure_;  ///< what `read` threw; it may not pass through C
  std::unique_ptr<archive, Free> archive_;
};

/// A member's name for messages, escaped.
std::string printable_name(archive_entry* entry);

}  // namespace lifeboat
