#include "qemu-tests/harness/config_drive.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;

DriveFiles openstack_drive(const std::string& meta_data) { return {{"openstack/latest/meta_data.json", meta_data}}; }

fs::path make_config_drive(const fs::path& folder, const DriveFiles& files) {
  const fs::path content = folder / "config";
  for (const auto& [path, text] : files) {
    fs::create_directories((content / path).parent_path());
    write_file(content / path, text);
  }
  const fs::path image = folder / "config.iso";
  run_checked({"xorriso", "-as", "mkisofs", "-quiet", "-V", "config-2", "-R", "-J", "-o", image, content});
  return image;
}

}  // namespace lifeboat::qemu
