#include "init/sys/result.hpp"

#include <cstring>

namespace lifeboat::init {

Failure failure_from_errno(std::string doing, int error_number) {
  return Failure{std::move(doing) + ": " + std::strerror(error_number), error_number};
}

}  // namespace lifeboat::init
