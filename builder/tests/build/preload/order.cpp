// Folders whose names come in an order of the test's choice: file systems differ in it, and a build must not care.
//   LIFEBOAT_FOLDER_ORDER=forwards or backwards  by name
#include <dirent.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "builder/tests/build/preload/next.hpp"

namespace {

/// The entries of an open folder that are still to come, the next one last.
using Entries = std::vector<dirent>;

std::mutex mutex;

std::map<DIR*, Entries>& open_folders() {
  static std::map<DIR*, Entries> folders;
  return folders;
}

std::string wanted_order() {
  const char* order = std::getenv("LIFEBOAT_FOLDER_ORDER");
  return order == nullptr ? "" : order;
}

Entries read_sorted(DIR* folder, bool forwards) {
  static const auto real = lifeboat::preload::next<dirent*(DIR*)>("readdir");
  Entries entries;
  while (const dirent* entry = real(folder)) entries.push_back(*entry);
  std::sort(entries.begin(), entries.end(), [&](const dirent& a, const dirent& b) {
    return forwards ? std::string(a.d_name) > b.d_name : std::string(a.d_name) < b.d_name;
  });
  return entries;
}

}  // namespace

extern "C" {

dirent* readdir(DIR* folder) {
  static const auto real = lifeboat::preload::next<dirent*(DIR*)>("readdir");
  static const std::string order = wanted_order();
  if (order.empty()) return real(folder);
  static thread_local dirent current;
  const std::lock_guard lock(mutex);
  auto found = open_folders().find(folder);
  if (found == open_folders().end())
    found = open_folders().emplace(folder, read_sorted(folder, order == "forwards")).first;
  if (found->second.empty()) return nullptr;
  current = found->second.back();
  found->second.pop_back();
  return &current;
}

dirent64* readdir64(DIR* folder) { return reinterpret_cast<dirent64*>(readdir(folder)); }

int closedir(DIR* folder) {
  static const auto real = lifeboat::preload::next<int(DIR*)>("closedir");
  {
    const std::lock_guard lock(mutex);
    open_folders().erase(folder);
  }
  return real(folder);
}

}  // extern "C"
