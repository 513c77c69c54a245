#include "builder/recipe/recipe.hpp"

#include "builder/base/file.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// A folder of recipe files that is gone after the test.
class Recipes {
 public:
  Recipes() : folder_(fs::temp_directory_path(), "recipe-test") {}

  void write(const std::string& name, std::string_view text) {
    lifeboat::create_directories((folder_.path() / name).parent_path());
    replace_file(folder_.path() / name, text);
  }
  fs::path path(const std::string& name) const { return folder_.path() / name; }
  Recipe read(const std::string& name = "recipe.toml") const { return read_recipe(path(name)); }

 private:
  TempDir folder_;
};

/// All that a recipe needs, but for `packages`, which is given. The caller may add keys of [kernel].
std::string minimal(std::string_view top = "packages = ['bash']\n") {
  return std::string(top) + R"(
name = "small"
title = "A small rescue system"
distribution = "debian"
architecture = "amd64"
[[repository]]
mirror = "debian"
suite = "bookworm"
components = ["main"]
keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
fingerprints = ["b8b80b5b623eab6ad8775c45b7c5d7d6350947f8"]
[kernel]
package = "linux-image-amd64"
)";
}

TEST_CASE("a minimal recipe is read with every default filled in") {
  Recipes recipes;
  recipes.write("recipe.toml", minimal());
  const Recipe recipe = recipes.read();
  CHECK(recipe.file == recipes.path("recipe.toml"));
  CHECK(recipe.name == "small");
  CHECK(recipe.title == "A small rescue system");
  CHECK(recipe.distribution == "debian");
  CHECK(recipe.architecture == "amd64");
  CHECK(recipe.packages == Names{"bash"});
  CHECK(recipe.media == Names{"netboot"});
  CHECK(recipe.kernel.package == "linux-image-amd64");
  CHECK(recipe.kernel.arguments.empty());
  CHECK(recipe.kernel.groups.empty());
  CHECK(recipe.squashfs.compression == "zstd");
  CHECK(recipe.squashfs.level == 19);
  CHECK(recipe.squashfs.block_size == 262144);
  CHECK(recipe.deadline == "24h");
  CHECK(recipe.at_deadline == "stay");
  CHECK(recipe.without_source == "locked");
  CHECK(recipe.rescue_host_keys == "new");
  CHECK(recipe.network.config.empty());
  CHECK(recipe.network.fallback == "none");
}

TEST_CASE("a repository is named after its suite, and its fingerprints are upper-case") {
  Recipes recipes;
  recipes.write("recipe.toml", minimal());
  const Recipe recipe = recipes.read();
  REQUIRE(recipe.repositories.size() == 1);
  const Recipe::Repository& repository = recipe.repositories.front();
  CHECK(repository.name == "bookworm");
  CHECK(repository.mirror == "debian");
  CHECK(repository.suite == "bookworm");
  CHECK(repository.components == Names{"main"});
  CHECK(repository.keyring == "/usr/share/keyrings/debian-archive-keyring.gpg");
  CHECK(repository.fingerprints == Names{"B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8"});
}

TEST_CASE("every key of the file format is read") {
  Recipes recipes;
  recipes.write("recipe.toml", R"(
packages = ["nano", "bash"]
provided = ["init"]
remove = ["usr/share/man/**"]
overlays = ["common", "debian"]
media = ["netboot", "iso"]
deadline = "90m"
at_deadline = "power-off"
without_source = "random-password"
rescue_host_keys = "original"
alternatives = { editor = "/bin/nano" }
name = "full"
title = "F"
distribution = "debian"
architecture = "amd64"
[[repository]]
name = "main"
mirror = "debian"
suite = "bookworm"
components = ["main", "contrib"]
keyring = "/k.gpg"
fingerprints = ["B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8"]
[kernel]
package = "linux-image-amd64"
arguments = "net.ifnames=0"
groups = ["storage"]
required_modules = ["virtio-net"]
initramfs_modules = ["virtio-blk", "fs/nls/nls_iso8859-1.ko"]
[kernel.module_groups]
storage = ["drivers/ata/**"]
sound = ["sound/**"]
[squashfs]
compression = "gzip"
level = 3
block_size = 4096
[network]
config = """
version: 2
ethernets: {}
"""
fallback = "original"
)");
  const Recipe recipe = recipes.read();
  CHECK(recipe.packages == Names{"bash", "nano"});
  CHECK(recipe.provided == Names{"init"});
  CHECK(recipe.remove == Names{"usr/share/man/**"});
  CHECK(recipe.overlays == Names{"common", "debian"});
  CHECK(recipe.media == Names{"netboot", "iso"});
  CHECK(recipe.alternatives == std::map<std::string, std::string>{{"editor", "/bin/nano"}});
  CHECK(recipe.repositories.at(0).name == "main");
  CHECK(recipe.kernel.arguments == "net.ifnames=0");
  CHECK(recipe.kernel.groups == Names{"storage"});
  CHECK(recipe.kernel.module_groups.at("storage") == Names{"drivers/ata/**"});
  CHECK(recipe.kernel.module_groups.at("sound") == Names{"sound/**"});
  CHECK(recipe.squashfs.compression == "gzip");
  CHECK(recipe.squashfs.level == 3);
  CHECK(recipe.squashfs.block_size == 4096);
  CHECK(recipe.deadline == "90m");
  CHECK(recipe.at_deadline == "power-off");
  CHECK(recipe.without_source == "random-password");
  CHECK(recipe.rescue_host_keys == "original");
  CHECK(recipe.network.config == "version: 2\nethernets: {}\n");
  CHECK(recipe.network.fallback == "original");
}

TEST_CASE("a session's length in a recipe is one that the init reads, or none") {
  for (const char* good : {"24h", "1s", "999999m", "0090m", "none"}) {
    Recipes recipes;
    recipes.write("recipe.toml", "deadline = '" + std::string(good) + "'\n" + minimal());
    CHECK(recipes.read().deadline == good);
  }
  for (const char* bad : {"24", "h", "0h", "000s", "1000000s", "-1h", "1h30m", "24 h", "2d", "2026-11-26T03:00:00Z"}) {
    Recipes recipes;
    recipes.write("recipe.toml", "deadline = '" + std::string(bad) + "'\n" + minimal());
    INFO(bad);
    CHECK_THROWS_AS(recipes.read(), RecipeError);
  }
}

TEST_CASE("module names get the kernel's underscores, paths stay as they are") {
  Recipes recipes;
  recipes.write("recipe.toml", minimal() + R"(
required_modules = ["virtio-net"]
initramfs_modules = ["virtio-blk", "fs/nls/nls_iso8859-1.ko"]
)");
  const Recipe recipe = recipes.read();
  CHECK(recipe.kernel.required_modules == Names{"virtio_net"});
  CHECK(recipe.kernel.initramfs_modules == Names{"virtio_blk", "fs/nls/nls_iso8859-1.ko"});
}

TEST_CASE("the standard level follows the compression") {
  Recipes recipes;
  const auto [compression, level] = GENERATE(table<std::string, int>({{"zstd", 19}, {"gzip", 9}, {"xz", 6}}));
  recipes.write("recipe.toml", minimal() + "[squashfs]\ncompression = '" + compression + "'\n");
  CHECK(recipes.read().squashfs.level == level);
}

TEST_CASE("lists of included files are joined and names that several files list appear once") {
  Recipes recipes;
  recipes.write("recipe.toml", minimal("include = ['sets/a.toml', 'sets/b.toml']\npackages = ['nano', 'bash']\n"
                                       "remove = ['c', 'a']\n"));
  recipes.write("sets/a.toml", "packages = ['less', 'bash']\nremove = ['b']\n");
  recipes.write("sets/b.toml", "packages = ['zstd', 'less']\nremove = ['a']\n");
  const Recipe recipe = recipes.read();
  CHECK(recipe.packages == Names{"bash", "less", "nano", "zstd"});
  CHECK(recipe.remove == Names{"b", "a", "c"});
}

TEST_CASE("a single value of the including file wins, then that of the later include") {
  Recipes recipes;
  recipes.write("recipe.toml", "include = ['a.toml', 'b.toml']\nname = 'mine'\n");
  recipes.write("a.toml", minimal() + "arguments = 'from-a'\n");
  recipes.write("b.toml", "name = 'b'\ntitle = 'B'\nkernel.arguments = 'from-b'\n");
  const Recipe recipe = recipes.read();
  CHECK(recipe.name == "mine");
  CHECK(recipe.title == "B");
  CHECK(recipe.kernel.arguments == "from-b");
}

TEST_CASE("a module group and an alternative of a later file replace those of the same name") {
  Recipes recipes;
  recipes.write("recipe.toml",
                "include = ['a.toml']\nalternatives = { editor = '/bin/nano' }\n"
                "[kernel.module_groups]\nstorage = ['drivers/ata/**']\n");
  recipes.write("a.toml", minimal("packages = ['bash']\nalternatives = { editor = '/bin/vi', pager = '/bin/less' }\n") +
                              "[kernel.module_groups]\nstorage = ['drivers/scsi/**']\nusb = ['drivers/usb/**']\n");
  const Recipe recipe = recipes.read();
  CHECK(recipe.alternatives == std::map<std::string, std::string>{{"editor", "/bin/nano"}, {"pager", "/bin/less"}});
  CHECK(recipe.kernel.module_groups ==
        std::map<std::string, Names>{{"storage", {"drivers/ata/**"}}, {"usb", {"drivers/usb/**"}}});
}

TEST_CASE("includes are relative to the file that names them") {
  Recipes recipes;
  recipes.write("deep/recipe.toml", minimal("include = ['../sets/a.toml']\npackages = ['bash']\n"));
  recipes.write("sets/a.toml", "include = ['more/b.toml']\n");
  recipes.write("sets/more/b.toml", "packages = ['less']\n");
  CHECK(recipes.read("deep/recipe.toml").packages == Names{"bash", "less"});
}

TEST_CASE("a file that is included on two ways is read once") {
  Recipes recipes;
  recipes.write("recipe.toml", "include = ['a.toml', 'b.toml', './b.toml']\n");
  recipes.write("a.toml", "include = ['base.toml']\n");
  recipes.write("b.toml", "include = ['base.toml']\n");
  recipes.write("base.toml", minimal());
  CHECK(recipes.read().repositories.size() == 1);
}

}  // namespace
