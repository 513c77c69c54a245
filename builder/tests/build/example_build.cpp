#include "builder/tests/build/example_build.hpp"

namespace lifeboat::testing {
namespace {

Package package(std::string name, std::string version, std::string architecture, std::string source,
                std::string source_version, std::string path, std::uint64_t size) {
  const bool security = path.starts_with("pool/updates");
  return {.name = name,
          .version = std::move(version),
          .architecture = std::move(architecture),
          .source = std::move(source),
          .source_version = std::move(source_version),
          .repository = security ? "bookworm-security" : "bookworm",
          .path = std::move(path),
          .size = size,
          .sha256 = sha256_of(name),
          .installed_size = 4 * size};
}

/// An epoch, one that the source has not, "~", "+", "+" in a name, "all", binary-only rebuilds, and a plain one.
std::vector<Package> packages() {
  return {
      package("bsdutils", "1:2.38.1-5+deb12u3", "amd64", "util-linux", "2.38.1-5+deb12u3",
              "pool/main/u/util-linux/bsdutils_2.38.1-5+deb12u3_amd64.deb", 94412),
      package("ca-certificates", "20250419~deb12u2", "all", "", "",
              "pool/updates/main/c/ca-certificates/ca-certificates_20250419~deb12u2_all.deb", 160948),
      package("libargon2-1", "0~20171227-0.3+deb12u1", "amd64", "argon2", "",
              "pool/main/a/argon2/libargon2-1_0~20171227-0.3+deb12u1_amd64.deb", 19432),
      package("libpython3-stdlib", "3.11.2-1+b1", "amd64", "python3-defaults", "3.11.2-1",
              "pool/main/p/python3-defaults/libpython3-stdlib_3.11.2-1+b1_amd64.deb", 9312),
      package("libstdc++6", "12.2.0-14+deb12u1", "amd64", "gcc-12", "",
              "pool/main/g/gcc-12/libstdc++6_12.2.0-14+deb12u1_amd64.deb", 612604),
      package("linux-image-6.1.0-56-amd64", "6.1.192-2", "amd64", "linux-signed-amd64", "6.1.192+2",
              "pool/updates/main/l/linux-signed-amd64/linux-image-6.1.0-56-amd64_6.1.192-2_amd64.deb", 70550672),
      package("linux-image-amd64", "6.1.192-2", "amd64", "linux-signed-amd64", "6.1.192+2",
              "pool/updates/main/l/linux-signed-amd64/linux-image-amd64_6.1.192-2_amd64.deb", 1480),
      package("openssh-server", "1:9.2p1-2+deb12u10", "amd64", "openssh", "",
              "pool/main/o/openssh/openssh-server_9.2p1-2+deb12u10_amd64.deb", 456584),
  };
}

Lock::Repository repository(const std::string& mirror, const std::string& suite, std::string date, std::int64_t unix) {
  Lock::Repository repository;
  repository.where.name = suite;
  repository.where.mirror = mirror;
  repository.where.suite = suite;
  repository.where.components = {"main"};
  repository.date = std::move(date);
  repository.date_unix = unix;
  return repository;
}

}  // namespace

ExampleBuild::ExampleBuild() {
  recipe.name = "debian-12";
  recipe.title = "Debian 12 (bookworm) rescue system";
  recipe.distribution = "debian";
  recipe.architecture = "amd64";
  lock.name = recipe.name;
  lock.architecture = recipe.architecture;
  lock.repositories = {repository("debian", "bookworm", "Sat, 11 Jul 2026 10:16:37 UTC", 1783764997),
                       repository("debian-security", "bookworm-security", "Tue, 24 Nov 2026 02:12:15 UTC", 1795486335)};
  lock.packages = packages();
  outputs = {{"vmlinuz", "medium"}, {"initrd.img", "medium"}, {"lock.toml", "lock"}};
  for (const OutputFile& output : outputs) replace_file(folder.path() / output.name, "bytes of " + output.name + "\n");
}

ManifestInput ExampleBuild::input() const {
  return {.recipe = recipe,
          .lock = lock,
          .build_id = build_id,
          .recipe_digest = sha256_of("recipe"),
          .kernel_release = "6.1.0-56-amd64",
          .kernel_arguments = "console=tty0 net.ifnames=0 lifeboat.build_id=" + build_id,
          .root_size = 119386112,
          .image_bytes = {{"", 4096}, {"bsdutils", 20480}, {"linux-image-6.1.0-56-amd64", 99000000}},
          .tools = {{"lifeboat", "0.1.0"}, {"tar2sqfs", "1.2.0"}, {"zstd", "1.5.4"}},
          .media = {{"netboot", {"vmlinuz", "initrd.img"}, 37, 384}, {"iso", {"rescue.iso"}, 30, 200}},
          .signer = signer,
          .secure_boot_certificate = signer};
}

std::string ExampleBuild::write() const {
  write_manifest(folder.path(), input(), outputs);
  return read_file(*this / "manifest.json");
}

}  // namespace lifeboat::testing
