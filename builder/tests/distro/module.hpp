#pragma once
#include <string>
#include <vector>

namespace lifeboat {

/// A relocatable ELF object, made by the compiler, whose .modinfo holds the entries ("depends=jbd2").
std::string compile_module(const std::vector<std::string>& modinfo);

}  // namespace lifeboat
