#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace lifeboat::init {

/// Cuts what comes in from QEMU's side of the guest agent's port into requests: JSON objects one behind the other, with
/// or without line ends between them. A byte 0xFF, which no JSON has, drops what came of a request so far.
class GuestRequests {
 public:
  static constexpr std::size_t largest = std::size_t{1} << 20;
  static constexpr int deepest = 32;

  using Use = std::function<void(std::string_view)>;
  /// `object`: a text from '{' to its '}', which may still be no JSON. `broken`: why there is none; the rest of its
  /// line is passed over.
  void receive(std::string_view bytes, const Use& object, const Use& broken);
  /// The other side went away, and with it the rest of its request.
  void forget();

 private:
  const char* take(char c);

  std::string held_;
  int depth_ = 0;
  bool in_text_ = false, escaped_ = false;
  bool passing_over_ = false;  ///< until the line ends
};

}  // namespace lifeboat::init
