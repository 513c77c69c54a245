#pragma once
// Ctrl-C as an exception: the handler only notes the signal, and long work asks between two pieces. So every owner
// (temporary folder, child, half-written file) is destroyed in order and nothing is left behind.

namespace lifeboat {

/// Installs the handlers for SIGINT, SIGTERM and SIGHUP, and ignores SIGPIPE. Call once, from main.
void catch_interrupts();

/// Throws Interrupted once one of those signals has arrived. Cheap; call it in every loop that can last.
void throw_if_interrupted();

/// The signal that arrived, or 0. For code that cannot throw (C callbacks).
int pending_interrupt() noexcept;

}  // namespace lifeboat
