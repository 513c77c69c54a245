#pragma once

namespace lifeboat::init {

/// Called first in a process that will hold secrets and then end: memory that libraries free stays the process's own,
/// so that exit_without_trace() reaches it.
void keep_freed_memory();

/// Overwrites all memory that this process could write to (heap, mappings, static data, the stack below the caller) and
/// ends. The kernel frees pages as they are: whatever a library or a short text on the stack held of a secret would
/// stay readable in the machine's memory otherwise.
[[noreturn]] void exit_without_trace(int status);

}  // namespace lifeboat::init
