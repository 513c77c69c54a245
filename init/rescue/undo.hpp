#pragma once
#include <string>
#include <vector>

#include "init/rescue/session.hpp"

namespace lifeboat::init {

/// Undoes one step. What is not there any more is undone. A Failure says who uses it, where somebody does.
Status undo_step(const SessionStep& step);

/// Undoes the session's steps from number `first` on, the last first; what does not work stays in it, and the rest is
/// undone all the same. The session file follows. Returns one line for each that stays; of layers below one that stays
/// nothing is said.
std::vector<std::string> undo_steps(Session& session, std::size_t first = 0);

}  // namespace lifeboat::init
