#include "builder/recipe/documents.hpp"

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// The TOML files in the folder where `missing` should be, sorted.
std::vector<std::string> neighbours_of(const fs::path& missing) {
  std::vector<std::string> names;
  std::error_code ignored;
  const fs::path folder = missing.has_parent_path() ? missing.parent_path() : fs::path(".");
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".toml") names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// "did you mean" a file in the folder where `missing` should be; else `otherwise`.
std::string nearby_file_hint(const fs::path& missing, const std::string& otherwise) {
  const std::string near = did_you_mean(missing.filename().string(), neighbours_of(missing));
  return near.empty() ? otherwise : "did you mean `" + (missing.parent_path() / near).string() + "`?";
}

std::string recipes_hint(const fs::path& missing) {
  const std::vector<std::string> names = neighbours_of(missing);
  return nearby_file_hint(missing, names.empty() ? "" : "the recipes there are: " + join(names, ", "));
}

fs::path identity_of(const fs::path& file) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical;
}

class Loader {
 public:
  void load(const fs::path& file, std::string text) {
    const auto source = std::make_shared<const Source>(Source{file.string(), std::move(text), opened_.size()});
    opened_.push_back(identity_of(file));
    auto parsed = parse_toml(source->text);
    if (const auto* error = std::get_if<TomlSyntaxError>(&parsed)) {
      documents_.faults.push_back({source, error->place, error->what, {}});
      return;
    }
    chain_.push_back(file);
    follow_includes(std::get<TomlValue>(parsed), source, file);
    chain_.pop_back();
    documents_.files.push_back({source, std::move(std::get<TomlValue>(parsed))});
  }

  Documents take() { return std::move(documents_); }

 private:
  /// Passes over what is not a list of names: reading the keys reports that.
  void follow_includes(const TomlValue& root, const std::shared_ptr<const Source>& source, const fs::path& file) {
    for (const TomlMember& member : root.members) {
      if (member.key != "include") continue;
      for (const TomlValue& item : member.value.items)
        if (item.kind == TomlValue::Kind::string && !item.text.empty()) include(item, source, file);
    }
  }

  void include(const TomlValue& item, const std::shared_ptr<const Source>& source, const fs::path& from) {
    const fs::path file = (from.parent_path() / item.text).lexically_normal();
    const auto same = [id = identity_of(file)](const fs::path& other) { return identity_of(other) == id; };
    const auto first = std::find_if(chain_.begin(), chain_.end(), same);
    if (first != chain_.end()) {
      documents_.faults.push_back({source, item.place, circle(first, file), "take one of these includes out"});
    } else if (std::none_of(opened_.begin(), opened_.end(), same)) {
      try {
        load(file, read_file(file));
      } catch (const Interrupted&) {
        throw;
      } catch (const Error& error) {
        documents_.faults.push_back({source, item.place, error.what(),
                                     nearby_file_hint(file, "includes are relative to the file that names them")});
      }
    }
  }

  std::string circle(std::vector<fs::path>::const_iterator first, const fs::path& again) const {
    std::string text = "the includes go in a circle: ";
    for (auto at = first; at != chain_.end(); ++at) text += at->string() + " -> ";
    return text + again.string();
  }

  Documents documents_;
  std::vector<fs::path> chain_;   ///< the files that are open now, from the recipe down
  std::vector<fs::path> opened_;  ///< identities of all files so far
};

}  // namespace

Documents load_documents(const fs::path& recipe) {
  std::string text;
  try {
    text = read_file(recipe);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    throw Error(error.what(), error.hint().empty() ? recipes_hint(recipe) : error.hint());
  }
  Loader loader;
  loader.load(recipe, std::move(text));
  return loader.take();
}

}  // namespace lifeboat
