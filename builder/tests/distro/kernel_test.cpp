#include "builder/distro/kernel.hpp"

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/distro/small_world.hpp"
#include "testing/catch.hpp"

namespace lifeboat {
namespace {

using Names = std::set<std::string>;

/// A kernel of seven modules: a RAID driver with soft and hard needs, a disk, a network card, sound.
struct KernelWorld : SmallWorld {
  KernelWorld() {
    add_file("boot/vmlinuz-6.1.0-9-amd64", "kernel");
    add_file("usr/lib/modules/6.1.0-9-amd64/modules.builtin",
             "kernel/fs/configfs/configfs.ko\nkernel/drivers/tty/serial/8250/8250.ko\n");
    add_file("usr/lib/modules/6.1.0-9-amd64/modules.order", "");
    add_module("drivers/md/raid456.ko", {"depends=md-mod", "softdep=pre: crc32c", "alias=md-raid5"});
    add_module("drivers/md/md-mod.ko", {"depends="});
    add_module("arch/x86/crypto/crc32c-intel.ko", {"depends=", "alias=crc32c"});
    add_module("drivers/block/virtio_blk.ko", {"depends=", "alias=virtio:d00000002v*"});
    add_module("drivers/net/virtio_net.ko", {"depends=net_failover", "alias=virtio:d00000001v*"});
    add_module("drivers/net/net_failover.ko", {"depends="});
    add_module("sound/core/snd.ko", {"depends=", "softdep=pre: gone"});
    recipe.kernel.package = "linux-image-amd64";
    recipe.kernel.module_groups = {{"raid", {"drivers/md/raid*.ko"}}, {"sound", {"sound/**"}}};
    kernel = find_kernel(tree);
  }

  void add_module(const std::string& path, const std::vector<std::string>& modinfo) {
    add_file(TreePath("usr/lib/modules/6.1.0-9-amd64/kernel") / path, compile_module(modinfo));
  }

  Names trimmed() {
    trim_modules(tree, kernel, recipe);
    Names names;
    for (const auto& [name, info] : read_modules(tree, kernel)) names.insert(name);
    return names;
  }

  KernelFiles kernel;
};

TEST_CASE("the kernel of a tree is the one in /boot") {
  const KernelWorld world;
  CHECK(world.kernel.release == "6.1.0-9-amd64");
  CHECK(world.kernel.image == TreePath("boot/vmlinuz-6.1.0-9-amd64"));
  CHECK(world.kernel.modules == TreePath("usr/lib/modules/6.1.0-9-amd64"));
}

TEST_CASE("no kernel, and two kernels, are errors that name them") {
  KernelWorld world;
  CHECK(error_text([] { find_kernel(Tree()); }) ==
        "no kernel is in the image: no package brought /boot/vmlinuz-*, hint: name one in the recipe: package in "
        "[kernel]");
  world.add_file("boot/vmlinuz-6.1.0-9-cloud-amd64", "kernel");
  CHECK(error_text([&] { find_kernel(world.tree); }) ==
        "more than one kernel is in the image: 6.1.0-9-amd64, 6.1.0-9-cloud-amd64, hint: leave one in the recipe's "
        "packages");
}

TEST_CASE("dependencies come along: hard ones by name, soft ones by alias, and none that does not exist") {
  const KernelWorld world;
  const auto modules = read_modules(world.tree, world.kernel);
  CHECK(with_dependencies({"raid456"}, modules) == Names{"raid456", "md_mod", "crc32c_intel"});
  CHECK(with_dependencies({"virtio_net", "snd"}, modules) == Names{"virtio_net", "net_failover", "snd"});
}

TEST_CASE("only what a kept group, a required or an initramfs module asks for stays") {
  KernelWorld world;
  world.recipe.kernel.groups = {"raid"};
  CHECK(world.trimmed() == Names{"raid456", "md_mod", "crc32c_intel"});
}

TEST_CASE("a required module stays without a group") {
  KernelWorld world;
  world.recipe.kernel.required_modules = {"virtio-blk"};
  CHECK(world.trimmed() == Names{"virtio_blk"});
}

TEST_CASE("an initramfs module stays without a group, named or by a glob") {
  KernelWorld world;
  world.recipe.kernel.initramfs_modules = {"virtio_blk", "drivers/net/**", "not_in_this_kernel"};
  CHECK(world.trimmed() == Names{"virtio_blk", "virtio_net", "net_failover"});
}

TEST_CASE("a required driver may be built into the kernel") {
  KernelWorld world;
  world.recipe.kernel.required_modules = {"8250", "configfs"};
  CHECK(world.trimmed().empty());
}

TEST_CASE("every required driver that the kernel lacks is named, with the nearest that it has") {
  KernelWorld world;
  world.recipe.kernel.required_modules = {"virtio_bkl", "virtio_net", "ahci"};
  CHECK(
      error_text([&] { world.trimmed(); }) ==
      "kernel 6.1.0-9-amd64 of package linux-image-amd64 has no driver virtio_bkl (did you mean virtio_blk?), no ahci, "
      "neither as a module nor built in, hint: take another kernel (`package` in [kernel]), or take the names out of "
      "`required_modules`");
}

TEST_CASE("a broken module stops the build") {
  KernelWorld world;
  world.add_file("usr/lib/modules/6.1.0-9-amd64/kernel/fs/bad.ko", "no ELF");
  CHECK(error_text([&] { read_modules(world.tree, world.kernel); }) ==
        "reading the kernel module /usr/lib/modules/6.1.0-9-amd64/kernel/fs/bad.ko: it is no 64-bit little-endian ELF "
        "file");
}

TEST_CASE("depmod's indexes name the modules, and the same modules give the same bytes") {
  KernelWorld first, second;
  for (KernelWorld* world : {&first, &second}) write_module_indexes(world->tree, world->kernel, world->input());
  const std::string aliases = first.tree.read(first.kernel.modules / "modules.alias");
  CHECK(aliases.find("alias virtio:d00000002v* virtio_blk\n") != std::string::npos);
  int indexes = 0;
  for (const auto& [path, node] : first.tree.nodes()) {
    if (path.parent() != first.kernel.modules || node->type != NodeType::regular) continue;
    ++indexes;
    CAPTURE(path.str());
    CHECK(second.tree.read(path) == node->content.read());
  }
  CHECK(indexes >= 10);
  CHECK(first.tree.find("usr/lib/modules/6.1.0-9-amd64/modules.dep")->mtime == SmallWorld::time);
}

TEST_CASE("indexes made again name the modules that are left") {
  KernelWorld world;
  write_module_indexes(world.tree, world.kernel, world.input());
  world.tree.remove(world.kernel.modules / "kernel/sound");
  write_module_indexes(world.tree, world.kernel, world.input());
  const std::string dependencies = world.tree.read(world.kernel.modules / "modules.dep");
  CHECK(dependencies.find("virtio_blk.ko") != std::string::npos);
  CHECK(dependencies.find("snd.ko") == std::string::npos);
}

TEST_CASE("the drivers' archive holds busybox, its modules with their indexes, and nothing else of the root") {
  KernelWorld world;
  world.recipe.kernel.initramfs_modules = {"virtio_net"};
  world.add_file("bin/busybox", "busybox", 0755);
  world.add_file("etc/modprobe.d/x.conf", "options md_mod start_ro=1\n");
  world.add_file("etc/passwd", "root");
  const Tree tree = make_drivers_tree(world.tree, world.kernel, world.input());
  CHECK(tree.find("bin/sh")->target == "busybox");
  CHECK(tree.read("bin/busybox") == "busybox");
  CHECK(tree.read("etc/modprobe.d/x.conf") == "options md_mod start_ro=1\n");
  CHECK(tree.find("etc/passwd") == nullptr);
  CHECK(tree.find("init") == nullptr);
  CHECK(tree.find("dev/console")->device_minor == 1);
  const TreePath modules = "lib/modules/6.1.0-9-amd64";
  CHECK(tree.read(modules / "modules.alias").find("virtio_net") != std::string::npos);
  CHECK(tree.read(modules / "modules.alias").find("virtio_blk") == std::string::npos);
  CHECK(tree.find(modules / "kernel/drivers/net/net_failover.ko") != nullptr);
  CHECK(tree.find(modules / "kernel/drivers/block/virtio_blk.ko") == nullptr);
}

TEST_CASE("the init's archive holds the init and the boot configuration, and nothing else") {
  const KernelWorld world;
  const Tree tree = make_init_tree("the init", "build_id=1\n", *world.spool, 1'700'000'000);
  CHECK(tree.read("init") == "the init");
  CHECK(tree.find("init")->mode == 0755);
  CHECK(tree.find("init")->mtime == 1'700'000'000);
  CHECK(tree.read("etc/lifeboat/boot.conf") == "build_id=1\n");
  CHECK(tree.nodes().size() == 5);  // with /, /etc and /etc/lifeboat
}

TEST_CASE("an image without busybox cannot have an initramfs") {
  KernelWorld world;
  CHECK(error_text([&] { make_drivers_tree(world.tree, world.kernel, world.input()); }) ==
        "making the initramfs: the image has no /bin/busybox, hint: add the package busybox-static to the recipe");
}

TEST_CASE("the init is no file of the root, and `rescue` leads to where it will be") {
  KernelWorld world;
  link_to_init(world.tree, world.input(), "usr/lib/lifeboat/lifeboat-init");
  CHECK(world.tree.find("usr/lib/lifeboat")->type == NodeType::directory);
  CHECK(world.tree.find("usr/lib/lifeboat/lifeboat-init") == nullptr);
  for (const char* name : {"rescue", "poweroff", "reboot", "halt"})
    CHECK(world.tree.find(TreePath("usr/sbin") / name)->target == "/usr/lib/lifeboat/lifeboat-init");
}

}  // namespace
}  // namespace lifeboat
