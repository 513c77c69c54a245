#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The text that LVM keeps its metadata in (lvm2's lib/config): "name = value" and "name { ... }", nested. A value is a
/// number, a string or a list of them.
class LvmText {
 public:
  static constexpr std::size_t largest = 1 << 20;     ///< bytes; LVM's own tools make areas of 1 MiB at most by default
  static constexpr std::size_t deepest = 8;           ///< sections in sections; LVM uses 4
  static constexpr std::size_t most_things = 200000;  ///< names and values: some 2000 logical volumes

  static Result<LvmText> parse(std::string_view text);

  using Section = std::size_t;
  static constexpr Section top = 0, none = static_cast<Section>(-1);

  /// The sections in `parent`, in the text's order.
  std::vector<Section> sections(Section parent) const;
  /// The section of that name; `none` where there is none.
  Section section(Section parent, std::string_view name) const;
  const std::string& name(Section section) const { return things_[section].name; }

  /// The values of "name = ..." in the section; a single value is a list of one.
  std::vector<std::string_view> values(Section parent, std::string_view name) const;
  std::string_view value(Section parent, std::string_view name) const;
  /// 0 where it is missing or no number.
  std::uint64_t number(Section parent, std::string_view name) const;
  bool lists(Section parent, std::string_view name, std::string_view value) const;

 private:
  struct Thing {
    std::string name;  ///< of a value: the value
    bool is_section = false;
    std::size_t first = 0, last = 0, next = 0;  ///< children and the next sibling; 0: none
  };
  friend class LvmTextReader;
  const Thing* find(Section parent, std::string_view name, bool is_section) const;
  std::vector<Thing> things_;
};

}  // namespace lifeboat::init
