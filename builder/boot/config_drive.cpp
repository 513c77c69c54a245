#include "builder/boot/config_drive.hpp"

#include <fcntl.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

template <std::size_t Size>
std::array<unsigned char, Size> random_bytes() {
  static_assert(Size <= 256, "getrandom gives up to 256 bytes in one piece");
  std::array<unsigned char, Size> bytes{};
  while (::getrandom(bytes.data(), bytes.size(), 0) < 0)
    if (errno != EINTR) throw system_error("asking the kernel for random bytes", errno);
  return bytes;
}

}  // namespace

std::string random_password() {
  // 32 characters, so that five bits of a byte choose one without favour.
  constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(alphabet.size() == 32);
  std::string password;
  for (unsigned char byte : random_bytes<20>()) password += alphabet[byte & 31];
  return password;
}

std::string random_uuid() {
  auto bytes = random_bytes<16>();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string uuid;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += digits;
  }
  return uuid;
}

fs::path write_config_drive(const fs::path& work, const ServerIdentity& server) {
  const fs::path content = work / "config";
  const fs::path image = work / "config.iso";
  lifeboat::create_directories(content / "openstack/latest");
  const nlohmann::json meta_data{{"uuid", server.uuid},
                                 {"name", server.name},
                                 {"hostname", server.name},
                                 {"launch_index", 0},
                                 {"admin_pass", server.admin_password}};
  replace_file(content / "openstack/latest/meta_data.json", meta_data.dump(), 0600);
  // xorriso keeps the mode of a file that is there already.
  Fd made = open_file(image, O_WRONLY | O_CREAT | O_EXCL, 0600);
  run_checked({.argv = {"xorriso", "-as", "mkisofs", "-quiet", "-volid", "config-2", "-joliet", "-rock", "-o",
                        image.string(), content.string()},
               .needed_for = "making the config drive"});
  fs::remove_all(content);
  return image;
}

}  // namespace lifeboat
