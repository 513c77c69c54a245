#include <charconv>
#include <optional>

#include "builder/base/text.hpp"
#include "builder/fetch/deb_repository.hpp"

namespace lifeboat {
namespace {

[[noreturn]] void malformed(std::string_view name, std::size_t line, const std::string& reason) {
  throw WrongContent(std::string(name) + ":" + std::to_string(line) + ": " + reason);
}

/// Reads the fields of a Release in one pass; `name` and the line number go into errors.
class ReleaseReader {
 public:
  explicit ReleaseReader(std::string_view name) : name_(name) {}

  void read_line(std::string_view line) {
    ++line_;
    if (trim(line).empty()) {
      ended_ = !seen_.empty();
    } else if (ended_) {
      malformed(name_, line_, "a second paragraph begins");
    } else if (line[0] == ' ' || line[0] == '\t') {
      if (field_ == "SHA256") read_file_line(line);
    } else {
      read_field(line);
    }
  }

  DebRelease finish() {
    if (release_.date.empty()) throw WrongContent(std::string(name_) + " has no Date");
    if (release_.files.empty())
      throw WrongContent(std::string(name_) + " lists no file with a SHA-256 (digests found: " +
                         (weak_.empty() ? "none" : join(weak_, ", ")) + "); nothing weaker is accepted");
    return std::move(release_);
  }

 private:
  void read_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos)
      malformed(name_, line_, "\"" + printable(line.substr(0, 60)) + "\" is no field");
    field_ = line.substr(0, colon);
    if (seen_[field_]++ > 0) malformed(name_, line_, "a second " + printable(field_));
    const std::string value(trim(line.substr(colon + 1)));
    if (field_ == "MD5Sum" || field_ == "SHA1") weak_.push_back(field_);
    if (field_ == "Suite") release_.suite = value;
    if (field_ == "Codename") release_.codename = value;
    if (field_ == "Origin") release_.origin = value;
    if (field_ == "Version") release_.version = value;
    if (field_ == "Acquire-By-Hash") release_.by_hash = value == "yes";
    if (field_ == "Date") release_.date_unix = time_of(release_.date = value);
    if (field_ == "Valid-Until") release_.valid_until_unix = time_of(release_.valid_until = value);
  }

  std::int64_t time_of(const std::string& value) const {
    const std::optional<std::int64_t> time = parse_release_date(value);
    if (!time)
      malformed(name_, line_, field_ + " \"" + printable(value) + "\" is not like \"Sat, 06 Sep 2025 09:57:01 UTC\"");
    return *time;
  }

  void read_file_line(std::string_view line) {
    const std::vector<std::string_view> words = split_words(line);
    const auto size = words.size() == 3 ? parse_number<std::uint64_t>(words[1]) : std::nullopt;
    if (!size || !is_sha256(words[0]))
      malformed(name_, line_, "\"" + printable(trim(line).substr(0, 120)) + "\" is not \"SHA-256 SIZE PATH\"");
    const auto [at, added] =
        release_.files.try_emplace(std::string(words[2]), DebRelease::File{Sha256(words[0]), *size});
    if (!added && (at->second.sha256 != words[0] || at->second.size != *size))
      malformed(name_, line_, "a second, different digest of " + printable(words[2]));
  }

  std::string_view name_;
  std::size_t line_ = 0;
  bool ended_ = false;
  std::string field_;
  std::map<std::string, int> seen_;
  std::vector<std::string> weak_;
  DebRelease release_;
};

}  // namespace

DebRelease parse_deb_release(std::string_view text, std::string_view name) {
  ReleaseReader reader(name);
  for (const std::string_view line : split_lines(text)) reader.read_line(line);
  return reader.finish();
}

}  // namespace lifeboat
