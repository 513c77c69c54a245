#pragma once
// What the files of the preload library share. It is loaded into the program with LD_PRELOAD and stands between it and
// the C library; each file does one thing, and nothing where its variable is not set.
#include <dlfcn.h>

namespace lifeboat::preload {

/// The function that ours hides. Ours are named as in the C library, so only the type tells overloads apart.
template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace lifeboat::preload
