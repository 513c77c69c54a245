// Which volumes have a cache below them, by LVM's text: of a thin volume it is its pool's data that are cached.
#include <map>

#include "init/disk/lvm_groups.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

/// As LVM 2.03 writes it, without what nothing here reads.
std::string volume_text(const std::string& name, bool visible, const std::string& segment) {
  return name + " {\nid = \"" + name + "\"\nstatus = [\"READ\", \"WRITE\"" + (visible ? ", \"VISIBLE\"" : "") +
         "]\nsegment_count = 1\nsegment1 {\nstart_extent = 0\nextent_count = 4\n" + segment + "}\n}\n";
}

const std::string striped = "type = \"striped\"\nstripe_count = 1\nstripes = [\"pv0\", 0]\n";

std::string group_text(const std::string& volumes) {
  return "vg {\nid = \"G\"\nseqno = 1\nformat = \"lvm2\"\nstatus = [\"READ\", \"WRITE\"]\nextent_size = 8192\n"
         "physical_volumes {\npv0 {\nid = \"P\"\ndev_size = 409600\npe_start = 2048\npe_count = 49\n}\n}\n"
         "logical_volumes {\n" +
         volumes + "}\n}\n";
}

std::map<std::string, bool> cached_volumes(const std::string& volumes) {
  const auto text = parse_lvm_group(group_text(volumes));
  REQUIRE(text);
  Piece piece;
  piece.device = "/dev/vda";
  piece.disk = "vda";
  piece.lvm = LvmLabel{"P", *text, ""};
  const auto sets = assemble_groups({piece}, CopyChoice{{"vda"}, "", {}, {}});
  REQUIRE(sets.size() == 1);
  std::map<std::string, bool> cached;
  for (const LogicalVolume& volume : sets[0].group.volumes) cached[volume.name] = volume.cached;
  return cached;
}

TEST_CASE("a volume with a cache is known, and one beside it is none") {
  const std::string cache = "type = \"cache+CACHE_USES_CACHEVOL\"\ncache_pool = \"fast\"\norigin = \"root_corig\"\n";
  CHECK(cached_volumes(volume_text("root", true, cache) + volume_text("root_corig", false, striped) +
                       volume_text("fast", false, striped) + volume_text("home", true, striped)) ==
        std::map<std::string, bool>{{"home", false}, {"root", true}});
}

TEST_CASE("a thin volume whose pool's data have a cache is one that only opens for writing") {
  const std::string pool = "type = \"thin-pool\"\nmetadata = \"pool_tmeta\"\npool = \"pool_tdata\"\n";
  const std::string cache = "type = \"cache\"\ncache_pool = \"fast\"\norigin = \"pool_tdata_corig\"\n";
  const std::string thin = "type = \"thin\"\nthin_pool = \"pool\"\n";
  const auto volumes = [&](const std::string& data) {
    return cached_volumes(volume_text("root", true, thin) + volume_text("pool", true, pool) +
                          volume_text("pool_tmeta", false, striped) + volume_text("pool_tdata", false, data) +
                          volume_text("pool_tdata_corig", false, striped) + volume_text("fast", false, striped));
  };
  CHECK(volumes(cache) == std::map<std::string, bool>{{"pool", true}, {"root", true}});
  CHECK(volumes(striped) == std::map<std::string, bool>{{"pool", false}, {"root", false}});
}

TEST_CASE("volumes that name each other in a circle have no cache") {
  const std::string thin = "type = \"thin\"\nthin_pool = \"root\"\n";
  CHECK(cached_volumes(volume_text("root", true, thin)) == std::map<std::string, bool>{{"root", false}});
}

}  // namespace
}  // namespace lifeboat::init
