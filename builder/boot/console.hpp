#pragma once
#include <string_view>

#include "builder/boot/guest.hpp"

namespace lifeboat {

/// The guest's console bytes go to the terminal as they are: they drive it, as on any serial line.
void show_on_terminal(std::string_view bytes);

/// Joins terminal and console until the guest ends or the person presses Ctrl-]; then the guest is powered off.
void show_console(Guest& guest);

}  // namespace lifeboat
