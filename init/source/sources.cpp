// Where a password, keys, a host name ... come from, in the order of precedence: the first that has a password (or
// whatever else there can be only one of) wins; keys are merged from all.
#include <algorithm>
#include <array>

#include "init/source/akamai_service.hpp"
#include "init/source/azure_drive.hpp"
#include "init/source/azure_service.hpp"
#include "init/source/cloudstack_service.hpp"
#include "init/source/config_drive.hpp"
#include "init/source/credentials.hpp"
#include "init/source/digitalocean_service.hpp"
#include "init/source/ec2_service.hpp"
#include "init/source/file_injection.hpp"
#include "init/source/gce_service.hpp"
#include "init/source/hetzner_service.hpp"
#include "init/source/ip_arguments.hpp"
#include "init/source/ironic.hpp"
#include "init/source/kernel_argument_source.hpp"
#include "init/source/no_cloud.hpp"
#include "init/source/no_cloud_service.hpp"
#include "init/source/openstack_service.hpp"
#include "init/source/oracle_service.hpp"
#include "init/source/recipe_network.hpp"
#include "init/source/scaleway_service.hpp"
#include "init/source/source.hpp"
#include "init/source/vultr_service.hpp"
#include "init/source/xenstore_agent.hpp"

namespace lifeboat::init {
namespace {

constexpr std::array credential_drivers{"qemu_fw_cfg", "dmi-sysfs"};
constexpr std::array injection_drivers{"ext4", "loop"};

bool always(const Platform&) { return true; }

Belonging belongs_to_qemu(const Platform& platform) { return platform.has_virtio ? Belonging::yes : Belonging::no; }

constexpr std::array sources{
    // Whoever starts the machine with ip= knows of its network what no document does.
    Source{"kernel ip=", FirmwareSource{{}, read_ip_arguments}},
    // What somebody asks for while the system runs goes before what lay there when it started.
    Source{"QEMU guest agent", AgentSource{belongs_to_qemu, "qemu-guest-agent"}},
    Source{"Ironic", AgentSource{belongs_to_ironic, "ironic"}},
    Source{"xenstore", AgentSource{belongs_to_xenstore, "xenstore"}},
    Source{"config drive", VolumeSource{"config-2", read_config_drive}},
    Source{"file injection", FirmwareSource{injection_drivers, read_injected_files}},
    Source{"Azure provisioning CD", VolumeSource{"", read_azure_drive, is_azure}},
    Source{"systemd credentials", FirmwareSource{credential_drivers, read_credentials}},
    Source{"NoCloud seed", VolumeSource{"cidata", read_no_cloud}},
    Source{"NoCloud seed over HTTP", NetworkSource{has_no_cloud_seed_address, read_no_cloud_ipv4, read_no_cloud_ipv6,
                                                   is_no_cloud_seed_behind_router}},
    Source{"kernel arguments", FirmwareSource{{}, read_kernel_arguments}},
    Source{"OpenStack metadata service", NetworkSource{may_be_openstack, read_openstack_ipv4, read_openstack_ipv6}},
    Source{"AWS metadata service", NetworkSource{is_aws, read_aws_ipv4, read_aws_ipv6, always}},
    Source{"EC2-like metadata service", NetworkSource{may_be_like_ec2, read_like_ec2, nullptr}},
    Source{"GCE metadata service", NetworkSource{is_gce, read_gce, nullptr}},
    Source{"Azure metadata service", NetworkSource{is_azure, read_azure, nullptr}},
    Source{"DigitalOcean metadata service", NetworkSource{is_digitalocean, read_digitalocean, nullptr, nullptr, true}},
    Source{"Hetzner metadata service", NetworkSource{is_hetzner, read_hetzner_ipv4, read_hetzner_ipv6}},
    Source{"Scaleway metadata service", NetworkSource{is_scaleway, read_scaleway_ipv4, read_scaleway_ipv6, always}},
    Source{"Vultr metadata service", NetworkSource{is_vultr, read_vultr, nullptr}},
    Source{"Exoscale metadata service", NetworkSource{is_exoscale, read_exoscale, nullptr}},
    Source{"CloudStack metadata service", NetworkSource{is_cloudstack, read_cloudstack, nullptr}},
    Source{"Oracle metadata service", NetworkSource{is_oracle, read_oracle_ipv4, read_oracle_ipv6, always}},
    Source{"Akamai metadata service", NetworkSource{is_akamai, read_akamai_ipv4, read_akamai_ipv6, always}},
    // Who built the image could not know the machine.
    Source{"recipe", FirmwareSource{{}, read_recipe_network}},
};

}  // namespace

std::span<const Source> all_sources() { return sources; }

bool is_asked_before_dhcp(const Platform& platform) {
  return std::ranges::any_of(sources, [&](const Source& source) {
    const auto* network = std::get_if<NetworkSource>(&source.how);
    return network != nullptr && network->before_dhcp && network->belongs(platform) == Belonging::yes;
  });
}

}  // namespace lifeboat::init
