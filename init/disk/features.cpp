#include "init/disk/features.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <span>

namespace lifeboat::init {
namespace {

enum Set { compat, ro_compat, incompat };

/// A feature that not every image knows; what is older than Linux 5.10 has no row but a bit in `old`.
struct Feature {
  Set set;
  std::uint64_t bit;
  const char* name;
  Version kernel;  ///< the first that has it; {}: none has, so it keeps every kernel from it
  Version tools;
};

struct Kind {
  const char* title;
  const char* tools;
  FeatureBits old;
  std::span<const Feature> features;
};

// linux/fs/ext4/ext4.h; e2fsprogs: lib/e2p/feature.c and its release notes.
constexpr Feature ext_features[] = {
    {compat, 0x400, "fast_commit", {5, 10}, {1, 46}},
    {compat, 0x800, "stable_inodes", {5, 5}, {1, 46}},
    {compat, 0x1000, "orphan_file", {5, 15}, {1, 47}},
    {ro_compat, 0x4000, "shared_blocks", {}, {1, 45}},
    {ro_compat, 0x10000, "orphan_present", {5, 15}, {1, 47}},
    {incompat, 0x1, "compression", {}, {}},
    {incompat, 0x1000, "dirdata", {}, {}},
};
// linux/fs/xfs/libxfs/xfs_format.h
constexpr Feature xfs_features[] = {
    {ro_compat, 0x8, "inobtcount", {5, 10}, {5, 10}},  {incompat, 0x8, "bigtime", {5, 10}, {5, 10}},
    {incompat, 0x10, "needsrepair", {5, 10}, {5, 10}}, {incompat, 0x20, "nrext64", {5, 19}, {5, 19}},
    {incompat, 0x40, "exchange", {6, 10}, {6, 10}},    {incompat, 0x80, "parent", {6, 10}, {6, 10}},
    {incompat, 0x100, "metadir", {6, 13}, {6, 13}},    {incompat, 0x200, "zoned", {6, 15}, {6, 15}},
    {incompat, 0x400, "zone_gaps", {6, 15}, {6, 15}},
};
// linux/include/uapi/linux/btrfs.h
constexpr Feature btrfs_features[] = {
    {ro_compat, 0x4, "verity", {5, 15}, {5, 15}},           {ro_compat, 0x8, "block_group_tree", {6, 1}, {6, 1}},
    {incompat, 0x1000, "zoned", {5, 12}, {5, 12}},          {incompat, 0x2000, "extent_tree_v2", {}, {}},
    {incompat, 0x4000, "raid_stripe_tree", {6, 7}, {6, 7}}, {incompat, 0x10000, "simple_quota", {6, 7}, {6, 7}},
};

constexpr Kind ext_kind = {"ext4", "e2fsprogs", {0x3ff, 0xb77f, 0x3e7de}, ext_features};
constexpr Kind xfs_kind = {"XFS", "xfsprogs", {~std::uint64_t{0}, 0x7, 0x7}, xfs_features};
constexpr Kind btrfs_kind = {"btrfs", "btrfs-progs", {~std::uint64_t{0}, 0x3, 0xfff}, btrfs_features};

std::string text(const Version& version) {
  return std::to_string(version.major_number) + "." + std::to_string(version.minor_number);
}

/// What some features have in common: what they keep from being done.
class Trouble {
 public:
  void add(const std::string& name, const Version& needed) {
    names_ += (names_.empty() ? "" : ", ") + name;
    ++count_;
    none_ = none_ || needed == Version{};
    needed_ = std::max(needed_, needed);
  }
  /// "its XFS features exchange, parent need Linux 6.10; this kernel (6.1) cannot mount it"; empty: there are none.
  std::string line(const std::string& title, const std::string& what, const std::string& consequence) const {
    if (count_ == 0) return {};
    const std::string features = "its " + title + (count_ == 1 ? " feature " : " features ") + names_;
    const std::string need = none_ ? (count_ == 1 ? " is not known" : " are not all known")
                                   : (count_ == 1 ? " needs " : " need ") + what + " " + text(needed_);
    return features + need + ": " + consequence;
  }

 private:
  std::string names_;
  int count_ = 0;
  bool none_ = false;
  Version needed_;
};

struct Troubles {
  Trouble mount, write, check;
};

std::string unknown_name(Set set, std::uint64_t bit) {
  constexpr const char* sets[] = {"compat", "ro_compat", "incompat"};
  char name[40];
  std::snprintf(name, sizeof name, "%s:0x%llx", sets[set], static_cast<unsigned long long>(bit));
  return name;
}

void look_at_bit(const Kind& kind, Set set, std::uint64_t bit, const Version& kernel, const Version& tools,
                 Troubles& troubles) {
  const auto row = std::find_if(kind.features.begin(), kind.features.end(),
                                [&](const Feature& feature) { return feature.set == set && feature.bit == bit; });
  const bool known = row != kind.features.end();
  const std::string name = known ? row->name : unknown_name(set, bit);
  const Version needed_kernel = known ? row->kernel : Version{};
  const Version needed_tools = known ? row->tools : Version{};
  const bool kernel_knows = needed_kernel != Version{} && needed_kernel <= kernel;
  const bool tools_know = needed_tools != Version{} && needed_tools <= tools;
  if (!kernel_knows && set == incompat) troubles.mount.add(name, needed_kernel);
  if (!kernel_knows && set == ro_compat) troubles.write.add(name, needed_kernel);
  if (!tools_know) troubles.check.add(name, needed_tools);
}

void look_at_bits(const Kind& kind, Set set, std::uint64_t bits, const Version& kernel, const Version& tools,
                  Troubles& troubles) {
  for (unsigned i = 0; i < 64; ++i)
    if (const std::uint64_t bit = std::uint64_t{1} << i; (bits & bit) != 0)
      look_at_bit(kind, set, bit, kernel, tools, troubles);
}

}  // namespace

ImageVersions versions_here() {
  ImageVersions versions;
  utsname names{};
  if (::uname(&names) != 0) return versions;
  const std::string_view release = names.release;
  const char* const end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, versions.kernel.major_number);
  if (major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, versions.kernel.minor_number);
  return versions;
}

std::vector<std::string> feature_trouble(std::string_view type, const FeatureBits& bits, const ImageVersions& here) {
  const bool ext = type.starts_with("ext");
  const Kind& kind = ext ? ext_kind : type == "xfs" ? xfs_kind : btrfs_kind;
  const Version tools = ext ? here.e2fsprogs : type == "xfs" ? here.xfsprogs : here.btrfs_progs;
  Troubles troubles;
  look_at_bits(kind, compat, bits.compat & ~kind.old.compat, here.kernel, tools, troubles);
  look_at_bits(kind, ro_compat, bits.ro_compat & ~kind.old.ro_compat, here.kernel, tools, troubles);
  look_at_bits(kind, incompat, bits.incompat & ~kind.old.incompat, here.kernel, tools, troubles);
  const std::string kernel = "this kernel (" + text(here.kernel) + ")";
  std::vector<std::string> lines = {
      troubles.mount.line(kind.title, "Linux", kernel + " cannot mount it; take a newer rescue image"),
      troubles.write.line(kind.title, "Linux", kernel + " can mount it read-only alone"),
      troubles.check.line(kind.title, kind.tools,
                          std::string(kind.tools) + " " + text(tools) + " here can neither check nor repair it"),
  };
  std::erase(lines, "");
  return lines;
}

}  // namespace lifeboat::init
