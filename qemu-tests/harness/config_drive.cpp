#include "qemu-tests/harness/config_drive.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

fs::path write_content(const fs::path& folder, const std::string& label, const DriveFiles& files) {
  fs::path content = folder / label;
  for (const auto& [path, text] : files) {
    fs::create_directories((content / path).parent_path());
    write_file(content / path, text);
  }
  return content;
}

}  // namespace

DriveFiles openstack_drive(const std::string& meta_data) { return {{"openstack/latest/meta_data.json", meta_data}}; }

fs::path make_iso_volume(const fs::path& folder, const std::string& label, const DriveFiles& files) {
  const fs::path content = write_content(folder, label, files);
  const fs::path image = folder / (label + ".iso");
  // What Nova calls. (xorriso waits for a second in its end, and two hundred guests have such a drive.)
  run_checked({"genisoimage", "-quiet", "-V", label, "-R", "-J", "-o", image, content});
  return image;
}

fs::path make_vfat_volume(const fs::path& folder, const std::string& label, const DriveFiles& files) {
  const fs::path content = write_content(folder, label, files);
  const fs::path image = folder / (label + ".vfat");
  write_file(image, "");
  fs::resize_file(image, 64 << 20);
  run_checked({"mformat", "-i", image, "-v", label, "::"});
  for (const auto& entry : fs::directory_iterator(content))
    run_checked({"mcopy", "-s", "-i", image, entry.path(), "::"});
  return image;
}

}  // namespace lifeboat::qemu
