#include "builder/fetch/apt_sources.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <system_error>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  const std::vector<std::string_view> words = split_words(text);
  return {words.begin(), words.end()};
}

/// The words apt takes for "no".
bool is_no(std::string_view value) {
  const std::string word = lower(trim(value));
  return word == "no" || word == "false" || word == "without" || word == "off" || word == "disable" || word == "0";
}

std::optional<AptSource> parse_list_line(std::string_view line) {
  line = trim(line.substr(0, line.find('#')));
  if (!line.starts_with("deb") || line.size() < 4 || (line[3] != ' ' && line[3] != '\t' && line[3] != '['))
    return std::nullopt;
  line = trim(line.substr(3));
  if (line.starts_with('[')) {
    const std::size_t end = line.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    line = line.substr(end + 1);
  }
  const std::vector<std::string> words = words_of(line);
  if (words.size() < 2) return std::nullopt;
  return AptSource{{words[0]}, {words[1]}};
}

using Stanza = std::map<std::string, std::string>;

std::vector<Stanza> parse_stanzas(std::string_view text) {
  std::vector<Stanza> stanzas(1);
  std::string* value = nullptr;
  for (const std::string_view line : split_lines(text)) {
    if (line.starts_with('#')) continue;
    if (trim(line).empty()) {
      if (!stanzas.back().empty()) stanzas.emplace_back();
      value = nullptr;
    } else if (line[0] == ' ' || line[0] == '\t') {
      if (value != nullptr) value->append(" ").append(trim(line));
    } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
      value = &stanzas.back()[lower(trim(line.substr(0, colon)))];
      *value = trim(line.substr(colon + 1));
    }
  }
  return stanzas;
}

std::optional<AptSource> source_of(Stanza& stanza) {
  const std::vector<std::string> types = words_of(stanza["types"]);
  if (std::find(types.begin(), types.end(), "deb") == types.end() || is_no(stanza["enabled"])) return std::nullopt;
  AptSource source{words_of(stanza["uris"]), words_of(stanza["suites"])};
  if (source.uris.empty() || source.suites.empty()) return std::nullopt;
  return source;
}

std::vector<fs::path> source_files(const fs::path& etc_apt) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (fs::directory_iterator entry(etc_apt / "sources.list.d", ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const fs::path extension = entry->path().extension();
    if (extension == ".list" || extension == ".sources") files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  files.insert(files.begin(), etc_apt / "sources.list");
  return files;
}

}  // namespace

std::vector<AptSource> parse_apt_list(std::string_view text) {
  std::vector<AptSource> sources;
  for (const std::string_view line : split_lines(text))
    if (std::optional<AptSource> source = parse_list_line(line)) sources.push_back(std::move(*source));
  return sources;
}

std::vector<AptSource> parse_apt_deb822(std::string_view text) {
  std::vector<AptSource> sources;
  for (Stanza& stanza : parse_stanzas(text))
    if (std::optional<AptSource> source = source_of(stanza)) sources.push_back(std::move(*source));
  return sources;
}

std::vector<AptSource> read_apt_sources(const fs::path& etc_apt) {
  std::vector<AptSource> all;
  for (const fs::path& file : source_files(etc_apt)) {
    try {
      const std::string text = read_file(file);
      for (AptSource& source : file.extension() == ".list" ? parse_apt_list(text) : parse_apt_deb822(text))
        all.push_back(std::move(source));
    } catch (const Error&) {
      continue;  // what apt's own user cannot read is no mirror of ours
    }
  }
  return all;
}

}  // namespace lifeboat
