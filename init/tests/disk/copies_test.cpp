// Which of several devices that bear one member of a RAID, or one physical volume, is taken.
#include "init/disk/copies.hpp"

#include <deque>

#include "init/tests/disk/layers_machine.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

/// Bearers as "sda1 0 7": device, member, age.
class Made {
 public:
  Made& add(const std::string& name, const std::string& member, std::uint64_t age) {
    Piece piece;
    piece.device = "/dev/" + name;
    piece.disk = name.substr(0, 3);
    pieces_.push_back(std::move(piece));
    bearers_.push_back({&pieces_.back(), member, age});
    return *this;
  }
  Copies choose(const std::vector<std::string>& named = {}, const std::string& own = "",
                const std::vector<std::string>& open = {}) const {
    return choose_copy(bearers_, {{"sda", "sdb", "sdc", "sdd"}, own, named, open}, "member");
  }

 private:
  std::deque<Piece> pieces_;
  std::vector<Bearer> bearers_;
};

std::string devices(const std::vector<Bearer>& bearers) {
  std::string text;
  for (const Bearer& one : bearers) text += (text.empty() ? "" : " ") + one.piece->device.substr(5);
  return text;
}

/// A mirror on sda and sdb, copied to sdc and sdd.
Made mirror_twice(std::uint64_t age, std::uint64_t copy_age) {
  Made made;
  made.add("sda1", "0", age).add("sdb1", "1", age).add("sdc1", "0", copy_age).add("sdd1", "1", copy_age);
  return made;
}

}  // namespace

TEST_CASE("without clones everything is kept, and nothing is in doubt, whatever its age") {
  Made made;
  made.add("sda1", "0", 7).add("sdb1", "1", 3);
  const Copies copies = made.choose();
  CHECK(devices(copies.kept) == "sda1 sdb1");
  CHECK(copies.doubtful.empty());
  CHECK(copies.rivals.empty());
  CHECK(copies.doubt == "");
  CHECK(copies.care.empty());
}

TEST_CASE("of two equal copies nothing tells which is meant, nor what belongs together") {
  const Made made = mirror_twice(7, 7);
  const Copies copies = made.choose();
  CHECK(devices(copies.kept) == "sda1");
  CHECK(devices(copies.doubtful) == "sdb1");
  CHECK(copies.rivals == std::vector<std::string>{"/dev/sda1", "/dev/sdc1"});
  CHECK(copies.doubt ==
        "nothing tells whether /dev/sdb1 and /dev/sdd1, which are clones, belong to /dev/sda1 or to its clone");
  CHECK(copies.clones.size() == 2);
}

TEST_CASE("the copy that a person names is taken, alone where its fellows are not known") {
  const Made made = mirror_twice(7, 7);
  for (const std::string name : {"sda", "sdb", "sdc", "sdd"}) {
    const Copies copies = made.choose({name});
    CHECK(devices(copies.kept) == name + "1");
    CHECK(copies.doubtful.size() == 1);
    CHECK(copies.rivals.empty());
  }
  const Copies both = made.choose({"/dev/sdc1", "sdb"});
  CHECK(devices(both.kept) == "sdb1 sdc1");
  CHECK(both.doubt == "");
}

TEST_CASE("copies that changed since are told apart by their age, and never put together") {
  const Made made = mirror_twice(5, 7);
  const Copies newest = made.choose();
  CHECK(devices(newest.kept) == "sdc1 sdd1");
  CHECK(newest.rivals.empty());
  const Copies named = made.choose({"sdb"});
  CHECK(devices(named.kept) == "sda1 sdb1");
  CHECK(named.doubt == "");
  Made half;
  half.add("sda1", "0", 7).add("sdb1", "1", 7).add("sdc1", "0", 5);
  CHECK(devices(half.choose({"sdc"}).kept) == "sdc1");
  CHECK(half.choose({"sdc"}).doubtful.empty());
}

TEST_CASE("what lies on one disk belongs together") {
  Made made;
  made.add("sda1", "0", 7).add("sda2", "1", 7).add("sdb1", "0", 7).add("sdb2", "1", 7);
  CHECK(devices(made.choose({"sdb"}).kept) == "sdb1 sdb2");
  CHECK(made.choose({"sdb"}).doubt == "");
  CHECK(devices(made.choose({"/dev/sda2"}).kept) == "sda2 sda1");
}

TEST_CASE("the rescue medium's own parts are never taken unless a person names them, and are no rivals") {
  Made made;
  made.add("sda1", "0", 7).add("sdb1", "0", 7).add("sdc1", "1", 7);
  const Copies copies = made.choose({}, "sda");
  CHECK(devices(copies.kept) == "sdb1 sdc1");
  CHECK(copies.rivals.empty());
  CHECK(copies.doubt == "");
  CHECK(devices(made.choose({"sda"}, "sda").kept) == "sda1");
}

TEST_CASE("what is open is the copy that is meant; of a clone of it that is said") {
  const Made made = mirror_twice(7, 7);
  const Copies open = made.choose({}, "", {"/dev/sdc1", "/dev/sdd1"});
  CHECK(devices(open.kept) == "sdc1 sdd1");
  CHECK(open.rivals.empty());
  CHECK(open.other_open == "");
  CHECK(made.choose({"sda"}, "", {"/dev/sdc1"}).other_open == "/dev/sdc1");
}

TEST_CASE("of a group's clone that a person names the volumes are found on it alone") {
  const std::vector<std::string> disks = {"lvm-server-pv0", "lvm-server-pv1", "lvm-server-pv0", "lvm-server-pv1"};
  const auto group = [&](const std::vector<std::string>& named) {
    const DiskReport report = test::discover_golden(disks, "", named);
    REQUIRE(report.groups.size() == 1);
    for (const std::string& line : report.groups[0].care) UNSCOPED_INFO(line);
    return report.groups[0];
  };
  CHECK(test::member_words(group({}).physical_volumes) == "-1 vda active, -1 vdb in doubt");
  CHECK(group({}).rivals.size() == 2);
  CHECK(test::member_words(group({"vdc"}).physical_volumes) == "-1 vdc active, -1 vdb in doubt");
  CHECK(group({"vdc"}).rivals.empty());
  CHECK(test::member_words(group({"vdc", "vdd"}).physical_volumes) == "-1 vdc active, -1 vdd active");
  CHECK(group({"vdc", "vdd"}).doubt == "");
}

TEST_CASE("of a RAID that needs all its members nothing is put together as long as a clone's may be among them") {
  const std::vector<std::string> disks = {"raid0-1.1-slot0", "raid0-1.1-slot1", "raid0-1.1-slot0", "raid0-1.1-slot1"};
  const auto state = [&](const std::vector<std::string>& named) {
    return test::discover_golden(disks, "", named).arrays.at(0).state;
  };
  CHECK(state({}) == "incomplete");
  CHECK(state({"vdc"}) == "incomplete");
  CHECK(state({"vdc", "vdb"}) == "whole");
}

}  // namespace lifeboat::init
