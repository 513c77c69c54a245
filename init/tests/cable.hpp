#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "init/net/links.hpp"

namespace lifeboat::init::test {

/// A veth cable between a fresh network namespace of this process, where its end is "card", and one of another process,
/// where it is "wire" and up. Nothing of it outlives the test. `ip` is the independent reader on both sides.
class Cable {
 public:
  Cable();
  ~Cable();
  Cable(const Cable&) = delete;
  Cable& operator=(const Cable&) = delete;

  /// False where this process may not make namespaces; a warning says so.
  bool is_there() const { return peer_ > 0; }
  /// What runs there, as an argv to start from here.
  std::vector<std::string> there(std::vector<std::string> argv) const;
  std::string ip_there(std::vector<std::string> words) const;

 private:
  pid_t peer_ = -1;
};

std::string ip(std::vector<std::string> words);
Link find_link(Links& links, const std::string& name);
/// Checks that the part is there, and shows the text where it is not.
bool has(const std::string& text, const std::string& part);

}  // namespace lifeboat::init::test
