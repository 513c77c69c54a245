// The SBOM: its form is judged by Debian's jsonschema with what SPDX 2.3 says, its sense here.
#include "builder/build/sbom.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "builder/base/digest.hpp"
#include "builder/base/run.hpp"
#include "builder/tests/build/example_build.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Json = nlohmann::json;
using Strings = std::vector<std::string>;

const fs::path schema = LIFEBOAT_SOURCE_DIR "/builder/tests/data/build/spdx-2.3.schema.json";

Outcome validate(const fs::path& file) { return run({.argv = {"jsonschema", "-i", file, schema}}); }

Json sbom_of(const ExampleBuild& build) {
  write_sbom(build.folder.path(), build.input(), build.outputs);
  return Json::parse(read_file(build / "sbom.spdx.json"));
}

const Json& element(const Json& sbom, const std::string& name) {
  for (const char* list : {"packages", "files"})
    for (const Json& candidate : sbom[list])
      if (candidate.value("name", candidate.value("fileName", "")) == name) return candidate;
  FAIL("the SBOM has no " << name);
  return sbom;
}

std::string purl_of(const Json& package) { return package["externalRefs"][0]["referenceLocator"]; }

/// What is wrong with ids and relationships; a schema cannot see it.
Strings inconsistencies(const Json& sbom) {
  Strings faults;
  std::set<std::string> ids{"SPDXRef-DOCUMENT"}, reached;
  for (const char* list : {"packages", "files"})
    for (const Json& item : sbom[list])
      if (!ids.insert(item["SPDXID"]).second) faults.push_back("twice: " + item["SPDXID"].get<std::string>());
  for (const Json& relationship : sbom["relationships"]) {
    for (const char* end : {"spdxElementId", "relatedSpdxElement"})
      if (!ids.contains(relationship[end])) faults.push_back("unknown: " + relationship[end].get<std::string>());
    reached.insert(relationship["relatedSpdxElement"]);
  }
  for (const std::string& id : ids)
    if (id != "SPDXRef-DOCUMENT" && !reached.contains(id)) faults.push_back("unrelated: " + id);
  return faults;
}

/// "FROM HOW TO" of every relationship, with the elements' names.
std::set<std::string> relationships(const Json& sbom) {
  std::map<std::string, std::string> names{{"SPDXRef-DOCUMENT", "document"}};
  for (const Json& package : sbom["packages"]) {
    const bool source = package.value("primaryPackagePurpose", "") == "SOURCE";
    names[package["SPDXID"]] = (source ? "source " : "") + package["name"].get<std::string>();
  }
  for (const Json& file : sbom["files"]) names[file["SPDXID"]] = file["fileName"];
  std::set<std::string> lines;
  for (const Json& r : sbom["relationships"])
    lines.insert(names[r["spdxElementId"]] + " " + r["relationshipType"].get<std::string>() + " " +
                 names[r["relatedSpdxElement"]]);
  return lines;
}

}  // namespace

TEST_CASE("an SBOM is what SPDX 2.3 asks for, and its ids hold together") {
  const ExampleBuild build;
  const Json sbom = sbom_of(build);
  const Outcome outcome = validate(build / "sbom.spdx.json");
  CHECK(outcome.err.empty());
  CHECK(outcome.status == 0);
  CHECK(inconsistencies(sbom).empty());
}

TEST_CASE("the document is named after its build, and dated by the lock") {
  const ExampleBuild build;
  const Json sbom = sbom_of(build);
  CHECK(sbom["documentNamespace"] == "https://spdx.org/spdxdocs/debian-12-amd64-" + build.build_id);
  CHECK(sbom["creationInfo"]["created"] == "2026-11-24T02:12:15Z");
  CHECK(sbom["creationInfo"]["creators"] == Json::array({"Tool: lifeboat-0.1.0"}));
}

TEST_CASE("the same build gives the same SBOM, byte by byte") {
  const ExampleBuild one, two;
  sbom_of(one);
  sbom_of(two);
  CHECK(read_file(one / "sbom.spdx.json") == read_file(two / "sbom.spdx.json"));
}

TEST_CASE("the image contains its files and packages, and each package comes from its source") {
  const ExampleBuild build;
  const std::set<std::string> lines = relationships(sbom_of(build));
  for (const char* line :
       {"document DESCRIBES debian-12", "debian-12 CONTAINS ./vmlinuz", "debian-12 CONTAINS ./initrd.img",
        "debian-12 CONTAINS ./lock.toml", "debian-12 CONTAINS libstdc++6", "debian-12 CONTAINS lifeboat-init",
        "libstdc++6 GENERATED_FROM source gcc-12", "ca-certificates GENERATED_FROM source ca-certificates",
        "linux-image-amd64 GENERATED_FROM source linux-signed-amd64"}) {
    CAPTURE(line);
    CHECK(lines.contains(line));
  }
  // One that describes, three files, the init, and two for each package.
  CHECK(lines.size() == 5 + 2 * build.lock.packages.size());
}

TEST_CASE("packages have a version, a digest and a package URL that is escaped as its specification says") {
  const ExampleBuild build;
  const Json sbom = sbom_of(build);
  const Json& library = element(sbom, "libstdc++6");
  CHECK(library["versionInfo"] == "12.2.0-14+deb12u1");
  CHECK(library["checksums"] == Json::array({{{"algorithm", "SHA256"}, {"checksumValue", sha256_of("libstdc++6")}}}));
  CHECK(library["packageFileName"] == "libstdc++6_12.2.0-14+deb12u1_amd64.deb");
  CHECK(library["filesAnalyzed"] == false);
  CHECK(purl_of(library) == "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=amd64&distro=bookworm");
  CHECK(purl_of(element(sbom, "bsdutils")) ==
        "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?arch=amd64&distro=bookworm");
  CHECK(purl_of(element(sbom, "ca-certificates")) ==
        "pkg:deb/debian/ca-certificates@20250419~deb12u2?arch=all&distro=bookworm");
  CHECK(purl_of(element(sbom, "util-linux")) ==
        "pkg:deb/debian/util-linux@2.38.1-5%2Bdeb12u3?arch=source&distro=bookworm");
}

TEST_CASE("two packages of one source share its element, and names that look the same keep their own") {
  ExampleBuild build;
  Package twin = build.lock.packages[4];
  twin.name = "libstdc--6";
  twin.source_version = "12.2.0-15";
  build.lock.packages.push_back(twin);
  const Json sbom = sbom_of(build);
  CHECK(inconsistencies(sbom).empty());
  CHECK(element(sbom, "libstdc++6")["SPDXID"] == "SPDXRef-Package-libstdc--6");
  CHECK(element(sbom, "libstdc--6")["SPDXID"] == "SPDXRef-Package-libstdc--6-2");
  int kernels = 0, compilers = 0;
  for (const Json& package : sbom["packages"]) {
    if (package["name"] == "linux-signed-amd64") ++kernels;
    if (package["name"] == "gcc-12") ++compilers;
  }
  CHECK(kernels == 1);
  CHECK(compilers == 2);  // one for each version
}

TEST_CASE("files have both digests, and the image's verification code is over the SHA-1s") {
  const ExampleBuild build;
  const Json sbom = sbom_of(build);
  const std::string bytes = "bytes of vmlinuz\n";
  CHECK(element(sbom, "./vmlinuz")["checksums"] ==
        Json::array({{{"algorithm", "SHA1"}, {"checksumValue", sha1_of(bytes)}},
                     {{"algorithm", "SHA256"}, {"checksumValue", sha256_of(bytes)}}}));
  const std::string code = run_checked(
      {.argv = {"sh", "-c", "sha1sum vmlinuz initrd.img lock.toml | cut -c1-40 | sort | tr -d '\\n' | sha1sum"},
       .directory = build.folder.path()});
  CHECK(element(sbom, "debian-12")["packageVerificationCode"]["packageVerificationCodeValue"] == code.substr(0, 40));
}

TEST_CASE("a broken SBOM is refused") {
  const auto [pointer, value] = GENERATE(table<std::string, Json>({
      {"/spdxVersion", "SPDX-9"},
      {"/documentNamespace", "https://spdx.org/spdxdocs/x#part"},
      {"/documentNamespace", "no-scheme"},
      {"/creationInfo/created", "Tue, 24 Nov 2026 02:12:15 UTC"},
      {"/creationInfo/creators/0", "lifeboat"},
      {"/packages/0/SPDXID", "SPDXRef-with+plus"},
      {"/packages/0/packageVerificationCode", nullptr},
      {"/packages/1/packageVerificationCode", {{"packageVerificationCodeValue", std::string(40, 'a')}}},
      {"/packages/2/supplier", "Debian"},
      {"/packages/2/downloadLocation", nullptr},
      {"/packages/2/checksums/0/checksumValue", std::string(40, 'a')},
      {"/packages/2/externalRefs/0/referenceLocator", "pkg:deb/debian/g++@1+b1?arch=amd64&distro=bookworm"},
      {"/packages/2/surprise", 1},
      {"/files/0/checksums/0/algorithm", "SHA512"},
      {"/files/0/checksums/0", nullptr},
      {"/relationships/0/relationshipType", "HOLDS"},
      {"/relationships/0/relatedSpdxElement", nullptr},
  }));
  const ExampleBuild build;
  Json sbom = sbom_of(build);
  const Json::json_pointer place(pointer);
  CAPTURE(pointer, value.dump());
  Json& parent = sbom[place.parent_pointer()];
  if (!value.is_null())
    sbom[place] = value;
  else if (parent.is_array())
    parent.erase(0);
  else
    parent.erase(place.back());
  replace_file(build / "sbom.spdx.json", sbom.dump(2));
  CHECK(validate(build / "sbom.spdx.json").status == 1);
}

TEST_CASE("an SBOM whose ids do not hold together is seen through") {
  const ExampleBuild build;
  const Json good = sbom_of(build);
  Json bad = good;
  bad["relationships"][0]["relatedSpdxElement"] = "SPDXRef-Nobody";
  CHECK(inconsistencies(bad) == Strings{"unknown: SPDXRef-Nobody", "unrelated: SPDXRef-Image"});
  bad = good;
  bad["files"][1]["SPDXID"] = bad["files"][0]["SPDXID"];
  CHECK(inconsistencies(bad).front() == "twice: SPDXRef-File-vmlinuz");
}

}  // namespace lifeboat::testing
