#include "builder/media/grub.hpp"

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/media/arguments_place.hpp"

namespace lifeboat {
namespace {

/// Long enough for a person to press a key, once the screen or the serial line is there.
constexpr int menu_seconds = 3;

/// GRUB's word for the whole disk (or CD) that holds what `$root` names: hd0,gpt2 -> hd0. BIOS calls a CD hd96 or so.
constexpr std::string_view find_own_disk = "regexp --set=1:own_disk '^([a-z]+[0-9]*)' \"$root\"\n";

/// Screen and serial line both live. EFI's own console often is on the serial line already: the screen is drawn
/// directly there, so that nothing is printed twice.
constexpr std::string_view terminals = R"grub(set screen=console
if [ "$grub_platform" = efi ]; then
  if loadfont (memdisk)/fonts/unicode.pf2; then
    set gfxmode=auto
    set gfxpayload=keep
    set screen=gfxterm
  fi
fi
if serial --unit=0 --speed=115200; then
  terminal_input console serial
  terminal_output $screen serial
else
  terminal_output $screen
fi
)grub";

/// A loader is told the disk that it came from by GRUB's `root`, not by its file's name.
/// The first other disk that will start. What it says of itself decides: a boot sector, or a boot loader on its ESP.
constexpr std::string_view original_disk = R"grub(menuentry 'Boot the original disk instead [o]' --hotkey=o {
  if [ "$grub_platform" = efi ]; then
    for loader in /EFI/Microsoft/Boot/bootmgfw.efi /EFI/BOOT/BOOTX64.EFI; do
      for partition in (hd?,gpt?) (hd?,gpt??) (hd?,msdos?); do
        regexp --set=1:disk '^\(([a-z]+[0-9]*)' "$partition"
        if [ "$disk" != "$own_disk" -a -e "$partition$loader" ]; then
          echo "Starting $partition$loader"
          regexp --set=1:root '^\((.*)\)$' "$partition"
          if chainloader $loader; then boot; fi
          set root=$own_disk
        fi
      done
    done
    echo 'No other disk has a boot loader here. The firmware goes on with what it would start next.'
    sleep 5
    exit
  else
    for disk in (hd?) (hd1?); do
      if [ "$disk" != "($own_disk)" ]; then
        if chainloader ${disk}+1; then
          echo "Starting $disk"
          drivemap -s (hd0) $disk
          boot
        fi
      fi
    done
    echo 'No other disk has a boot sector.'
    sleep 5
  fi
}
)grub";

/// In single quotes GRUB takes all as it is but the quote itself.
std::string grub_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// Words of a kernel command line, each quoted: GRUB would take `;` or `$` in one for its own.
std::string quoted_words(const std::string& arguments) {
  std::string out;
  for (std::size_t at = 0; at < arguments.size();) {
    const std::size_t end = std::min(arguments.find(' ', at), arguments.size());
    if (end > at) out += " " + grub_quoted(arguments.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// `more`: what the init reads (init/contract/kernel_arguments.hpp). The extra arguments come last: they win.
/// `key` starts it at once: on a serial line under EFI, arrow keys are torn between GRUB and the firmware, which both
/// listen there.
std::string entry(const std::string& name, char key, const std::string& arguments, const std::string& more) {
  return "menuentry " + grub_quoted(name + " [" + key + "]") + " --hotkey=" + key +
         " {\n  echo 'Loading the rescue system ...'\n  linux ($own_disk)/boot/vmlinuz" + quoted_words(arguments) +
         (more.empty() ? "" : " " + more) + " $" + std::string(arguments_variable) +
         "\n  initrd ($own_disk)/boot/initrd.img\n}\n";
}

}  // namespace

std::string grub_menu(const std::string& title, const std::string& kernel_arguments) {
  return std::string(find_own_disk) + std::string(terminals) + "set timeout=" + std::to_string(menu_seconds) +
         "\nset default=0\nsource ($own_disk)" + std::string(arguments_place_path) + "\n" +
         entry(title, 'r', kernel_arguments, "") +
         entry(title + ", copied to memory", 'm', kernel_arguments, "lifeboat.copy_to_ram") +
         entry(title + ", basic drivers only", 'b', kernel_arguments, "lifeboat.basic_drivers nomodeset") +
         std::string(original_disk);
}

std::string grub_esp_menu() {
  return std::string(find_own_disk) +
         "set root=$own_disk\nset prefix=($own_disk)/boot/grub\nsource ($own_disk)/boot/grub/grub.cfg\n";
}

void write_grub_bios_image(const std::filesystem::path& modules, const std::filesystem::path& file) {
  run_checked({.argv = {"grub-mkimage", "--directory", modules.string(), "--format",   "i386-pc-eltorito",
                        "--output",     file.string(), "--prefix",       "/boot/grub", "biosdisk",
                        "boot",         "chain",       "configfile",     "drivemap",   "echo",
                        "iso9660",      "linux",       "minicmd",        "normal",     "part_gpt",
                        "part_msdos",   "regexp",      "serial",         "sleep",      "terminal",
                        "test"},
               .needed_for = "making GRUB for BIOS"});
}

}  // namespace lifeboat
