#include "init/rescue/copy.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

struct RsyncRow {
  int status;
  std::string_view text;
  bool partly = false;
};

// rsync(1), "EXIT VALUES". 127 and 255 are ssh's and the shell's at the other end.
constexpr std::array rsync_rows{
    RsyncRow{1, "rsync did not understand its command line"},
    RsyncRow{2, "the rsync at the other end speaks another protocol"},
    RsyncRow{3, "a source or target cannot be opened\nhint: rsync's own words above say which"},
    RsyncRow{5, "the other end does not let us in or knows no such module"},
    RsyncRow{10, "the connection failed"},
    RsyncRow{11, "reading or writing failed; the target may be full\nhint: df -h; run it again to go on"},
    RsyncRow{12, "the connection broke\nhint: the other end needs rsync, too; run it again to go on"},
    RsyncRow{20, "interrupted\nhint: run it again to go on"},
    RsyncRow{23, "some files could not be copied whole\nhint: rsync's own words above name them", true},
    RsyncRow{24, "some files vanished while it ran", true},
    RsyncRow{25, "some files were left out", true},
    RsyncRow{30, "the other end did not answer in time\nhint: run it again to go on"},
    RsyncRow{35, "the other end did not answer in time\nhint: run it again to go on"},
    RsyncRow{127, "the other end has no rsync\nhint: install rsync there"},
    RsyncRow{255, "ssh could not connect\nhint: its own words above say why; `rescue network` shows this end"},
};

/// "0x1F00"
std::optional<std::uint64_t> parse_hex(std::string_view word) {
  if (!word.starts_with("0x") || word.size() < 3) return {};
  std::uint64_t value = 0;
  const auto end = std::from_chars(word.data() + 2, word.data() + word.size(), value, 16);
  if (end.ec != std::errc() || end.ptr != word.data() + word.size()) return {};
  return value;
}

/// One line "POSITION SIZE STATUS"; `end` is where the one before ended.
bool add_block(std::string_view line, RescueMap& map, std::uint64_t& end) {
  const auto words = contract::split_words(line, " \t");
  if (words.size() != 3 || words[2].size() != 1) return false;
  const auto position = parse_hex(words[0]), size = parse_hex(words[1]);
  if (!position || !size || *size == 0 || *position != end || *size > UINT64_MAX - end) return false;
  end += *size;
  if (words[2] == "+") return map.copied += *size, true;
  if (words[2] == "-") return map.bad += *size, ++map.bad_areas, true;
  if (std::string_view("?*/").find(words[2]) == std::string_view::npos) return false;
  return map.left += *size, true;
}

void add_disk(std::vector<std::string>& disks, const std::string& name) {
  if (!name.empty() && std::ranges::find(disks, name) == disks.end()) disks.push_back(name);
}

/// The disk of a member "/dev/vda1", as the report has it.
std::string disk_of_member(const DiskReport& report, const std::string& device) {
  for (const Disk& disk : report.disks) {
    if (disk.path == device) return disk.name;
    for (const Partition& partition : disk.partitions)
      if (!partition.name.empty() && "/dev/" + partition.name == device) return disk.name;
  }
  return {};
}

void add_companions(const DiskReport& report, const std::vector<Member>& members, std::vector<std::string>& disks) {
  const bool ours = std::ranges::any_of(members, [&](const Member& member) {
    return std::ranges::find(disks, disk_of_member(report, member.device)) != disks.end();
  });
  if (!ours) return;
  for (const Member& member : members) add_disk(disks, disk_of_member(report, member.device));
}

}  // namespace

bool is_remote(std::string_view place) {
  const std::size_t colon = place.find(':');
  return colon != std::string_view::npos && colon > 0 && place.find('/') > colon;
}

std::vector<std::string> rsync_words(const std::string& tool, const std::string& source, const std::string& target) {
  return {tool, "-aHAX", "--numeric-ids", "--info=progress2", "--partial", "--", source, target};
}

RsyncEnd judge_rsync(int status) {
  if (status == 0) return {"everything was copied", false};
  const auto row = std::ranges::find(rsync_rows, status, &RsyncRow::status);
  if (row == rsync_rows.end()) return {"rsync ended with status " + std::to_string(status), false};
  return {std::string(row->text), row->partly};
}

std::vector<std::string> ddrescue_words(const std::string& tool, const DeviceCopy& copy) {
  // One more try at what could not be read: of a map that has nothing else left, running it again is just that.
  std::vector<std::string> argv{tool, "--idirect", "--sector-size=" + std::to_string(copy.sector), "--retry-passes=1"};
  argv.emplace_back(copy.to_device ? "--force" : "--sparse");
  for (const std::string& word : {std::string("--"), copy.source, copy.target, copy.map}) argv.push_back(word);
  return argv;
}

Result<RescueMap> parse_rescue_map(std::string_view text) {
  RescueMap map;
  std::uint64_t end = 0;
  bool status_line = true;  // the first is "CURRENT_POSITION CURRENT_STATUS CURRENT_PASS"
  for (const std::string_view line : contract::split_words(text, "\n")) {
    if (contract::trim(line).empty() || line.starts_with('#')) continue;
    if (!status_line && !add_block(line, map, end)) return Failure{"it is no map of ddrescue's"};
    status_line = false;
  }
  if (end == 0) return Failure{"it is no map of ddrescue's"};
  return map;
}

std::vector<std::string> disks_of_original(const DiskReport& report) {
  std::vector<std::string> disks;
  add_disk(disks, report.original);
  // A group may lie on an array, and each of them lead to further disks: two rounds reach all.
  for (int round = 0; round < 2; ++round) {
    for (const Array& array : report.arrays) add_companions(report, array.members, disks);
    for (const VolumeGroup& group : report.groups) add_companions(report, group.physical_volumes, disks);
  }
  return disks;
}

}  // namespace lifeboat::init
