#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "builder/package/deb_reader.hpp"
#include "builder/tests/tree/tar_builder.hpp"

namespace lifeboat::testing {

/// The control file of the package that hello() describes.
inline constexpr std::string_view hello_control =
    "Package: hello\nVersion: 1:2.10-3\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\n"
    "Description: a greeting\n Version: 9 is only in the text\n";

/// What the index says of it.
Package hello();

/// How every error of reading it begins.
inline const std::string start = "unpacking the package hello 1:2.10-3: ";

struct Part {
  std::string name, bytes;
};

/// An ar of these parts: a .deb as dpkg-deb would not make it.
std::string ar_of(const std::vector<Part>& parts);

inline const Part format{"debian-binary", "2.0\n"};
Part control_part(std::string_view text = hello_control);
Part data_part();

UnpackedPackage read_bytes(std::string_view bytes, const ArchiveLimits& limits = {});
/// The whole error of reading a .deb of these parts, or "no error".
std::string fault_of(const std::vector<Part>& parts, const ArchiveLimits& limits = {});

}  // namespace lifeboat::testing
