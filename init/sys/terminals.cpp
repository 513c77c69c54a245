#include "init/sys/terminals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_terminals = 256;

}  // namespace

void write_to_terminals(std::string_view text, const std::string& folder) {
  const std::string shown = "\r\n\a" + std::string(text) + "\r\n";  // a full-screen program's terminal needs the \r
  std::size_t count = 0;
  for (const FolderEntry& entry : list_folder(folder)) {
    if (entry.name.find_first_not_of("0123456789") != std::string::npos || ++count > most_terminals) continue;
    auto terminal = open_file(folder + "/" + entry.name, O_WRONLY | O_NOCTTY | O_NONBLOCK);
    if (!terminal) continue;
    const ssize_t written = ::write(terminal->get(), shown.data(), shown.size());
    static_cast<void>(written);
  }
}

}  // namespace lifeboat::init
