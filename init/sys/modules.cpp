#include "init/sys/modules.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <new>

#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t largest_index = std::size_t{16} << 20;
/// finit_module: the kernel unpacks .ko.xz and .ko.zst itself (MODULE_INIT_COMPRESSED_FILE).
constexpr int compressed = 4;
/// How many drivers are loaded side by side. Few take long on most machines: a disk controller's, a network card's.
constexpr std::size_t most_at_once = 4;

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

/// What somebody who loads modules tells whoever watches.
struct Loader {
  std::atomic<std::int64_t> since{0};  ///< milliseconds; 0: not in the kernel
  std::atomic<std::size_t> at{0};      ///< which of the names
  std::atomic<bool> over{false};
  std::array<char, 64> module{};
};

std::int64_t now_ms() { return std::chrono::duration_cast<Milliseconds>(Clock::now().time_since_epoch()).count(); }

/// While it lives this process is in the kernel with that module.
class Inserting {
 public:
  Inserting(Loader* loader, const std::string& module) : loader_(loader) {
    if (loader_ == nullptr) return;
    std::snprintf(loader_->module.data(), loader_->module.size(), "%s", module.c_str());
    loader_->since = now_ms();
  }
  ~Inserting() {
    if (loader_ != nullptr) loader_->since = 0;
  }
  Inserting(const Inserting&) = delete;
  Inserting& operator=(const Inserting&) = delete;

 private:
  Loader* loader_;
};

/// Of a process that loads modules; nullptr in others.
Loader* this_loader = nullptr;

constexpr std::size_t most_loaders = 200;

/// What this process and its children know together.
struct Board {
  std::atomic<std::size_t> next{0};
  std::array<Loader, most_loaders> loaders;
};

class SharedBoard {
 public:
  SharedBoard() : memory_(::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ != MAP_FAILED) board_ = new (memory_) Board;
  }
  ~SharedBoard() {
    if (memory_ != MAP_FAILED) ::munmap(memory_, sizeof(Board));
  }
  SharedBoard(const SharedBoard&) = delete;
  SharedBoard& operator=(const SharedBoard&) = delete;
  Board* get() const { return board_; }

 private:
  void* memory_;
  Board* board_ = nullptr;
};

/// Linux 5.17 on keeps whoever loads a module until all devices that are being probed are done: also a disk that does
/// not answer, for minutes. The module itself works by then.
bool waits_for_others(const Loader& loader, std::int64_t patience) {
  const std::int64_t since = loader.since;
  return since != 0 && now_ms() - since > patience &&
         read_file("/sys/module/" + std::string(loader.module.data()) + "/initstate", 16).value_or("") == "live\n";
}

/// In one piece: several write to one pipe.
void write_line(const Fd& pipe, std::string_view text) {
  const ssize_t written = ::write(pipe.get(), text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
  static_cast<void>(written);  // best effort: it tells of failures
}

/// What is there.
std::string read_some(const Fd& pipe) {
  std::string text;
  std::array<char, PIPE_BUF> buffer{};
  while (true) {
    const ssize_t count = ::read(pipe.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

/// Children that load modules, and their replacement where one is held up.
class Crew {
 public:
  /// In a child: that one of the names, where there are so many, and then all that the board still has.
  using Load = std::function<std::string(Board&, std::size_t first)>;

  Crew(Board& board, Load load) : board_(board), load_(std::move(load)) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    ours_ = Fd(ends[0]);
    theirs_ = Fd(ends[1]);
    ::fcntl(ours_.get(), F_SETFL, O_NONBLOCK);
  }

  bool start(std::size_t first) {
    const std::size_t number = pids_.size();
    if (!ours_ || number == most_loaders) return false;
    const pid_t pid = ::fork();
    if (pid == 0) {
      this_loader = &board_.loaders[number];
      write_line(theirs_, load_(board_, first));
      this_loader->over = true;
      write_line(theirs_, "\n");  // wakes who waits
      ::_exit(0);
    }
    if (pid > 0) pids_.push_back(pid);
    return pid > 0;
  }

  /// Until all are done but those that are held up by others' devices. Returns what failed, a line each.
  std::string wait() {
    std::string text;
    while (look_at_all()) {
      pollfd poll{ours_.get(), POLLIN, 0};
      ::poll(&poll, 1, 50);
      text += read_some(ours_);
    }
    return text + read_some(ours_);
  }

  /// Some child was left to itself.
  bool held_up() const { return held_up_; }

 private:
  bool look_at_all() {
    bool working = false;
    for (std::size_t i = 0; i < pids_.size(); ++i) {  // it grows meanwhile
      if (pids_[i] == 0) continue;
      Loader& loader = board_.loaders[i];
      if (loader.over || ::waitpid(pids_[i], nullptr, WNOHANG) != 0) {
        if (loader.over) ::waitpid(pids_[i], nullptr, 0);
        pids_[i] = 0;
      } else if (waits_for_others(loader, patience_)) {
        patience_ = 100;
        held_up_ = true;
        pids_[i] = 0;  // left to PID 1; another goes on where it stands
        working = start(loader.at) || working;
      } else {
        working = true;
      }
    }
    return working;
  }

  Board& board_;
  Load load_;
  Fd ours_, theirs_;
  std::vector<pid_t> pids_;
  bool held_up_ = false;
  std::int64_t patience_ = 1'000;  ///< milliseconds; once it is known what holds them up, less
};

std::vector<Failure> failures_of(std::string_view text) {
  std::vector<Failure> failures;
  each_line(text, [&](std::string_view line) {
    if (!line.empty()) failures.push_back(Failure{std::string(line)});
  });
  return failures;
}

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

Status Modules::load(std::string_view name) {
  const std::string known = module_name(name);
  const auto module = modules_.find(known);
  if (module == modules_.end()) {
    if (built_in_.count(known) != 0) return Done{};
    return Failure{"loading the module " + known + ": the image does not have it"};
  }
  if (const auto soft = before_.extract(known))  // taken out first: a circle ends here
    for (const std::string& other : soft.mapped()) {
      const Status wished = load(other);  // a soft one may be missing
      static_cast<void>(wished);
    }
  const auto& needs = module->second.needs;
  for (auto need = needs.rbegin(); need != needs.rend(); ++need)
    if (Status inserted = insert(*need); !inserted) return inserted;
  return insert(module->second.path);
}

Status Modules::insert(const std::string& path) {
  const bool loaded = ::access(("/sys/module/" + module_name(path)).c_str(), F_OK) == 0;
  if (!inserted_.insert(path).second || loaded) return Done{};
  auto file = open_file(path.starts_with('/') ? path : folder_ + "/" + path, O_RDONLY);
  if (!file) return file.failure();
  const std::string parameters = parameters_of(module_name(path));
  const int flags = path.ends_with(".ko") ? 0 : compressed;
  const Inserting inserting(this_loader, module_name(path));
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

/// Until there is none left. One failure per line.
std::string Modules::load_next(const std::vector<std::string>& names, std::atomic<std::size_t>& next,
                               std::size_t first) {
  std::string text;
  for (std::size_t i = first < names.size() ? first : next++; i < names.size(); i = next++) {
    if (this_loader != nullptr) this_loader->at = i;
    if (Status loaded = load(names[i]); !loaded) text += loaded.error() + "\n";
  }
  return text;
}

/// Children may meet at a module that both need: the kernel lets the second one wait for the first one's. This process
/// works itself where none could be started.
std::vector<Failure> Modules::load_for_devices(const std::set<std::string>& device_aliases,
                                               const std::vector<std::string>& more) {
  std::vector<std::string> names = names_for(device_aliases);
  names.insert(names.end(), more.begin(), more.end());
  const SharedBoard board;
  std::atomic<std::size_t> own{0};
  if (board.get() == nullptr) return failures_of(load_next(names, own, names.size()));
  Crew crew(*board.get(), [&](Board& shared, std::size_t first) { return load_next(names, shared.next, first); });
  for (std::size_t child = 0; child < std::min(names.size(), most_at_once); ++child) crew.start(names.size());
  std::string text = crew.wait();
  held_up_ = held_up_ || crew.held_up();
  return failures_of(text + load_next(names, board.get()->next, names.size()));
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
