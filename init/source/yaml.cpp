#include "init/source/yaml.hpp"

#include <yaml.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace lifeboat::init {
namespace {

constexpr int most_levels = 20;
constexpr int most_values = 100'000;

/// An event of libyaml's parser, freed with its owner.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }

  yaml_event_t* operator->() { return &event_; }
  yaml_event_t* get() { return &event_; }

 private:
  yaml_event_t event_{};
};

class YamlReader {
 public:
  explicit YamlReader(std::string_view text) : ready_(yaml_parser_initialize(&parser_) != 0) {
    if (!ready_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;
  ~YamlReader() {
    if (ready_) yaml_parser_delete(&parser_);
  }

  Result<Json> read() {
    Json document;
    if (!ready_) return Failure{"YAML: out of memory"};
    for (const yaml_event_type_t expected : {YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT}) {
      Event event;
      if (!next(event)) return failure();
      if (event->type == YAML_STREAM_END_EVENT) return document;  // an empty text is a document of nothing
      if (event->type != expected) return fail("it is no document", event);
    }
    Event event;
    if (!next(event) || !read_value(event, document, 0)) return failure();
    return document;
  }

 private:
  bool next(Event& event) {
    if (yaml_parser_parse(&parser_, event.get()) != 0) return true;
    why_ = std::string(parser_.problem == nullptr ? "it cannot be read" : parser_.problem);
    line_ = parser_.problem_mark.line;
    return false;
  }

  bool stop(const char* why, Event& event) {
    why_ = why;
    line_ = event->start_mark.line;
    return false;
  }

  Failure fail(const char* why, Event& event) {
    stop(why, event);
    return failure();
  }

  Failure failure() const { return {"YAML, line " + std::to_string(line_ + 1) + ": " + why_}; }

  bool read_value(Event& event, Json& into, int level) {
    if (++values_ > most_values) return stop("more than 100,000 values", event);
    if (level > most_levels) return stop("more than 20 levels", event);
    switch (event->type) {
      case YAML_SCALAR_EVENT:
        into = scalar(event);
        return true;
      case YAML_SEQUENCE_START_EVENT:
        return read_sequence(into, level);
      case YAML_MAPPING_START_EVENT:
        return read_mapping(into, level);
      case YAML_ALIAS_EVENT:
        return stop("aliases are not taken", event);
      default:
        return stop("a value is missing", event);
    }
  }

  static Json scalar(Event& event) {
    const auto& found = event->data.scalar;
    std::string text(reinterpret_cast<const char*>(found.value), found.length);
    const bool plain = found.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")) return nullptr;
    return text;
  }

  bool read_sequence(Json& into, int level) {
    into = Json::array();
    while (true) {
      Event event;
      if (!next(event)) return false;
      if (event->type == YAML_SEQUENCE_END_EVENT) return true;
      into.emplace_back();
      if (!read_value(event, into.back(), level + 1)) return false;
    }
  }

  bool read_mapping(Json& into, int level) {
    into = Json::object();
    while (true) {
      Event key, value;
      if (!next(key)) return false;
      if (key->type == YAML_MAPPING_END_EVENT) return true;
      if (key->type != YAML_SCALAR_EVENT) return stop("a key that is no text", key);
      const auto& name = key->data.scalar;
      Json& slot = into[std::string(reinterpret_cast<const char*>(name.value), name.length)];
      if (!next(value) || !read_value(value, slot, level + 1)) return false;
    }
  }

  yaml_parser_t parser_{};
  bool ready_;
  int values_ = 0;
  std::string why_;
  std::size_t line_ = 0;
};

}  // namespace

Result<Json> parse_yaml(std::string_view text) { return YamlReader(text).read(); }

}  // namespace lifeboat::init
