#include "builder/build/sbom.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "builder/base/digest.hpp"
#include "builder/base/file.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* unknown = "NOASSERTION";  ///< SPDX's word for what nobody has looked into
constexpr const char* document_id = "SPDXRef-DOCUMENT";
constexpr const char* image_id = "SPDXRef-Image";

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// "2026-11-24T02:12:15Z"
std::string iso_time(std::int64_t unix) {
  const std::time_t time = unix;
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

/// A component of a package URL. A colon stays as it is, in epochs too, as the specification's own examples have it.
std::string purl_escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    char code[4];
    std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned char>(c));
    const bool plain = is_alphanumeric(c) || std::string_view("-._~:").find(c) != std::string_view::npos;
    escaped += plain ? std::string(1, c) : code;
  }
  return escaped;
}

/// "deb" for pool/.../x.deb: what a package URL calls the family.
std::string purl_type(const Package& package) {
  const std::string extension = fs::path(package.path).extension().string();
  return extension.empty() ? "generic" : extension.substr(1);
}

/// The release that a suite belongs to, as package URLs name it: "bookworm" of "bookworm-security".
std::string release_of(const std::string& suite) { return suite.substr(0, suite.find_first_of("-/")); }

std::string name_of_source(const Package& package) { return package.source.empty() ? package.name : package.source; }

std::string version_of_source(const Package& package) {
  return package.source_version.empty() ? package.version : package.source_version;
}

/// Writes the elements of one document; every element has its id and its place from here.
class Document {
 public:
  explicit Document(const ManifestInput& input) : input_(input) {}

  void add_image(const fs::path& folder, const std::vector<OutputFile>& outputs);
  void add_package(const Package& package);
  void add_init();
  Json finish();

 private:
  std::string new_id(const std::string& kind, const std::string& name);
  std::string add_file(const fs::path& folder, const std::string& name);
  std::string source_id(const Package& package);
  std::string purl(const Package& package, const std::string& name, const std::string& version,
                   const std::string& architecture) const;
  void relate(const std::string& from, const char* how, const std::string& to);

  const ManifestInput& input_;
  std::set<std::string> ids_{document_id, image_id};
  std::map<std::pair<std::string, std::string>, std::string> sources_;  ///< name and version -> id
  std::vector<std::string> sha1s_;                                      ///< of the image's files
  Json packages_ = Json::array();
  Json files_ = Json::array();
  Json relationships_ = Json::array();
};

/// SPDX allows letters, digits, "." and "-"; two names that look the same then are numbered.
std::string Document::new_id(const std::string& kind, const std::string& name) {
  std::string id = "SPDXRef-" + kind + "-";
  for (const char c : name) id += is_alphanumeric(c) || c == '.' ? c : '-';
  std::string unique = id;
  for (int number = 2; !ids_.insert(unique).second; ++number) unique = id + "-" + std::to_string(number);
  return unique;
}

void Document::relate(const std::string& from, const char* how, const std::string& to) {
  relationships_.push_back({{"spdxElementId", from}, {"relationshipType", how}, {"relatedSpdxElement", to}});
}

std::string Document::purl(const Package& package, const std::string& name, const std::string& version,
                           const std::string& architecture) const {
  return "pkg:" + purl_type(package) + "/" + purl_escape(input_.recipe.distribution) + "/" + purl_escape(name) + "@" +
         purl_escape(version) + "?arch=" + purl_escape(architecture) +
         "&distro=" + purl_escape(release_of(input_.lock.repository_of(package).where.suite));
}

Json checksum(const char* algorithm, const std::string& value) {
  return {{"algorithm", algorithm}, {"checksumValue", value}};
}

/// What every package has, ours and theirs; nobody has looked into licences yet.
Json package_head(const std::string& id, const std::string& name, const std::string& version) {
  return {{"name", name},
          {"SPDXID", id},
          {"versionInfo", version},
          {"supplier", unknown},
          {"downloadLocation", unknown},
          {"filesAnalyzed", false},
          {"licenseConcluded", unknown},
          {"licenseDeclared", unknown},
          {"copyrightText", unknown}};
}

Json purl_references(const std::string& purl) {
  return Json::array(
      {{{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", purl}}});
}

/// SPDX insists on SHA-1 for files; SHA-256 is there to be relied on.
std::string Document::add_file(const fs::path& folder, const std::string& name) {
  const std::string id = new_id("File", name);
  sha1s_.push_back(sha1_of_file(folder / name));
  files_.push_back(
      {{"fileName", "./" + name},
       {"SPDXID", id},
       {"checksums", Json::array({checksum("SHA1", sha1s_.back()), checksum("SHA256", sha256_of_file(folder / name))})},
       {"licenseConcluded", unknown},
       {"licenseInfoInFiles", Json::array({unknown})},
       {"copyrightText", unknown}});
  return id;
}

/// The image is a package whose files are known, so it needs SPDX's verification code: the SHA-1 of their sorted
/// SHA-1s.
void Document::add_image(const fs::path& folder, const std::vector<OutputFile>& outputs) {
  Json image = package_head(image_id, input_.recipe.name, input_.build_id);
  image["filesAnalyzed"] = true;
  image["summary"] = input_.recipe.title;
  relate(document_id, "DESCRIBES", image_id);
  for (const OutputFile& output : outputs) relate(image_id, "CONTAINS", add_file(folder, output.name));
  std::sort(sha1s_.begin(), sha1s_.end());
  std::string joined;
  for (const std::string& sha1 : sha1s_) joined += sha1;
  image["packageVerificationCode"] = {
      {"packageVerificationCodeValue", sha1_of(joined)},
      {"packageVerificationCodeExcludedFiles",
       {std::string("./") + sbom_file, std::string("./") + manifest_file, std::string("./") + manifest_file + ".sig"}}};
  image["licenseInfoFromFiles"] = Json::array({unknown});
  packages_.push_back(std::move(image));
}

/// The element of the package's source, made when the first package of it comes.
std::string Document::source_id(const Package& package) {
  const std::string name = name_of_source(package);
  const std::string version = version_of_source(package);
  std::string& id = sources_[{name, version}];
  if (!id.empty()) return id;
  id = new_id("Source", name);
  Json source = package_head(id, name, version);
  source["primaryPackagePurpose"] = "SOURCE";
  source["externalRefs"] = purl_references(purl(package, name, version, "source"));
  packages_.push_back(std::move(source));
  return id;
}

void Document::add_package(const Package& package) {
  const std::string id = new_id("Package", package.name);
  const Recipe::Repository& where = input_.lock.repository_of(package).where;
  Json json = package_head(id, package.name, package.version);
  json["originator"] = unknown;
  json["packageFileName"] = fs::path(package.path).filename().string();
  json["sourceInfo"] = package.path + " of the mirror " + where.mirror + ", suite " + where.suite;
  json["checksums"] = Json::array({checksum("SHA256", package.sha256)});
  json["externalRefs"] = purl_references(purl(package, package.name, package.version, package.architecture));
  packages_.push_back(std::move(json));
  relate(image_id, "CONTAINS", id);
  relate(id, "GENERATED_FROM", source_id(package));
}

/// The one program in the image that no package brought.
void Document::add_init() {
  const auto lifeboat = input_.tools.find("lifeboat");
  const std::string id = new_id("Lifeboat", "lifeboat-init");
  packages_.push_back(package_head(id, "lifeboat-init", lifeboat == input_.tools.end() ? "" : lifeboat->second));
  relate(image_id, "CONTAINS", id);
}

Json Document::finish() {
  const std::string name = input_.recipe.name + "-" + input_.recipe.architecture;
  const auto lifeboat = input_.tools.find("lifeboat");
  return {
      {"spdxVersion", "SPDX-2.3"},
      {"dataLicense", "CC0-1.0"},
      {"SPDXID", document_id},
      {"name", name},
      // SPDX 2.3, 6.5: who has no site of their own takes this one, and it need not answer. The build id makes it
      // unique.
      {"documentNamespace", "https://spdx.org/spdxdocs/" + name + "-" + input_.build_id},
      {"creationInfo",
       {{"created", iso_time(input_.lock.time())},
        {"creators", Json::array({"Tool: lifeboat" + (lifeboat == input_.tools.end() ? "" : "-" + lifeboat->second)})},
        {"comment", "Created is the date of the youngest repository: the same build gives the same document."}}},
      {"packages", std::move(packages_)},
      {"files", std::move(files_)},
      {"relationships", std::move(relationships_)}};
}

}  // namespace

void write_sbom(const fs::path& folder, const ManifestInput& input, const std::vector<OutputFile>& outputs) {
  Document document(input);
  document.add_image(folder, outputs);
  document.add_init();
  for (const Package& package : input.lock.all_packages()) document.add_package(package);
  replace_file(folder / sbom_file, document.finish().dump(2) + "\n");
}

}  // namespace lifeboat
