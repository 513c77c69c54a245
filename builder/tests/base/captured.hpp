#pragma once
// What a program prints, by the kind of place where it goes.
#include <functional>
#include <string>
#include <vector>

namespace lifeboat {

/// What `body` writes to the descriptor (1 or 2), which is a file meanwhile.
std::string written_to(int descriptor, const std::function<void()>& body);

/// What `body` writes to standard error, which is a terminal of this many columns meanwhile (0: it does not say).
std::string written_to_terminal(unsigned short columns, const std::function<void()>& body);

/// What a person sees after those bytes on a terminal of this many columns, which begins a new line when one is full.
std::vector<std::string> screen_after(const std::string& bytes, std::size_t columns);

/// An environment variable as long as its owner lives; null: not set.
class Variable {
 public:
  Variable(const char* name, const char* value);
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable();

 private:
  const char* name_;
  std::string before_;
  bool was_set_;
};

}  // namespace lifeboat
