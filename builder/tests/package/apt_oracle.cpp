#include "builder/tests/package/apt_oracle.hpp"

#include <fcntl.h>

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

namespace fs = std::filesystem;

Command apt_command(const fs::path& folder, std::vector<std::string> argv) {
  Command command{std::move(argv)};
  command.needed_for = "asking apt for its opinion";
  command.environment = {{"APT_CONFIG", folder / "apt.conf"}};
  return command;
}

/// apt writes `:` and `_` of a version as %3a and %5f in file names.
std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escaped = text[at] == '%' && at + 2 < text.size();
    plain += escaped ? static_cast<char>(std::stoi(std::string(text.substr(at + 1, 2)), nullptr, 16)) : text[at];
    if (escaped) at += 2;
  }
  return plain;
}

/// Of a line of --print-uris: "'file:/...' bash_5.2_amd64.deb 1490652 ..." -> "bash=5.2"
std::string label_of_uri(std::string_view line) {
  const std::vector<std::string_view> words = split_words(line);
  const std::vector<std::string_view> parts = split(words.at(1), '_');
  return std::string(parts.at(0)) + "=" + percent_decoded(parts.at(1));
}

/// Of a line of -s: "Inst bash (5.2 localhost [amd64])" -> "bash=5.2"
std::string label_of_step(std::string_view line) {
  const std::vector<std::string_view> words = split_words(line);
  return std::string(words.at(1)) + "=" + std::string(words.at(2).substr(1));
}

AptOracle::Answer read_answer(const Outcome& outcome) {
  AptOracle::Answer answer;
  answer.solvable = outcome.status == 0;
  answer.reason = outcome.err;
  for (const std::string_view line : split_lines(outcome.out)) {
    if (line.starts_with('\'')) answer.chosen.insert(label_of_uri(line));
    if (line.starts_with("Inst ")) answer.chosen.insert(label_of_step(line));
    if (line.find(" to remove and ") != std::string_view::npos)
      answer.removes = line.find(" 0 to remove ") == std::string_view::npos;
  }
  return answer;
}

}  // namespace

AptOracle::AptOracle(std::span<const std::string> indexes) : folder_(fs::temp_directory_path(), "lifeboat-apt") {
  for (const char* needed : {"var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "etc/apt/preferences.d"})
    lifeboat::create_directories(folder_.path() / needed);
  for (std::size_t number = 0; number < indexes.size(); ++number) {
    const fs::path repository = folder_.path() / std::to_string(number);
    lifeboat::create_directories(repository);
    replace_file(repository / "Packages", indexes[number]);
  }
  write_configuration(indexes.size());
  write_status({});
  run_checked(apt_command(folder_.path(), {"apt-get", "update"}));
}

void AptOracle::write_configuration(std::size_t indexes) const {
  const std::string folder = folder_.path();
  std::string sources;
  for (std::size_t number = 0; number < indexes; ++number)
    sources += "deb [trusted=yes] file:" + folder + "/" + std::to_string(number) + " ./\n";
  replace_file(folder_.path() / "sources.list", sources);
  replace_file(folder_.path() / "apt.conf",
               "Dir \"" + folder +
                   "/\";\n"
                   "Dir::Etc { main \"/dev/null\"; parts \"/dev/null\"; sourceparts \"/dev/null\"; };\n"
                   "Dir::Etc::sourcelist \"" +
                   folder +
                   "/sources.list\";\n"
                   "Dir::State::status \"" +
                   folder +
                   "/status\";\n"
                   "APT { Architecture \"amd64\"; Architectures { \"amd64\"; }; };\n"
                   "APT { Install-Recommends \"false\"; Sandbox::User \"root\"; };\n"
                   "Acquire::Languages \"none\";\n");
}

void AptOracle::write_status(const std::vector<std::string>& provided) const {
  std::string status;
  for (const std::string& name : provided)
    status +=
        "Package: " + name +
        "\nStatus: install ok installed\nVersion: 999999\nArchitecture: all\nMaintainer: test\nDescription: dummy\n\n";
  const fs::path path = folder_.path() / "status";
  if (!fs::exists(path) || read_file(path) != status) replace_file(path, status);
}

AptOracle::Answer AptOracle::install(const std::vector<std::string>& names,
                                     const std::vector<std::string>& provided) const {
  write_status(provided);
  Command command = apt_command(folder_.path(), {"apt-get", "--print-uris", "-y", "install"});
  command.argv.insert(command.argv.end(), names.begin(), names.end());
  return read_answer(run(command));
}

AptOracle::Answer AptOracle::simulate(const std::string& packages, const std::set<std::string>& labels) const {
  const TempDir folder(fs::temp_directory_path(), "lifeboat-apt");
  const std::string file = folder.path() / "Packages";
  write_all(open_file(file, O_WRONLY | O_CREAT | O_EXCL, 0644), packages, file);
  Command command = apt_command(
      folder_.path(), {"apt-get", "-s", "-o", "Dir::Etc::sourcelist=/dev/null", "-o", "Dir::Cache::pkgcache=", "-o",
                       "Dir::Cache::srcpkgcache=", "--with-source", file, "install"});
  command.argv.insert(command.argv.end(), labels.begin(), labels.end());
  return read_answer(run(command));
}

}  // namespace lifeboat
