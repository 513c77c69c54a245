#include "init/boot/memory.hpp"

#include <unistd.h>

#include <charconv>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

constexpr unsigned mib_shift = 20;

std::uint64_t hexadecimal(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

}  // namespace

std::uint64_t installed_memory(std::string_view iomem) {
  constexpr std::string_view ram = " : System RAM";
  std::uint64_t bytes = 0;
  for (std::string_view line : contract::split_words(iomem, "\n")) {
    const std::size_t dash = line.find('-');
    if (!line.ends_with(ram) || line.starts_with(' ') || dash == line.npos) continue;
    const std::uint64_t first = hexadecimal(line.substr(0, dash)), last = hexadecimal(line.substr(dash + 1));
    if (last > first) bytes += last - first + 1;
  }
  return bytes;
}

std::uint64_t available_memory(std::string_view meminfo) {
  for (const std::string_view line : contract::split_words(meminfo, "\n")) {
    const auto words = contract::split_words(line, " \t");
    if (words.size() >= 2 && words[0] == "MemAvailable:")
      return contract::parse_number(words[1], std::uint64_t{1} << 50).value_or(0) * 1024;
  }
  return 0;
}

std::string memory_words(std::uint64_t installed, std::uint64_t needed) {
  constexpr std::uint64_t kept_by_firmware = 32;
  const std::uint64_t have = ((installed >> (mib_shift - 1)) + 1) / 2;  // MiB, rounded
  if (installed == 0 || needed == 0 || have + needed / kept_by_firmware >= needed) return {};
  return "MEMORY IS SHORT: this machine has " + std::to_string(have) + " MiB, this image needs " +
         std::to_string(needed) + " MiB to reach a login. The boot goes on, but may fail or hang: give it more memory.";
}

std::string unpacking_words(std::string_view kernel_log) {
  constexpr std::string_view begin = "Initramfs unpacking failed: ";
  const std::size_t at = kernel_log.find(begin);
  if (at == kernel_log.npos) return {};
  std::string_view reason = kernel_log.substr(at + begin.size());
  reason = reason.substr(0, reason.find('\n'));
  if (reason == "write error") return "MEMORY IS SHORT: the kernel could not unpack the whole initrd into memory.";
  return "THE INITRD IS DAMAGED: the kernel could not unpack it whole (" + std::string(reason) + ").";
}

void compare_memory(Machine& machine) {
  const bool inside = ::access(std::string(contract::root_in_initramfs_path).c_str(), F_OK) == 0;
  const bool in_memory = inside || machine.arguments.copy_to_ram || !machine.arguments.root_url.empty();
  const contract::BootConfiguration& image = machine.report.image;
  const std::string words = memory_words(installed_memory(read_file("/proc/iomem").value_or("")),
                                         in_memory ? image.memory_from_initramfs : image.memory_from_medium);
  const std::string unpacking = unpacking_words(read_kernel_log());
  machine.memory_is_short = !words.empty() || unpacking.starts_with("MEMORY");
  for (const std::string& problem : {words, unpacking})
    if (!problem.empty()) machine.note_problem(problem);
}

}  // namespace lifeboat::init
