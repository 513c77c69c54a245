#include "init/source/http.hpp"

#include <algorithm>

namespace lifeboat::init {

HttpClient::HttpClient(std::string interface, Milliseconds limit)
    : interface_(std::move(interface)), until_(Clock::now() + limit) {}

Milliseconds HttpClient::time_left() const {
  return std::max(std::chrono::duration_cast<Milliseconds>(until_ - Clock::now()), Milliseconds(0));
}

}  // namespace lifeboat::init
