#include "init/boot/disks.hpp"

#include "init/contract/text.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {}  // namespace

void look_at_disks(Machine& machine) { machine.publish_report(); }

}  // namespace lifeboat::init
