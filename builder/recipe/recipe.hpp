#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "builder/base/error.hpp"

namespace lifeboat {

/// A recipe as read and checked; every default is filled in. The file format is in recipes/README.md.
struct Recipe {
  struct Repository {
    std::string name;    ///< default: the suite
    std::string mirror;  ///< "debian"
    std::string suite;
    std::vector<std::string> components;
    std::filesystem::path keyring;
    std::vector<std::string> fingerprints;  ///< primary keys, 40 upper-case hexadecimal digits each
    std::string snapshot;  ///< mirror of dated copies, for what the moving one has dropped; default: MIRROR-snapshot
  };
  struct Kernel {
    std::string package;                                            ///< "linux-image-amd64"
    std::string arguments;                                          ///< kernel command line, without what Lifeboat adds
    std::vector<std::string> groups;                                ///< names of module groups that stay
    std::map<std::string, std::vector<std::string>> module_groups;  ///< group -> globs below kernel/: "drivers/ata/**"
    /// Names, with underscores: the build fails where the kernel has one neither as a module nor built in.
    std::vector<std::string> required_modules;
    /// Also go into the initramfs: names ("nvme"), and globs of paths below kernel/, which hold a slash ("fs/nls/*").
    std::vector<std::string> initramfs_modules;
  };
  struct Squashfs {
    std::string compression = "zstd";   ///< zstd, xz, gzip
    int level = 19;                     ///< zstd 1 to 22, gzip 1 to 9, xz 0 to 9
    std::uint32_t block_size = 262144;  ///< bytes
  };
  struct Budget {
    std::uint64_t image_size = 0;  ///< MiB of the largest medium; 0: no limit
    std::uint64_t memory = 0;      ///< MiB that a machine needs to reach a login; 0: no limit
  };

  struct Network {
    std::string config;             ///< NoCloud's network-config (netplan) where no source has one; "": none
    std::string fallback = "none";  ///< none, original: where nothing else brings the network up
  };

  std::filesystem::path file;  ///< where it was read from
  std::string name;            ///< "debian-12"; names the output folder NAME-ARCHITECTURE
  std::string title;           ///< "Debian 12 (bookworm) rescue system"
  std::string distribution;    ///< row in distro's table: "debian"
  std::string architecture;    ///< "amd64"
  std::vector<Repository> repositories;
  std::vector<std::string> packages;  ///< to install; sets merged in, sorted, no duplicates
  std::vector<std::string> provided;  ///< names the image itself stands in for
  std::vector<std::string> without;   ///< "xfsprogs/python3": dependencies of packages that the image does without
  /// "editor" -> "/bin/nano": which target a link takes; else the one with the highest priority.
  std::map<std::string, std::string> alternatives;
  std::vector<std::string> remove;    ///< globs of paths to leave out of the root
  std::vector<std::string> overlays;  ///< folders below overlays/: "common", "debian"
  Kernel kernel;
  Squashfs squashfs;
  std::vector<std::string> media;  ///< rows in media's table: "netboot"
  Budget budget;
  Network network;
  std::string deadline = "24h";           ///< of a session where the platform says none: "24h", "90m", "3600s", "none"
  std::string without_source = "locked";  ///< locked, random-password: where no source lets anybody in
  std::string rescue_host_keys = "new";   ///< new, original: sshd's host keys are made, or those of the original system
  std::string at_deadline = "stay";       ///< stay, power-off, reboot: when the disks are synced and unmounted
};

/// Every fault of a recipe and of what it includes; what() is their whole text, ready to print.
class RecipeError : public Error {
 public:
  using Error::Error;
};

/// The names that lie in tables above this folder. An empty list means: any name will do.
struct RecipeVocabulary {
  std::vector<std::string> distributions;
  std::vector<std::string> media;
};

/// Reads and checks a recipe with everything it includes. Throws RecipeError with every fault of all files at once, and
/// Error where `file` itself cannot be read.
Recipe read_recipe(const std::filesystem::path& file, const RecipeVocabulary& vocabulary = {});

/// One key of the file format, for the documentation and the test that compares them.
struct RecipeKey {
  std::string name;  ///< "kernel.package"; the keys of one [[repository]] are "repository.suite" and so on
  bool required = false;
  std::string example;  ///< a value as TOML: "[\"bash\", \"less\"]"
  std::string meaning;
};

/// Every key there is, in the order of the documentation.
std::vector<RecipeKey> recipe_keys();

}  // namespace lifeboat
