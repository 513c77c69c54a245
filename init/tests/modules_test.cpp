#include "init/sys/modules.hpp"

#include <unistd.h>

#include "builder/base/file.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/uevent.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;

namespace {

/// depmod's indexes, as Debian 12 has them.
struct Folder {
  TempDir folder{"/tmp", "modules"};
  Folder() {
    put("modules.dep",
        "kernel/drivers/virtio/virtio_pci.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko\n"
        "kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko\nkernel/drivers/virtio/virtio_ring.ko:\n"
        "kernel/drivers/net/xen-netfront.ko:\nkernel/drivers/acpi/button.ko:\n");
    put("modules.alias",
        "# Aliases extracted from modules themselves.\nalias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci\n"
        "alias pci:v00008086d0000100Esv*sd*bc*sc*i* e1000\nalias acpi*:LNXPWRBN:* button\n"
        "alias virtio:d00000001v* virtio_net\nalias xen:vif xen_netfront\nalias broken\n");
    put("modules.builtin", "kernel/fs/ext4/ext4.ko\n");
    put("modules.softdep", "softdep virtio_pci pre: virtio-ring post: other\n");
  }
  void put(const std::string& name, const std::string& content) const {
    REQUIRE(write_file((folder.path() / name).string(), content));
  }
  Modules open() const {
    auto modules = Modules::open(folder.path().string(), {});
    REQUIRE(modules);
    return std::move(*modules);
  }
};

}  // namespace

TEST_CASE("a device's alias finds its modules by the patterns of modules.alias") {
  const Folder folder;
  Modules modules = folder.open();
  const auto matching = [&](const char* alias) { return modules.matching(alias); };
  CHECK(matching("pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00") == std::vector<std::string>{"virtio_pci"});
  CHECK(matching("pci:v00008086d0000100Esv00001AF4sd00001100bc02sc00i00") == std::vector<std::string>{"e1000"});
  CHECK(matching("acpi:LNXPWRBN:") == std::vector<std::string>{"button"});
  CHECK(matching("xen:vif") == std::vector<std::string>{"xen_netfront"});
  CHECK(matching("xen:vbd").empty());
  CHECK(matching("virtio:d00000002v00001AF4").empty());
  CHECK(matching("").empty());
}

TEST_CASE("a module that is built in is there, one that the image lacks is a failure that names it") {
  const Folder folder;
  Modules modules = folder.open();
  CHECK(modules.load("ext4"));
  CHECK(modules.load("squashfs").error() == "loading the module squashfs: the image does not have it");
}

TEST_CASE("of modules asked for by name it is told apart which were only wished for") {
  const Folder folder;
  Modules modules = folder.open();
  const NamedFailures failures = modules.load_by_name({"squashfs", "ext4"}, {"sd_mod", "ext4"});
  REQUIRE(failures.wanted.size() == 1);
  CHECK(failures.wanted[0].what == "loading the module squashfs: the image does not have it");
  REQUIRE(failures.optional.size() == 1);
  CHECK(failures.optional[0].what == "loading the module sd_mod: the image does not have it");
}

TEST_CASE("a module file that cannot be loaded is named with the reason, by either spelling") {
  const Folder folder;
  Modules modules = folder.open();
  const std::string path = folder.folder.path().string() + "/kernel/drivers/net/xen-netfront.ko";
  CHECK(modules.load("xen-netfront").error() == "opening " + path + ": No such file or directory");
}

TEST_CASE("a module that is on its way is not there yet: its folder comes before its init function has run") {
  const TempDir folder("/tmp", "modules");
  const std::string root = folder.path().string();
  const auto state = [&](const char* name) { return module_state(name, root); };
  CHECK(state("isofs") == ModuleState::none);
  REQUIRE(make_folders(root + "/isofs"));
  CHECK(state("isofs") == ModuleState::begun);
  for (const char* on_its_way : {"coming\n", "going\n"}) {
    REQUIRE(write_file(root + "/isofs/initstate", on_its_way));
    CHECK(state("isofs") == ModuleState::begun);
  }
  REQUIRE(write_file(root + "/isofs/initstate", "live\n"));
  CHECK(state("isofs") == ModuleState::live);
}

TEST_CASE("a folder without indexes is a failure") {
  const TempDir folder("/tmp", "modules");
  const std::string path = folder.path().string();
  CHECK(Modules::open(path, {}).error() == "opening " + path + "/modules.dep: No such file or directory");
}

TEST_CASE("modprobe's settings are read from *.conf alone") {
  const TempDir folder("/tmp", "modprobe");
  REQUIRE(
      write_file((folder.path() / "a.conf").string(),
                 "# comment\nblacklist foo-bar\n  options md_mod start_ro=1 x=2\ninstall evil /bin/sh\nblacklist\n"));
  REQUIRE(write_file((folder.path() / "b.txt").string(), "blacklist other\n"));
  const auto settings = read_module_settings({folder.path().string(), "/nonexistent"});
  CHECK(settings.blacklist == std::set<std::string>{"foo_bar"});
  CHECK(settings.parameters ==
        std::vector<std::pair<std::string, std::string>>{{"md_mod", "start_ro=1"}, {"md_mod", "x=2"}});
}

TEST_CASE("the aliases of all devices are found, links not followed") {
  const TempDir folder("/tmp", "devices");
  const std::string root = folder.path().string();
  REQUIRE(make_folders(root + "/pci0000:00/0000:00:01.0"));
  REQUIRE(write_file(root + "/pci0000:00/0000:00:01.0/modalias", "pci:v1\n"));
  REQUIRE(write_file(root + "/pci0000:00/modalias", "acpi:PNP0A03:\n"));
  REQUIRE(::symlink(root.c_str(), (root + "/pci0000:00/subsystem").c_str()) == 0);
  CHECK(find_device_aliases(root) == std::set<std::string>{"acpi:PNP0A03:", "pci:v1"});
}

TEST_CASE("a kernel's uevent is read, udevd's messages and broken ones are not") {
  using namespace std::string_literals;
  const auto event = parse_uevent(
      "add@/devices/x/block/vda\0ACTION=add\0DEVPATH=/devices/x/block/vda\0SUBSYSTEM=block\0"
      "DEVTYPE=disk\0DEVNAME=vda\0SEQNUM=7\0MODALIAS=a:b\0"s);
  REQUIRE(event);
  CHECK(event->action == "add");
  CHECK(event->path == "/devices/x/block/vda");
  CHECK(event->subsystem == "block");
  CHECK(event->type == "disk");
  CHECK(event->node == "vda");
  CHECK(event->alias == "a:b");
  for (const std::string& broken : {""s, "add@/x"s, "libudev\0ACTION=add\0DEVPATH=/x\0"s, "add@/x\0ACTION=add\0"s,
                                    "\0\0\0"s, "add@/x\0ACTION\0DEVPATH\0"s})
    CHECK_FALSE(parse_uevent(broken));
}
