#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/sys/module_state.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What failed of modules asked for by name.
struct NamedFailures {
  std::vector<Failure> wanted, optional;
};

/// The kernel modules of one folder (/lib/modules/RELEASE), by depmod's indexes. Loads them with finit_module itself:
/// busybox's modprobe costs a process and a new reading of the indexes each time.
class Modules {
 public:
  struct Options {
    std::vector<std::pair<std::string, std::string>> parameters;  ///< "virtio_net", "napi_tx=0"
    std::set<std::string> blacklist;                              ///< never loaded because of a device
  };

  /// Reads modules.dep, modules.softdep and modules.builtin; modules.alias, the largest, when it is first needed.
  static Result<Modules> open(const std::string& folder, Options options);

  /// With all that it depends on. Success as well where it is loaded or built in. Where somebody else is at it, that is
  /// waited for as `enough` says, ten seconds at most: who asks by name opens the module's files, or mounts its file
  /// system, next.
  Status load(std::string_view name, ModuleState enough = ModuleState::live);

  /// Modules by name, side by side in children of this process: a driver that waits for its device holds up no other,
  /// nor does a disk that does not answer.
  NamedFailures load_by_name(const std::vector<std::string>& wanted, const std::vector<std::string>& optional = {});

  /// The same for all that any of these device aliases ("pci:v00001AF4d...") asks for.
  std::vector<Failure> load_for_devices(const std::set<std::string>& device_aliases);

  /// The same for all devices below `root` ("/sys/devices"), for those that come up by their drivers, and for the
  /// modules of `beside`, by name.
  std::vector<Failure> load_for_all_devices(const std::string& root, const std::vector<std::string>& beside);

  /// The devices' aliases that load_for_all_devices() knew in the end.
  const std::set<std::string>& seen() const { return seen_; }
  /// Devices of some driver had not answered when that one was left to itself.
  bool held_up() const { return held_up_; }

  /// The modules that an alias asks for, in the order of the index.
  std::vector<std::string> matching(const std::string& device_alias);

 private:
  struct Module {
    std::string path;
    std::vector<std::string> needs;  ///< paths, the last one first to be loaded
  };

  void read_dependencies(std::string_view text);
  void read_aliases(std::string_view text);
  void read_soft_dependencies(std::string_view text);
  Status insert(const std::string& path);
  Status insert_whole(const std::string& path);
  std::vector<std::string> names_for(const std::set<std::string>& device_aliases);
  std::vector<Failure> load_side_by_side(std::vector<std::string> names,
                                         const std::function<std::string(const std::string&)>& load_one);
  std::string failure_line(const std::string& name, ModuleState enough);
  std::string parameters_of(const std::string& name) const;

  std::string folder_;
  Options options_;
  std::map<std::string, Module, std::less<>> modules_;
  std::set<std::string, std::less<>> built_in_;
  std::map<std::string, std::vector<std::string>, std::less<>> before_;  ///< soft dependencies: names
  std::map<std::string, std::vector<std::pair<std::string, std::string>>, std::less<>>
      aliases_;                     ///< by "pci", "virtio"...
  std::set<std::string> inserted_;  ///< paths, loaded or failed
  std::set<std::string> seen_;      ///< by load_for_all_devices()
  bool held_up_ = false;
};

/// The aliases of every device the kernel knows, from `root` ("/sys/devices") down.
std::set<std::string> find_device_aliases(const std::string& root);

/// What the *.conf files of modprobe's folders say: "blacklist NAME" and "options NAME PARAMETER...".
Modules::Options read_module_settings(const std::vector<std::string>& folders);

}  // namespace lifeboat::init
