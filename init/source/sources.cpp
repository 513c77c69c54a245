// Where a password, keys, a host name ... come from, in the order of precedence: the first that has a password (or
// whatever else there can be only one of) wins; keys are merged from all.
#include <array>

#include "init/source/config_drive.hpp"
#include "init/source/credentials.hpp"
#include "init/source/ironic.hpp"
#include "init/source/kernel_argument_source.hpp"
#include "init/source/no_cloud.hpp"
#include "init/source/source.hpp"

namespace lifeboat::init {
namespace {

constexpr std::array credential_drivers{"qemu_fw_cfg", "dmi-sysfs"};

Belonging belongs_to_qemu(const Platform& platform) { return platform.has_virtio ? Belonging::yes : Belonging::no; }

constexpr std::array sources{
    Source{"config drive", VolumeSource{"config-2", read_config_drive}},
    Source{"systemd credentials", FirmwareSource{credential_drivers, read_credentials}},
    Source{"NoCloud seed", VolumeSource{"cidata", read_no_cloud}},
    Source{"kernel arguments", FirmwareSource{{}, read_kernel_arguments}},
    Source{"Ironic", AgentSource{belongs_to_ironic, "ironic"}},
    Source{"QEMU guest agent", AgentSource{belongs_to_qemu, "qemu-guest-agent"}},
};

}  // namespace

std::span<const Source> all_sources() { return sources; }

}  // namespace lifeboat::init
