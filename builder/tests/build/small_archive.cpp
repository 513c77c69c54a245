#include "builder/tests/build/small_archive.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/tests/distro/module.hpp"

namespace lifeboat::testing {
namespace fs = std::filesystem;
namespace {

/// Both of base-passwd's masters are what the users and groups of every Debian image are made from.
TestPackage base_passwd() {
  return {.name = "base-passwd",
          .version = "3.6",
          .files = {{"usr/share/base-passwd/passwd.master",
                     "root:*:0:0:root:/root:/bin/sh\nnobody:*:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"},
                    {"usr/share/base-passwd/group.master", "root:*:0:\nshadow:*:42:\nnogroup:*:65534:\n"}}};
}

TestPackage busybox() {
  return {.name = "busybox-static", .version = "1.35.0-4", .files = {{"bin/busybox", "a stand-in\n" + noise(9000, 1)}}};
}

/// Making a module takes the compiler; each is made once per test program.
const std::map<std::string, std::string>& modules() {
  static const std::map<std::string, std::string> made{
      {"drivers/net/virtio_net.ko", compile_module({"name=virtio_net", "depends=net_failover"})},
      {"drivers/net/net_failover.ko", compile_module({"name=net_failover", "depends=failover"})},
      {"net/core/failover.ko", compile_module({"name=failover", "depends="})},
      {"fs/squashfs/squashfs.ko", compile_module({"name=squashfs", "depends="})},
      {"sound/soundcore.ko", compile_module({"name=soundcore", "depends="})}};
  return made;
}

std::string text_of(const std::string& name) { return "text of " + name + "\n"; }

/// In another order than that of the names: a build must not care.
void write_overlay(const fs::path& folder) {
  for (const char* name : {"zebra", "apple", "mango"}) {
    lifeboat::create_directories(folder / "etc" / name);
    for (const char* file : {"two", "one", "three"}) replace_file(folder / "etc" / name / file, text_of(file));
  }
  lifeboat::create_directories(folder / "usr/bin");
  replace_file(folder / "usr/bin/laid-over", "#!/bin/sh\n", 0755);
  fs::create_symlink("laid-over", folder / "usr/bin/linked");
}

std::string fault_of_output(const fs::path& folder, const nlohmann::json& output) {
  const std::string name = output.at("name");
  if (!fs::exists(folder / name)) return name + " is missing";
  if (fs::file_size(folder / name) != output.at("size")) return name + " has another size than the manifest says";
  if (sha256_of_file(folder / name) != output.at("sha256")) return name + " has other bytes than the manifest says";
  return "";
}

}  // namespace

std::string noise(std::size_t size, std::uint32_t seed) {
  std::mt19937 engine(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(engine());
  return bytes;
}

TestPackage small_kernel(const std::string& release) {
  const std::string folder = "lib/modules/" + release + "/";
  TestPackage package{.name = "linux-image-test", .version = "6.1.1-1"};
  package.files["boot/vmlinuz-" + release] = noise(70'000, 2);
  package.files["boot/config-" + release] = "CONFIG_64BIT=y\n";
  package.files[folder + "modules.builtin"] = "kernel/fs/ext4/ext4.ko\n";
  package.files[folder + "modules.order"] = "";
  for (const auto& [path, bytes] : modules()) {
    package.files[folder + "kernel/" + path] = bytes;
    package.files[folder + "modules.order"] += "kernel/" + path + "\n";
  }
  return package;
}

TestPackage small_library(const std::string& version) {
  return {.name = "libhello1",
          .version = version,
          .files = {{"usr/lib/libhello.so.1", "hello " + version + "\n" + noise(300'000, 3)}}};
}

TestPackage small_program(const std::string& version) {
  return {.name = "hello",
          .version = version,
          .fields = "Depends: libhello1 (>= 1.0)\n",
          .files = {{"usr/bin/hello", "#!/bin/sh\necho hello " + version + "\n"},
                    {"etc/hello.conf", "greeting = hello\n"},
                    {"usr/share/doc/hello/changelog", "hello " + version + "\n"}},
          .control = {{"conffiles", "/etc/hello.conf\n"}}};
}

SmallArchive::SmallArchive() {
  for (const TestPackage& package : {base_passwd(), busybox(), small_kernel(), small_library(), small_program()})
    add(package);
  publish();
}

std::string SmallArchive::recipe() const {
  return "name = \"small\"\ntitle = \"A small image\"\ndistribution = \"debian\"\narchitecture = \"amd64\"\n"
         "packages = [\"base-passwd\", \"busybox-static\", \"hello\"]\n"
         "remove = [\"usr/share/doc/*/changelog\"]\noverlays = [\"small\"]\nmedia = [\"netboot\"]\n"
         "[squashfs]\ncompression = \"zstd\"\nlevel = 1\nblock_size = 65536\n"
         "[kernel]\npackage = \"linux-image-test\"\narguments = \"loglevel=4\"\ngroups = [\"network\"]\n"
         "required_modules = [\"virtio_net\", \"ext4\"]\ninitramfs_modules = [\"virtio_net\", \"squashfs\"]\n"
         "[kernel.module_groups]\nnetwork = [\"drivers/net/**\"]\n"
         "[[repository]]\nmirror = \"test\"\nsuite = \"" +
         repository_.suite() + "\"\ncomponents = [\"main\"]\nkeyring = \"" + repository_.keyring().string() +
         "\"\nfingerprints = [\"" + test_key() + "\"]\n";
}

void SmallArchive::remove(const std::string& name) {
  if (fs::remove_all(root() / "pool/main" / name.substr(0, 1) / name) == 0)
    throw Error("the small archive has no package " + name);
}

const SmallArchive& small_archive() {
  static const SmallArchive archive;
  return archive;
}

fs::path preload_library() { return LIFEBOAT_BINARY_DIR "/tests/liblifeboat_preload.so"; }

Environment preloaded(Environment settings, const fs::path& library) {
  settings["LD_PRELOAD"] = library;
  settings["ASAN_OPTIONS"] = "verify_asan_link_order=0";  // for a build with sanitizers
  return settings;
}

Workshop::Workshop(const SmallArchive& archive, std::string mirror_url)
    : mirror(std::move(mirror_url)), program(LIFEBOAT_BINARY_DIR "/bin/lifeboat") {
  lifeboat::create_directories(recipe.parent_path());
  replace_file(recipe, archive.recipe());
  replace_file(init, "init's stand-in\n", 0755);
  write_overlay(overlays / "small");
}

void Workshop::change_recipe(const std::string& from, const std::string& to) const {
  std::string text = read_file(recipe);
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw Error("the recipe does not say " + from);
  replace_file(recipe, text.replace(at, from.size(), to));
}

std::vector<std::string> Workshop::build_command(const std::vector<std::string>& more) const {
  std::vector<std::string> argv{program,   "build", recipe,       "--mirror", "test=" + mirror, "--output", output,
                                "--cache", cache,   "--overlays", overlays,   "--init",         init};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

std::vector<std::string> Workshop::beside_output() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(output.parent_path()))
    if (entry.path() != output) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

Files files_below(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files[fs::relative(entry.path(), folder)] = sha256_of_file(entry.path());
  return files;
}

std::vector<std::string> differences(const Files& one, const Files& other) {
  std::vector<std::pair<std::string, std::string>> entries;
  std::set_symmetric_difference(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(entries));
  std::set<std::string> paths;
  for (const auto& [path, digest] : entries) paths.insert(path);
  return {paths.begin(), paths.end()};
}

std::vector<std::string> faults_of_image(const fs::path& folder) {
  if (!fs::exists(folder / "manifest.json")) return {"manifest.json is missing"};
  const auto manifest = nlohmann::json::parse(read_file(folder / "manifest.json"));
  std::vector<std::string> faults;
  Files files = files_below(folder);
  files.erase("manifest.json");
  for (const auto& output : manifest.at("outputs")) {
    if (const std::string fault = fault_of_output(folder, output); !fault.empty()) faults.push_back(fault);
    files.erase(output.at("name"));
  }
  for (const auto& [name, digest] : files) faults.push_back(name + " is not in the manifest");
  return faults;
}

}  // namespace lifeboat::testing
