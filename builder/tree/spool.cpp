#include "builder/tree/spool.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t piece_size = std::size_t{1} << 20;
constexpr std::uint64_t largest = std::uint64_t{1} << 62;  // off_t is signed
constexpr std::string_view purpose = "the spool of unpacked files";

/// For file systems without O_TMPFILE (overlayfs on older kernels, NFS).
Fd create_and_unlink(const std::filesystem::path& folder) {
  std::string name = (folder / ".lifeboat-spool-XXXXXX").string();
  Fd fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd) throw system_error("creating a temporary file in " + folder.string(), errno);
  ::unlink(name.c_str());
  return fd;
}

}  // namespace

std::string Content::read() const { return read_part(0, size); }

void Content::copy_to(const std::function<void(std::string_view)>& sink) const {
  for (std::uint64_t from = 0; from < size; from += piece_size) {
    throw_if_interrupted();
    sink(read_part(from, piece_size));
  }
}

std::string Content::read_part(std::uint64_t from, std::size_t length) const {
  if (!spool || from >= size) return {};
  return spool->read_at(offset + from, std::min<std::uint64_t>(length, size - from));
}

std::shared_ptr<Spool> Spool::create(const std::filesystem::path& folder) {
  Fd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  const bool is_full = !fd && (errno == ENOSPC || errno == EDQUOT);
  if (is_full) throw system_error("creating a temporary file in " + folder.string(), errno);
  if (!fd) fd = create_and_unlink(folder);
  return std::shared_ptr<Spool>(new Spool(std::move(fd)));  // the constructor is private
}

Content Spool::of_file(const std::filesystem::path& file) {
  Fd fd = open_file(file, O_RDONLY);
  const off_t size = ::lseek(fd.get(), 0, SEEK_END);
  if (size < 0) throw system_error("reading " + file.string(), errno);
  return {std::shared_ptr<const Spool>(new Spool(std::move(fd))), 0, static_cast<std::uint64_t>(size)};
}

Content Spool::append(std::string_view bytes) {
  const std::uint64_t offset = end_.fetch_add(bytes.size());
  write_at(offset, bytes);
  return {shared_from_this(), offset, bytes.size()};
}

Content Spool::reserve(std::uint64_t size) {
  if (size == 0) return {shared_from_this(), 0, 0};
  if (size > largest) throw Error("no file can have " + std::to_string(size) + " bytes");
  const std::uint64_t offset = end_.fetch_add(size);
  write_at(offset + size - 1, std::string_view("\0", 1));  // the file is long enough from now on, whoever else appends
  return {shared_from_this(), offset, size};
}

void Spool::write_at(std::uint64_t offset, std::string_view bytes) const { write_all_at(fd_, bytes, offset, purpose); }

std::string Spool::read_at(std::uint64_t offset, std::size_t size) const {
  return read_exactly_at(fd_, offset, size, purpose);
}

}  // namespace lifeboat
