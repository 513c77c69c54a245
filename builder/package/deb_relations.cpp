// The dependency fields of deb-control(5): "a (>= 1) | b, c:any".
#include <algorithm>
#include <array>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_index.hpp"
#include "builder/package/deb_syntax.hpp"

namespace lifeboat {
namespace {

constexpr std::string_view blanks = " \t\n";

struct Operator {
  std::string_view text;
  Alternative::Relation relation;
};

/// Longer ones first. `<` and `>` are dpkg's old spellings of `<=` and `>=`.
constexpr std::array<Operator, 7> operators = {{
    {"<<", Alternative::Relation::less},
    {"<=", Alternative::Relation::less_equal},
    {">>", Alternative::Relation::greater},
    {">=", Alternative::Relation::greater_equal},
    {"=", Alternative::Relation::equal},
    {"<", Alternative::Relation::less_equal},
    {">", Alternative::Relation::greater_equal},
}};

/// Reads a field from left to right; every take_ also eats the blanks that follow.
class RelationParser {
 public:
  explicit RelationParser(std::string_view field) : whole_(field), rest_(field) { skip_blanks(); }

  bool at_end() const { return rest_.empty(); }

  bool at(char c) const { return rest_.starts_with(c); }

  bool take(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    skip_blanks();
    return true;
  }

  Alternative take_alternative() {
    Alternative alternative;
    alternative.name = take_word(" \t\n(:,|", is_deb_name, "a package name is expected");
    if (take(':')) alternative.architecture = take_word(" \t\n(,|", is_deb_name, "an architecture is expected");
    if (take('(')) take_version(alternative);
    if (!at_end() && !at(',') && !at('|')) fail("unexpected text");
    return alternative;
  }

  [[noreturn]] void fail(std::string_view reason) const {
    const std::size_t at = whole_.size() - rest_.size();
    throw Error("broken dependency `" + printable(whole_.substr(0, 200)) + "`: " + std::string(reason) +
                " at character " + std::to_string(at + 1));
  }

 private:
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size())); }

  std::string take_word(std::string_view ends, bool (*is_valid)(std::string_view) noexcept, std::string_view expected) {
    const std::size_t length = std::min(rest_.find_first_of(ends), rest_.size());
    std::string word(rest_.substr(0, length));
    if (!is_valid(word)) fail(expected);
    rest_.remove_prefix(length);
    skip_blanks();
    return word;
  }

  void take_version(Alternative& alternative) {
    for (const Operator& each : operators) {
      if (!rest_.starts_with(each.text)) continue;
      alternative.relation = each.relation;
      rest_.remove_prefix(each.text.size());
      skip_blanks();
      break;
    }
    if (alternative.relation == Alternative::Relation::any) fail("one of << <= = >= >> is expected");
    alternative.version = take_word(" \t\n),|", is_deb_version, "a version is expected");
    if (!take(')')) fail("`)` is expected");
  }

  std::string_view whole_, rest_;
};

std::size_t count_pieces(std::string_view field) {
  return static_cast<std::size_t>(std::count(field.begin(), field.end(), ',')) + 1;
}

}  // namespace

std::vector<Clause> parse_deb_depends(std::string_view field) {
  std::vector<Clause> clauses;
  RelationParser parser(field);
  if (parser.at_end()) return clauses;
  clauses.reserve(count_pieces(field));
  do {
    Clause& clause = clauses.emplace_back();
    do clause.push_back(parser.take_alternative());
    while (parser.take('|'));
  } while (parser.take(','));
  return clauses;
}

std::vector<Alternative> parse_deb_relations(std::string_view field) {
  std::vector<Alternative> relations;
  RelationParser parser(field);
  if (parser.at_end()) return relations;
  relations.reserve(count_pieces(field));
  do {
    relations.push_back(parser.take_alternative());
    if (parser.at('|')) parser.fail("no alternatives are allowed here");
  } while (parser.take(','));
  return relations;
}

}  // namespace lifeboat
