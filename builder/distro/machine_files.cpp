#include "builder/distro/machine_files.hpp"

#include <array>

namespace lifeboat {
namespace {

struct Folder {
  const char* path;
  std::uint32_t mode = 0755;
  std::uint32_t gid = 0;
};

constexpr std::uint32_t mail_group = 8, utmp_group = 43;

constexpr std::array folders{
    Folder{"boot"},
    Folder{"dev"},
    Folder{"etc"},
    Folder{"etc/opt"},
    Folder{"home"},
    Folder{"media"},
    Folder{"mnt"},
    Folder{"opt"},
    Folder{"proc"},
    Folder{"root", 0700},
    Folder{"run"},
    Folder{"srv"},
    Folder{"sys"},
    Folder{"run/lock", 01777},
    Folder{"tmp", 01777},
    Folder{"usr/local"},
    Folder{"usr/local/bin"},
    Folder{"usr/local/etc"},
    Folder{"usr/local/lib"},
    Folder{"usr/local/sbin"},
    Folder{"usr/local/share"},
    Folder{"usr/local/src"},
    Folder{"var"},
    Folder{"var/backups"},
    Folder{"var/cache"},
    Folder{"var/lib"},
    Folder{"var/log"},
    Folder{"var/mail", 02775, mail_group},
    Folder{"var/opt"},
    Folder{"var/spool"},
    Folder{"var/tmp", 01777},
};

struct TextFile {
  const char* path;
  const char* text;
};

constexpr std::array text_files{
    TextFile{"etc/hostname", "rescue\n"},
    TextFile{"etc/hosts",
             "127.0.0.1\tlocalhost\n127.0.1.1\trescue\n::1\t\tlocalhost ip6-localhost ip6-loopback\n"
             "ff02::1\t\tip6-allnodes\nff02::2\t\tip6-allrouters\n"},
    TextFile{"etc/fstab", "# The rescue system mounts nothing by itself; see its report for the commands.\n"},
    TextFile{"etc/resolv.conf", "# No name server is known yet; the rescue system writes them here.\n"},
    TextFile{"etc/machine-id", ""},  // empty: each boot is a machine of its own
    TextFile{"etc/default/locale", "LANG=C.UTF-8\n"},
    TextFile{"etc/environment", "LANG=C.UTF-8\n"},
    TextFile{"etc/motd", ""},  // the report is what the person should read at login
    TextFile{"etc/modules", "# Modules to load at boot, one a line.\n"},
    TextFile{"etc/subuid", ""},
    TextFile{"etc/subgid", ""},
};

struct LogFile {
  const char* path;
  std::uint32_t mode;
  std::uint32_t gid;
};

constexpr std::array logs{LogFile{"var/log/wtmp", 0664, utmp_group}, LogFile{"var/log/btmp", 0660, utmp_group},
                          LogFile{"var/log/lastlog", 0664, utmp_group}, LogFile{"var/log/faillog", 0644, 0}};

}  // namespace

void prepare_base_folders(Tree& tree) {
  for (const Folder& folder : folders) {
    Node node = directory_node(folder.mode);
    node.gid = folder.gid;
    tree.add(folder.path, std::move(node));
  }
  tree.add("var/run", symlink_node("/run"));
  tree.add("var/lock", symlink_node("/run/lock"));
  tree.add("var/spool/mail", symlink_node("../mail"));
}

void write_machine_files(Maker& maker) {
  for (const TextFile& file : text_files) maker.file(file.path, file.text);
  for (const LogFile& log : logs) maker.file(log.path, "", log.mode, log.gid);
  maker.link("etc/mtab", "../proc/self/mounts");
}

}  // namespace lifeboat
