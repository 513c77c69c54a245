#include "init/sys/modules.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/module_loaders.hpp"
#include "init/sys/uevent.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t largest_index = std::size_t{16} << 20;
/// finit_module: the kernel unpacks .ko.xz and .ko.zst itself (MODULE_INIT_COMPRESSED_FILE).
constexpr int compressed = 4;

template <class Use>
void each_line(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t start = line.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return words;
    line.remove_prefix(start);
    words.emplace_back(line.substr(0, line.find_first_of(" \t\r\n")));
    line.remove_prefix(words.back().size());
  }
}

/// "kernel/drivers/net/xen-netfront.ko.xz" -> "xen_netfront"
std::string module_name(std::string_view path) {
  std::string_view file = path.substr(path.rfind('/') + 1);
  std::string name(file.substr(0, file.find(".ko")));
  std::ranges::replace(name, '-', '_');
  return name;
}

/// What patterns and aliases are sorted by: "pci", "acpi" (of "acpi*:LNXPWRBN:*").
std::string_view bus_of(std::string_view alias) { return alias.substr(0, alias.find_first_of(":*?[")); }

/// fnmatch, after a look at the part before the first wildcard: most patterns fail there.
bool alias_matches(const std::string& pattern, const std::string& alias) {
  const std::size_t literal = std::min(pattern.find_first_of("*?["), pattern.size());
  return alias.compare(0, literal, pattern, 0, literal) == 0 && ::fnmatch(pattern.c_str(), alias.c_str(), 0) == 0;
}

/// The aliases of devices, each once: of those that are there, then of those that come.
class NewAliases {
 public:
  explicit NewAliases(std::string root) : root_(std::move(root)), uevents_(UeventSocket::open()) {}

  /// Readable when there may be more; -1: nobody tells.
  int fd() const { return uevents_ ? uevents_->fd().get() : -1; }

  std::set<std::string> take() {
    std::set<std::string> fresh;
    const auto add = [&](const std::string& alias) {
      if (!alias.empty() && seen_.insert(alias).second) fresh.insert(alias);
    };
    if (!looked_ || !uevents_)
      for (const std::string& alias : find_device_aliases(root_)) add(alias);
    looked_ = true;
    if (uevents_)
      uevents_->receive([&](const Uevent& event) {
        if (event.action == "add") add(event.alias);
      });
    return fresh;
  }

  const std::set<std::string>& seen() const { return seen_; }

 private:
  std::string root_;
  Result<UeventSocket> uevents_;  // opened before the look, so that no device falls between
  bool looked_ = false;
  std::set<std::string> seen_;
};

}  // namespace

Result<Modules> Modules::open(const std::string& folder, Options options) {
  Modules modules;
  modules.folder_ = folder;
  modules.options_ = std::move(options);
  auto dependencies = read_file(folder + "/modules.dep", largest_index);
  if (!dependencies) return dependencies.failure();
  modules.read_dependencies(*dependencies);
  modules.read_soft_dependencies(read_file(folder + "/modules.softdep", largest_index).value_or(""));
  const std::string built_in = read_file(folder + "/modules.builtin", largest_index).value_or("");
  each_line(built_in, [&](std::string_view line) { modules.built_in_.insert(module_name(line)); });
  return modules;
}

void Modules::read_dependencies(std::string_view text) {
  each_line(text, [this](std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string path(line.substr(0, colon));
    modules_[module_name(path)] = Module{path, words_of(line.substr(colon + 1))};
  });
}

void Modules::read_aliases(std::string_view text) {
  each_line(text, [this](std::string_view line) {
    auto words = words_of(line);
    if (words.size() == 3 && words[0] == "alias")
      aliases_[std::string(bus_of(words[1]))].emplace_back(std::move(words[1]), std::move(words[2]));
  });
}

void Modules::read_soft_dependencies(std::string_view text) {
  each_line(text, [this](std::string_view line) {
    const auto words = words_of(line);
    if (words.size() < 3 || words[0] != "softdep") return;
    bool before = false;
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (words[i] == "pre:" || words[i] == "post:") {
        before = words[i] == "pre:";
      } else if (before) {
        before_[module_name(words[1])].push_back(words[i]);
      }
    }
  });
}

Status Modules::load(std::string_view name, ModuleState enough) {
  const std::string known = module_name(name);
  const auto module = modules_.find(known);
  if (module == modules_.end()) {
    if (built_in_.count(known) != 0) return Done{};
    return Failure{"loading the module " + known + ": the image does not have it"};
  }
  if (const auto soft = before_.extract(known))  // taken out first: a circle ends here
    for (const std::string& other : soft.mapped()) {
      const Status wished = load(other, enough);  // a soft one may be missing
      static_cast<void>(wished);
    }
  const auto& needs = module->second.needs;
  for (auto need = needs.rbegin(); need != needs.rend(); ++need)
    if (Status inserted = insert(*need); !inserted) return inserted;  // the kernel lets what needs it wait
  return enough == ModuleState::live ? insert_whole(module->second.path) : insert(module->second.path);
}

/// A second finit_module would wait as well, and on until every device that is being probed has answered.
Status Modules::insert_whole(const std::string& path) {
  constexpr Milliseconds patience{10'000}, pause{2};  // the kernel tells nobody when the state changes
  const std::string name = module_name(path);
  const auto until = Clock::now() + patience;
  while (module_state(name) == ModuleState::begun && Clock::now() < until)
    ::poll(nullptr, 0, static_cast<int>(pause.count()));
  if (module_state(name) != ModuleState::begun) return insert(path);
  return Failure{"loading the module " + name + ": who began to load it is not done after 10 seconds"};
}

Status Modules::insert(const std::string& path) {
  if (module_state(module_name(path)) != ModuleState::none || !inserted_.insert(path).second) return Done{};
  auto file = open_file(path.starts_with('/') ? path : folder_ + "/" + path, O_RDONLY);
  if (!file) return file.failure();
  const std::string parameters = parameters_of(module_name(path));
  const int flags = path.ends_with(".ko") ? 0 : compressed;
  const InsertingModule inserting(module_name(path));
  if (::syscall(SYS_finit_module, file->get(), parameters.c_str(), flags) == 0 || errno == EEXIST) return Done{};
  return failure_from_errno("loading the module " + module_name(path), errno);
}

std::string Modules::parameters_of(const std::string& name) const {
  std::string text;
  for (const auto& [module, parameter] : options_.parameters)
    if (module == name) text += (text.empty() ? "" : " ") + parameter;
  return text;
}

std::vector<std::string> Modules::matching(const std::string& device_alias) {
  if (aliases_.empty()) read_aliases(read_file(folder_ + "/modules.alias", largest_index).value_or(""));
  std::vector<std::string> names;
  const auto bus = aliases_.find(bus_of(device_alias));
  if (bus == aliases_.end()) return names;
  for (const auto& [pattern, module] : bus->second)
    if (alias_matches(pattern, device_alias) && std::ranges::find(names, module) == names.end())
      names.push_back(module);
  return names;
}

/// Each once, in the order of the aliases.
std::vector<std::string> Modules::names_for(const std::set<std::string>& device_aliases) {
  std::vector<std::string> names;
  for (const std::string& alias : device_aliases)
    for (std::string& name : matching(alias))
      if (options_.blacklist.count(name) == 0 && std::ranges::find(names, name) == names.end())
        names.push_back(std::move(name));
  return names;
}

std::string Modules::failure_line(const std::string& name, ModuleState enough) {
  const Status loaded = load(name, enough);
  return loaded ? "" : loaded.error() + "\n";
}

/// Children may meet at a module that both need: the kernel lets the second one wait for the first one's.
std::vector<Failure> Modules::load_side_by_side(std::vector<std::string> names,
                                                const std::function<std::string(const std::string&)>& load_one) {
  ModuleLoaders loaders(load_one);
  loaders.start(std::move(names));
  while (loaders.wait()) continue;
  held_up_ = held_up_ || loaders.held_up();
  return loaders.failures();
}

NamedFailures Modules::load_by_name(const std::vector<std::string>& wanted, const std::vector<std::string>& optional) {
  constexpr char optional_mark = '\t';
  std::vector<std::string> names = wanted;
  names.insert(names.end(), optional.begin(), optional.end());
  NamedFailures failures;
  for (Failure& failure : load_side_by_side(std::move(names), [&](const std::string& name) {
         const std::string line = failure_line(name, ModuleState::live);
         const bool is_optional = std::ranges::find(optional, name) != optional.end();
         return line.empty() || !is_optional ? line : optional_mark + line;
       })) {
    const bool is_optional = failure.what.starts_with(optional_mark);
    if (is_optional) failure.what.erase(0, 1);
    (is_optional ? failures.optional : failures.wanted).push_back(std::move(failure));
  }
  return failures;
}

std::vector<Failure> Modules::load_for_devices(const std::set<std::string>& device_aliases) {
  return load_side_by_side(names_for(device_aliases),
                           [this](const std::string& name) { return failure_line(name, ModuleState::begun); });
}

/// A driver's devices bring new aliases: a PCI bus, then virtio, then SCSI.
std::vector<Failure> Modules::load_for_all_devices(const std::string& root, const std::vector<std::string>& beside) {
  ModuleLoaders loaders([this](const std::string& name) { return failure_line(name, ModuleState::begun); });
  NewAliases aliases(root);
  std::vector<std::string> names = names_for(aliases.take());
  loaders.start(std::move(names));
  loaders.start(beside);
  bool more = true;
  while (more) {
    more = loaders.wait(aliases.fd());
    names = names_for(aliases.take());
    more = more || !names.empty();
    loaders.start(std::move(names));
  }
  held_up_ = held_up_ || loaders.held_up();
  seen_ = aliases.seen();
  return loaders.failures();
}

std::set<std::string> find_device_aliases(const std::string& root) {
  std::set<std::string> aliases;
  for (const auto& entry : list_folder(root)) {
    const std::string path = root + "/" + entry.name;
    if (entry.is_folder) {
      aliases.merge(find_device_aliases(path));
    } else if (entry.name == "modalias") {
      for (std::string& alias : words_of(read_file(path, 4096).value_or(""))) aliases.insert(std::move(alias));
    }
  }
  return aliases;
}

Modules::Options read_module_settings(const std::vector<std::string>& folders) {
  Modules::Options settings;
  const auto read_line = [&settings](std::string_view line) {
    const auto words = words_of(line);
    if (words.size() < 2) return;
    const std::string module = module_name(words[1]);
    if (words[0] == "blacklist") settings.blacklist.insert(module);
    for (std::size_t i = 2; words[0] == "options" && i < words.size(); ++i)
      settings.parameters.emplace_back(module, words[i]);
  };
  for (const std::string& folder : folders)
    for (const FolderEntry& entry : list_folder(folder))
      if (entry.name.ends_with(".conf")) each_line(read_file(folder + "/" + entry.name).value_or(""), read_line);
  return settings;
}

}  // namespace lifeboat::init
