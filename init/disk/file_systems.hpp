#pragma once
#include <string>
#include <string_view>

namespace lifeboat::init {

/// How a kind of content is read without writing to it. One row per kind; options are those of Linux 5.10 on.
struct FileSystemKind {
  std::string_view type;         ///< libblkid's name
  std::string_view title;        ///< what a person reads
  std::string_view kernel_type;  ///< the driver that reads it; empty: we do not look inside
  std::string_view options;      ///< beside "ro": no journal replay, no duplicate check
  std::string_view command;      ///< what to type; %d is the device, %n its name
};

/// Nothing (nullptr) where the kind is not in the table.
const FileSystemKind* find_file_system_kind(std::string_view type);

/// The row's command for one device.
std::string next_command(const FileSystemKind& kind, std::string_view device);

}  // namespace lifeboat::init
