#pragma once
#include "builder/tree/tree.hpp"

namespace lifeboat {

/// Throws Error where sshd is there but could let nobody in: a shared library of it or of its helpers is missing (a
/// recipe's `remove` and `without` may take one), a helper that it starts (sshd-session, sshd-auth), ssh-keygen, which
/// makes the host key, or the user that it separates its privileges with. Nothing of the tree is run. A tree without
/// sshd is left alone.
void check_sshd_closure(const Tree& root);

}  // namespace lifeboat
