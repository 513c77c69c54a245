#include "init/boot/place.hpp"

#include "init/boot/medium_choice.hpp"
#include "init/contract/text.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

std::string to_text(const Place& place) {
  std::string text = "pci";
  for (const std::string& address : place.pci) text += " " + address;
  std::string ports;
  for (const unsigned port : place.usb) ports += (ports.empty() ? " usb " : ".") + std::to_string(port);
  text += ports;
  if (place.ata_port) text += " ata " + std::to_string(*place.ata_port);
  if (place.ata_device) text += ":" + std::to_string(*place.ata_device);
  if (place.scsi)
    text += " scsi " + std::to_string(place.scsi->channel) + ":" + std::to_string(place.scsi->target) + ":" +
            std::to_string(place.scsi->lun);
  if (place.nvme_namespace) text += " nvme " + std::to_string(*place.nvme_namespace);
  return text;
}

/// "/devices/... ata_port 3"
std::optional<Place> disk_place(std::string_view line) {
  const auto words = contract::split_words(line, " ");
  std::optional<unsigned> port;
  if (words.size() == 3) port = static_cast<unsigned>(*contract::parse_number(words[2], 1000));
  return place_of_disk(words[0], port);
}

struct Recorded {
  std::string name, line, expected;
  Place firmware, disk;
};

std::vector<Recorded> recorded() {
  std::vector<Recorded> all;
  for (const auto& one : test::read_cases("places.txt")) {
    const auto lines = contract::split_words(one.input, "\n");
    REQUIRE(lines.size() == 2);
    const auto firmware = place_in_boot_order(lines[0]);
    const auto disk = disk_place(lines[1]);
    INFO(one.name);
    REQUIRE(firmware);
    REQUIRE(disk);
    all.push_back({one.name, std::string(lines[0]), one.expected, *firmware, *disk});
  }
  return all;
}

TEST_CASE("a line of the boot order and a sysfs path name the same place") {
  for (const Recorded& one : recorded()) {
    INFO(one.name);
    CHECK(to_text(one.disk) == one.expected);
    CHECK(leads_to(one.firmware, one.disk));
  }
}

TEST_CASE("a line of the boot order leads to its own disk alone") {
  const auto all = recorded();
  for (const Recorded& firmware : all)
    for (const Recorded& disk : all) {
      INFO(firmware.name << " / " << disk.name);
      CHECK(leads_to(firmware.firmware, disk.disk) == (firmware.name == disk.name));
    }
}

TEST_CASE("what is no disk on a PCI bus, or broken, is no place") {
  for (const char* line : {"", "/", "/rom@genroms/linuxboot_dma.bin", "HALT", "/pci@i0cf8", "/pci@i0cf8/scsi@",
                           "/pci@i0cf8/scsi@zz/disk@0,0", "/pci@i0cf8/scsi@20/disk@0,0", "/pci@i0cf8/scsi@3,8/disk@0,0",
                           "/pci@i0cf8/scsi@3,1,1/disk@0,0", "/pci@i0cf8/scsi@3/channel@0/disk@1",
                           "/pci@i0cf8/ide@1,1/drive@0/disk@0,0", "/pci@i0cf8/ide@1,1/drive@/disk@0",
                           "/pci@i0cf8/ethernet@3/ethernet-phy@0", "/pci@i0cf8/scsi@ffffffffff/disk@0,0"}) {
    INFO(line);
    CHECK_FALSE(place_in_boot_order(line));
  }
  CHECK_FALSE(place_of_disk("/devices/virtual/block/loop0", std::nullopt));
  CHECK_FALSE(place_of_disk("", std::nullopt));
}

/// An EFI_LOAD_OPTION from nodes written as "TYPE SUBTYPE DATA..." in hexadecimal bytes.
std::string load_option(const std::vector<std::string>& nodes) {
  std::string path;
  for (const std::string& node : nodes) path += node;
  path += std::string("\x7f\xff\x04\x00", 4);
  std::string option("\x01\x00\x00\x00", 4);
  option += static_cast<char>(path.size() & 0xff);
  option += static_cast<char>(path.size() >> 8);
  return option + std::string("U\0E\0F\0I\0\0\0", 10) + path + "optional data";
}

std::string node(std::string_view type_and_data) {
  std::string bytes(type_and_data.substr(0, 2));
  const std::size_t size = type_and_data.size() + 2;
  bytes += static_cast<char>(size);
  bytes += '\0';
  return bytes + std::string(type_and_data.substr(2));
}

const std::string root_bridge = node(std::string_view("\2\1\xd0\x41\x03\x0a\0\0\0\0", 10));
std::string pci(char device, char function) { return node(std::string{'\1', '\1', function, device}); }

std::string option_text(const std::vector<std::string>& nodes) {
  const auto place = place_in_boot_option(load_option(nodes));
  return place ? to_text(*place) : "none";
}

TEST_CASE("UEFI's boot entries name places on every bus") {
  CHECK(option_text({root_bridge, pci(5, 0)}) == "pci 05.0");
  CHECK(option_text({root_bridge, pci(2, 0), pci(0, 0)}) == "pci 02.0 00.0");
  CHECK(option_text({root_bridge, pci(3, 0), node(std::string_view("\3\2\1\0\2\0", 6))}) == "pci 03.0 scsi 0:1:2");
  CHECK(option_text({root_bridge, pci(0x1f, 2), node(std::string_view("\3\x12\2\0\xff\xff\0\0", 8))}) ==
        "pci 1f.2 ata 2");
  CHECK(option_text({root_bridge, pci(1, 1), node(std::string_view("\3\1\1\0\0\0", 6))}) == "pci 01.1 ata 1:0");
  CHECK(option_text({root_bridge, pci(4, 0), node(std::string_view("\3\x17\1\0\0\0\0\0\0\0\0\0\0\0", 14))}) ==
        "pci 04.0 nvme 1");
  CHECK(option_text({root_bridge, pci(6, 0), node(std::string_view("\3\5\1\0", 4)),
                     node(std::string_view("\3\5\2\0", 4))}) == "pci 06.0 usb 2.3");
}

TEST_CASE("a partition and a file behind a disk change nothing, a network card is no place") {
  CHECK(option_text({root_bridge, pci(5, 0), node(std::string_view("\4\1", 2)), node("\4\4x")}) == "pci 05.0");
  CHECK(option_text({root_bridge, pci(5, 0), node("\3\x0bmac")}) == "none");
  CHECK(option_text({node("\4\1a short path that begins with a partition")}) == "none");
  CHECK(option_text({pci(5, 0), root_bridge}) == "none");
  CHECK(option_text({}) == "none");
}

TEST_CASE("a boot entry that is cut off anywhere is no crash and no other place") {
  const std::string whole = load_option({root_bridge, pci(3, 0), node(std::string_view("\3\2\1\0\2\0", 6))});
  for (std::size_t size = 0; size < whole.size(); ++size)
    if (const auto place = place_in_boot_option(std::string_view(whole).substr(0, size)))
      CHECK(place->pci == std::vector<std::string>{"03.0"});
  const std::string with_file = load_option({root_bridge, pci(3, 0), node("\4\4a file")});
  const std::size_t tail = sizeof "optional data" - 1 + 4;  // and the path's end
  CHECK(place_in_boot_option(with_file));
  CHECK_FALSE(place_in_boot_option(std::string_view(with_file).substr(0, with_file.size() - tail - 1)));
  std::string endless = whole;
  endless[4 + 2 + 10 + 2] = 0;  // a node of no length
  endless[4 + 2 + 10 + 3] = 0;
  CHECK_FALSE(place_in_boot_option(endless));
}

MediumCandidate candidate(const std::string& name, const std::string& position, bool optical = false) {
  return {name, place_of_disk(position, std::nullopt), optical};
}

const std::vector<MediumCandidate> copies{
    candidate("vda", "/devices/pci0000:00/0000:00:04.0/virtio1/block/vda"),
    candidate("vdb", "/devices/pci0000:00/0000:00:05.0/virtio2/block/vdb"),
    candidate("sr0", "/devices/pci0000:00/0000:00:06.0/virtio3/host2/target2:0:0/2:0:0:0/block/sr0", true)};

TEST_CASE("of copies the first that the boot order leads to was started") {
  const BootEvidence evidence{std::nullopt,
                              "/rom@genroms/linuxboot_dma.bin\n/pci@i0cf8/scsi@9/disk@0,0\n"
                              "/pci@i0cf8/scsi@5/disk@0,0\n/pci@i0cf8/scsi@4/disk@0,0"};
  const MediumChoice choice = choose_medium(copies, evidence);
  CHECK(copies[choice.index].name == "vdb");
  CHECK(choice.evidence == "the first in the firmware's boot order, /pci@i0cf8/scsi@5/disk@0,0");
}

TEST_CASE("a disk that firmware names first and that is not there yet is waited for") {
  const Place first = *place_of_disk("/devices/pci0000:00/0000:00:04.0/virtio1/block/vda", std::nullopt);
  const Place other = *place_of_disk("/devices/pci0000:00/0000:00:09.0/virtio1/block/vdx", std::nullopt);
  const std::string stick = "/pci@i0cf8/usb@8/storage@1/channel@0/disk@0,0", disk = "/pci@i0cf8/scsi@4/disk@0,0",
                    foreign = "/pci@i0cf8/scsi@9/disk@0,0";
  CHECK(names_one_on_its_way(copies, {first}, {std::nullopt, stick + "\n" + disk}));
  CHECK_FALSE(names_one_on_its_way(copies, {first}, {std::nullopt, disk + "\n" + stick}));
  CHECK(names_one_on_its_way(copies, {first}, {std::nullopt, foreign + "\n" + disk}));
  CHECK_FALSE(names_one_on_its_way(copies, {first, other}, {std::nullopt, foreign + "\n" + disk}));
  CHECK(names_one_on_its_way(copies, {first}, {place_in_boot_option(load_option({root_bridge, pci(9, 0)})), disk}));
  CHECK_FALSE(names_one_on_its_way(copies, {first}, {}));
}

TEST_CASE("the entry that UEFI started counts more than the order in which it was to try") {
  const BootEvidence evidence{place_in_boot_option(load_option({root_bridge, pci(4, 0)})),
                              "/pci@i0cf8/scsi@5/disk@0,0"};
  CHECK(copies[choose_medium(copies, evidence).index].name == "vda");
}

TEST_CASE("without evidence a CD comes before a disk, and it is a guess") {
  const MediumChoice choice = choose_medium(copies, {});
  CHECK(copies[choice.index].name == "sr0");
  CHECK(choice.evidence.empty());
  CHECK_FALSE(choose_by_evidence(copies, {std::nullopt, "/pci@i0cf8/scsi@9/disk@0,0"}));
}

TEST_CASE("what the worker says of the firmware is read back, broken or not") {
  const std::string option = load_option({root_bridge, pci(4, 0)});
  const BootEvidence read = parse_boot_evidence("a\nb" + std::string(1, '\0') + option);
  CHECK(read.boot_order == "a\nb");
  REQUIRE(read.boot_option);
  CHECK(to_text(*read.boot_option) == "pci 04.0");
  CHECK_FALSE(parse_boot_evidence("").boot_option);
}

}  // namespace
}  // namespace lifeboat::init
