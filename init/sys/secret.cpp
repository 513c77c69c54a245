#include "init/sys/secret.hpp"

#include <string.h>

namespace lifeboat::init {

// Swapping, then wiping: a short string lives inside the object, where a plain move would leave a copy behind.
Secret::Secret(Secret&& other) noexcept {
  text_.swap(other.text_);
  wipe(other.text_);
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(text_);
    text_.swap(other.text_);
    wipe(other.text_);
  }
  return *this;
}

void Secret::wipe(std::string& text) noexcept {
  ::explicit_bzero(text.data(), text.capacity());
  text.clear();
}

}  // namespace lifeboat::init
