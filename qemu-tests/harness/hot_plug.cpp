#include "qemu-tests/harness/hot_plug.hpp"

#include <nlohmann/json.hpp>

namespace lifeboat::qemu {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr seconds guest_time{60};

/// The serial number as the disk itself says it (VPD page 0x80: four bytes, then the text). 600 tries are two minutes.
constexpr const char* find_disk = R"text(tries=0
while [ $tries -lt 600 ]; do
  for page in /sys/block/sd*/device/vpd_pg80; do
    [ "$(tail -c +5 $page 2>/dev/null | tr -d ' \000')" = "$serial" ] || continue
    name=${page#/sys/block/}
    name=${name%%/*}
    [ -b /dev/$name ] && udevadm settle --timeout=60 && echo $name && exit 0
  done
  tries=$((tries + 1))
  sleep 0.2
done
echo "no disk $serial came" >&2
exit 1)text";

}  // namespace

void HotPlug::can_plug(VmOptions& options) {
  options.extra.insert(options.extra.end(), {"-device", "virtio-scsi-pci,id=plugs"});
}

std::string HotPlug::plug(const std::string& id, const fs::path& file) {
  return plug_node(id, {{"driver", "raw"}, {"file", {{"driver", "file"}, {"filename", file.string()}}}});
}

std::string HotPlug::plug_node(const std::string& id, json node) {
  node["node-name"] = "node-" + id;
  vm_->control().execute("blockdev-add", node);
  vm_->control().execute(
      "device_add", {{"driver", "scsi-hd"}, {"id", id}, {"bus", "plugs.0"}, {"drive", "node-" + id}, {"serial", id}});
  const std::string name = ssh_->run_checked("serial=" + id + "\n" + find_disk, guest_time + seconds(90));
  return name.substr(0, name.find('\n'));
}

void HotPlug::unplug(const std::string& id) {
  vm_->control().execute("device_del", {{"id", id}});
  vm_->control().wait_for_event("DEVICE_DELETED", id, guest_time);
  vm_->control().execute("blockdev-del", {{"node-name", "node-" + id}});
}

DiskWrites HotPlug::writes(const std::string& id) {
  const json all = vm_->control().execute("query-blockstats", json::object());
  for (const json& one : all) {
    if (one.value("qdev", "") != id && one.value("qdev", "") != "/machine/peripheral/" + id) continue;
    const json& stats = one.at("stats");
    return {
        .writes = stats.at("wr_operations"), .bytes = stats.at("wr_bytes"), .discards = stats.at("unmap_operations")};
  }
  throw Failure("QEMU counts nothing of the disk " + id);
}

}  // namespace lifeboat::qemu
