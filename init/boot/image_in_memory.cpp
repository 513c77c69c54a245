#include "init/boot/image_in_memory.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "init/boot/bounded.hpp"
#include "init/boot/medium_look.hpp"
#include "init/boot/memory.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/sha256.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint64_t room = std::uint64_t{1} << 20;             // a tmpfs counts its folders too
constexpr std::uint64_t left_for_login = std::uint64_t{96} << 20;  // bytes that the system takes besides
constexpr Milliseconds copy_limit{1'800'000};
constexpr Milliseconds no_copied_bytes{60'000};

Status write_whole(const Fd& fd, std::string_view bytes, const std::string& doing) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure_from_errno(doing, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return Done{};
}

/// The SHA-256 of a file, in hexadecimal digits; with `to`, the bytes go there too.
Result<std::string> digest_of(const std::string& from, const std::string& to) {
  auto in = open_file(from, O_RDONLY);
  if (!in) return in.failure();
  Result<Fd> out = to.empty() ? Result<Fd>(Fd()) : open_file(to, O_WRONLY | O_CREAT | O_EXCL, 0400);
  if (!out) return out.failure();
  std::vector<char> buffer(std::size_t{1} << 20);
  Sha256 digest;
  while (true) {
    const ssize_t count = ::read(in->get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure_from_errno("reading " + from, errno);
    if (count == 0) return to_hex(digest.finish());
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
    digest.add(bytes);
    if (*out)
      if (Status written = write_whole(*out, bytes, "copying to memory"); !written) return written.failure();
  }
}

/// Says what is wrong where the two differ.
Status check_digest(Machine& machine, const std::string& what, const std::string& got) {
  const contract::BootConfiguration& build = machine.report.image;
  if (got == build.root_sha256) return Done{};
  machine.emergency.facts = {"expected SHA-256 " + build.root_sha256, "got      SHA-256 " + got,
                             "the initrd is of the build " + build.build_id + ", " + build.title};
  return Failure{what + " is not what the build made, and nothing of it was used"};
}

bool has_memory_for(Machine& machine, std::uint64_t image_size) {
  const std::uint64_t available = available_memory(read_file("/proc/meminfo", 65536).value_or(""));
  const std::uint64_t needed = image_size + left_for_login;
  if (available >= needed) return true;
  machine.note_problem("The root image was not copied to memory: that takes " + size_words(needed) + ", and " +
                       size_words(available) +
                       " are free. The system runs from the rescue medium, which must stay plugged in.");
  return false;
}

}  // namespace

Status mount_image_memory(std::uint64_t image_size) {
  return mount_file_system({"image", image_memory_folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                            "mode=0700,size=" + std::to_string(image_size + room)});
}

Status check_image_in_memory(Machine& machine, const std::string& what) {
  struct stat found {};
  const std::uint64_t expected = machine.report.image.root_size;
  if (::stat(image_memory_file.c_str(), &found) != 0) return failure_from_errno("looking at " + what, errno);
  if (static_cast<std::uint64_t>(found.st_size) != expected) {
    machine.emergency.facts = {"expected " + std::to_string(expected) + " bytes",
                               "got      " + std::to_string(found.st_size) + " bytes"};
    return Failure{what + " is not what the build made, and nothing of it was used"};
  }
  auto digest = run_bounded(machine, "reading " + what, copy_limit, [] { return digest_of(image_memory_file, ""); });
  if (!digest) return digest.failure();
  return check_digest(machine, what, *digest);
}

Result<RootImage> copy_to_memory(Machine& machine, const RootImage& on_medium) {
  const std::uint64_t size = machine.report.image.root_size;
  if (!has_memory_for(machine, size)) return on_medium;
  if (Status mounted = mount_image_memory(size); !mounted) return mounted.failure();
  machine.say("Copying the root image to memory (" + size_words(size) + ") from " + on_medium.origin + " ...");
  Growth growth(machine, "Copying the root image to memory", image_memory_file, size, no_copied_bytes);
  auto digest = run_bounded(
      machine, "copying the root image from " + on_medium.origin, copy_limit,
      [from = on_medium.file] { return digest_of(from, image_memory_file); }, [&] { return growth.look(); });
  if (!digest) return digest.failure();
  if (Status right = check_digest(machine, "the root image in " + on_medium.origin, *digest); !right)
    return right.failure();
  if (::umount2(medium_folder.c_str(), UMOUNT_NOFOLLOW) != 0) {
    machine.note_problem(failure_from_errno("letting go of " + on_medium.origin, errno).what);
  } else {
    machine.report.medium.in_memory = true;
    machine.say("The root image is in memory and its SHA-256 is right: the rescue medium may be unplugged now.");
  }
  return RootImage{image_memory_file, "memory, copied from " + on_medium.origin};
}

}  // namespace lifeboat::init
