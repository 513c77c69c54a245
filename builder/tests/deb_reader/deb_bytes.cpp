#include "builder/tests/deb_reader/deb_bytes.hpp"

#include <fcntl.h>

#include <cstdio>

#include "builder/base/file.hpp"
#include "builder/tests/base/message_of.hpp"

namespace lifeboat::testing {
namespace fs = std::filesystem;

Package hello() {
  Package package;
  package.name = "hello";
  package.version = "1:2.10-3";
  package.architecture = "amd64";
  return package;
}

std::string ar_of(const std::vector<Part>& parts) {
  std::string ar = "!<arch>\n";
  for (const Part& part : parts) {
    char header[61];
    std::snprintf(header, sizeof header, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", part.name.c_str(), 0, 0, 0, "100644",
                  part.bytes.size());
    ar += header + part.bytes;
    if (part.bytes.size() % 2 != 0) ar += '\n';
  }
  return ar;
}

Part control_part(std::string_view text) { return {"control.tar", TarBuilder().file("./control", text).finish()}; }

Part data_part() { return {"data.tar", TarBuilder().folder("./").file("./usr/bin/hello", "ELF").finish()}; }

UnpackedPackage read_bytes(std::string_view bytes, const ArchiveLimits& limits) {
  const TempDir folder(fs::temp_directory_path(), "deb-test");
  const fs::path file = folder.path() / "x.deb";
  write_all(open_file(file, O_WRONLY | O_CREAT | O_EXCL), bytes, file.string());
  return read_deb(file, hello(), *Spool::create(folder.path()), limits);
}

std::string fault_of(const std::vector<Part>& parts, const ArchiveLimits& limits) {
  return message_of([&] { read_bytes(ar_of(parts), limits); });
}

}  // namespace lifeboat::testing
