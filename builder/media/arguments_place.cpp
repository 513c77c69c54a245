#include "builder/media/arguments_place.hpp"

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

/// GRUB takes what is between single quotes as it is.
const std::string head = "# Extra kernel arguments: 1,024 bytes that only `lifeboat patch` writes.\nset " +
                         std::string(arguments_variable) + "='";
constexpr std::string_view tail = "'\n";

void check(std::string_view arguments) {
  for (const char c : arguments)
    if (c < ' ' || c > '~' || c == '\'' || c == '"' || c == '\\')
      throw Error("the kernel arguments `" + printable(arguments) + "` hold " +
                      (c < ' ' || c > '~' ? "a character that is not printable ASCII" : std::string("`") + c + "`"),
                  "the place in the image takes printable ASCII without quotes and backslashes");
  const std::size_t room = arguments_place_size - head.size() - tail.size();
  if (arguments.size() > room)
    throw Error("the kernel arguments have " + std::to_string(arguments.size()) +
                    " characters, and the place in the image takes " + std::to_string(room),
                "build with `[kernel] arguments` in the recipe what every machine gets");
}

}  // namespace

std::string make_arguments_place(std::string_view arguments) {
  check(arguments);
  std::string place = head + std::string(arguments) + std::string(tail);
  place.resize(arguments_place_size, '\n');
  return place;
}

std::optional<std::string> parse_arguments_place(std::string_view place) {
  if (place.size() != arguments_place_size || !place.starts_with(head)) return std::nullopt;
  const std::size_t end = place.find('\'', head.size());
  if (end == std::string_view::npos) return std::nullopt;
  std::string arguments(place.substr(head.size(), end - head.size()));
  if (place.substr(end, tail.size()) != tail ||
      place.find_first_not_of('\n', end + tail.size()) != std::string_view::npos)
    return std::nullopt;
  return arguments;
}

}  // namespace lifeboat
