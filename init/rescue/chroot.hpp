#pragma once
#include <string>
#include <vector>

#include "init/rescue/original.hpp"
#include "init/sys/program.hpp"

namespace lifeboat::init {

/// Whether a program of the original may change its files, as far as they are mounted for writing.
enum class RootChanges { as_mounted, refused };

/// Runs a program of the original in it: chroot(2) in a mount and a PID namespace of its own, which has /dev, /proc,
/// /sys, efivars, a /run in memory with udev's database, our resolv.conf over the original's, and where the root is
/// read-only a /tmp in memory. Nothing of that is written to the original's disk, and all of it, with whatever the
/// program left running, ends with the program or with us. `run`'s root is set here; argv[0] is a path in the original,
/// and the environment a new one. Blocks.
Result<ProgramEnd> run_in_original(const Original& original, ProgramRun run,
                                   RootChanges changes = RootChanges::as_mounted);

/// As run_checked().
Result<std::string> run_checked_in_original(const std::string& doing, const Original& original, ProgramRun run);

/// Where the original's root has the program: "/usr/bin/apt-get" for "apt-get"; a name with a slash stays. A Failure:
/// it has none.
Result<std::string> find_program(const Original& original, const std::string& name);

/// root's shell by the original's passwd, where it is an executable file there, else /bin/bash, else /bin/sh.
Result<std::string> find_shell(const Original& original);

/// Whether this machine runs programs like this one of the original; the Failure says what it is for. A script is
/// asked of its interpreter.
Status check_architecture(const Original& original, const std::string& program);

}  // namespace lifeboat::init
