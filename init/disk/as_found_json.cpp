#include <nlohmann/json.hpp>

#include "init/disk/as_found.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/file_lock.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_answer_bytes = std::size_t{4} << 20;  // what a worker may answer

/// To read the record, add to it and write it takes some milliseconds; somebody may have stopped who does so.
constexpr Milliseconds record_patience{2'000};

}  // namespace

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Ends, first, last)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PartitionAsFound, name, start, size, uuid, content_uuid, ends)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(WriteCounters, writes, sectors, discards)

// By hand: the library of Debian 12 knows no std::optional.
void to_json(nlohmann::json& out, const DiskAsFound& disk);
void from_json(const nlohmann::json& in, DiskAsFound& disk);

void to_json(nlohmann::json& out, const DiskAsFound& disk) {
  out = {{"name", disk.name},
         {"sequence", disk.sequence},
         {"earlier_sequences", disk.earlier_sequences},
         {"serial", disk.serial},
         {"size", disk.size},
         {"table_id", disk.table_id},
         {"content_uuid", disk.content_uuid},
         {"ends", disk.ends},
         {"partitions", disk.partitions},
         {"counters", disk.counters ? nlohmann::json(*disk.counters) : nlohmann::json(nullptr)},
         {"problem", disk.problem}};
}

void from_json(const nlohmann::json& in, DiskAsFound& disk) {
  in.at("name").get_to(disk.name);
  in.at("sequence").get_to(disk.sequence);
  in.at("earlier_sequences").get_to(disk.earlier_sequences);
  in.at("serial").get_to(disk.serial);
  in.at("size").get_to(disk.size);
  in.at("table_id").get_to(disk.table_id);
  in.at("content_uuid").get_to(disk.content_uuid);
  in.at("ends").get_to(disk.ends);
  in.at("partitions").get_to(disk.partitions);
  if (!in.at("counters").is_null()) disk.counters = in.at("counters").get<WriteCounters>();
  in.at("problem").get_to(disk.problem);
}

std::string to_json(const AsFound& found) {
  return nlohmann::json(found).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<AsFound> as_found_from_json(std::string_view text) {
  try {
    return nlohmann::json::parse(text).get<AsFound>();
  } catch (const nlohmann::json::exception&) {  // the library's only way to say so; it goes no further
    return std::nullopt;
  }
}

Result<AsFound> read_as_found(const std::string& file) {
  const auto text = read_file(file, most_answer_bytes);
  if (!text) return text.failure();
  auto found = as_found_from_json(*text);
  if (!found) return Failure{file + " makes no sense"};
  return std::move(*found);
}

Status add_to_as_found(const AsFound& later, const std::string& file) {
  // Without the lock where it cannot be had: a record that another one may overwrite is better than none.
  const auto lock = lock_file(file + ".lock", record_patience);
  AsFound known = read_as_found(file).value_or({});
  add_new_disks(known, later);
  return replace_file(file, to_json(known) + "\n", 0600);
}

}  // namespace lifeboat::init
