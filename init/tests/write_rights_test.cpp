// Who asked to write to which device, and what becomes of it.
#include "init/sys/write_rights.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "builder/base/file.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;

namespace {

using Names = std::vector<std::string>;

void change(const std::string& folder, const std::function<void(WriteRights&)>& what) {
  REQUIRE(change_write_rights(what, folder));
}

}  // namespace

TEST_CASE("a right that two asked for ends with the second of them, and nobody ends another's") {
  const TempDir folder("/tmp", "rights");
  const std::string place = folder.path().string();
  const WriteRight person{"vda1", owner_write}, session{"vda1", owner_mount}, program{"vda1", "pid-7"};
  const auto ever = std::vector<WrittenDevice>{{"vda1", 12}};
  for (const WriteRight& right : {person, program, person})
    change(place, [&](WriteRights& rights) { rights.add(right, 12); });
  change(place, [&](WriteRights& rights) { rights.remove(program); });
  change(place, [&](WriteRights& rights) { rights.remove(program); });
  change(place, [&](WriteRights& rights) { rights.remove(session); });  // it never had one
  CHECK(read_write_rights(place) == WriteRights{{person}, ever});
  change(place, [&](WriteRights& rights) { rights.remove(person); });
  CHECK(read_write_rights(place) == WriteRights{{}, ever});
}

TEST_CASE("a disk that is gone takes the rights to it along, and no other's; what was asked for stays known") {
  const TempDir folder("/tmp", "rights");
  const std::string place = folder.path().string();
  change(place, [](WriteRights& rights) {
    for (const char* name : {"sda", "sda1", "sda12", "sdab", "sdab1", "nvme0n1p1"}) rights.add({name, owner_write}, 3);
    rights.add({"sda1", owner_mount}, 3);
  });
  for (const char* disk : {"sda", "sdab", "nvme0n1"}) REQUIRE(add_protected_by_us(disk, place));
  REQUIRE(forget_disk("sda", place));
  CHECK(read_write_rights(place).devices() == Names{"sdab", "sdab1", "nvme0n1p1"});
  CHECK(read_protected_by_us(place) == Names{"sdab", "nvme0n1"});
  REQUIRE(forget_disk("nvme0n1", place));
  CHECK(read_write_rights(place).devices() == Names{"sdab", "sdab1"});
  CHECK(read_write_rights(place).ever.size() == 6);
  CHECK(read_write_rights(place).ever[2] == WrittenDevice{"sda12", 3});
}

TEST_CASE("a disk that nobody asked for is forgotten without a trace in the rights, also where none were ever noted") {
  const TempDir folder("/tmp", "rights");
  const std::string place = folder.path().string();
  CHECK(forget_disk("loop0", place));
  CHECK(forget_disk("loop0", "/nonexistent"));
  CHECK(::access((folder.path() / "writable").c_str(), F_OK) != 0);
}

TEST_CASE("partitions are told by the kernel's names") {
  CHECK(is_part_of("sda", "sda"));
  CHECK(is_part_of("sda15", "sda"));
  CHECK(is_part_of("nvme0n1p2", "nvme0n1"));
  CHECK_FALSE(is_part_of("sdab", "sda"));
  CHECK_FALSE(is_part_of("sdap1", "sda"));
  CHECK_FALSE(is_part_of("nvme0n12", "nvme0n1"));
  CHECK_FALSE(is_part_of("nvme0n1p", "nvme0n1"));
  CHECK_FALSE(is_part_of("sda", "sda1"));
  CHECK_FALSE(is_part_of("sda", ""));
}

TEST_CASE("rights and protections that several note at the same time are all kept") {
  const TempDir folder("/tmp", "rights");
  const std::string place = folder.path().string();
  constexpr int writers = 4, names_each = 8;  // far from the patience, also under sanitizers
  const auto name = [](int writer, int i) { return "w" + std::to_string(writer) + "d" + std::to_string(i); };
  for (int writer = 0; writer < writers; ++writer) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid != 0) continue;
    bool good = true;
    for (int i = 0; i < names_each; ++i) {
      const auto add = [&](WriteRights& rights) { rights.add({name(writer, i), owner_write}, 0); };
      good = change_write_rights(add, place) && add_protected_by_us(name(writer, i), place) && good;
    }
    ::_exit(good ? 0 : 1);
  }
  for (int writer = 0; writer < writers; ++writer) {
    int status = 0;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
  CHECK(read_write_rights(place).now.size() == writers * names_each);
  CHECK(read_protected_by_us(place).size() == writers * names_each);
}
