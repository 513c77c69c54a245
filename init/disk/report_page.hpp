#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// How many a terminal needs: as many as it has characters.
std::size_t columns(std::string_view text);
std::string size_text(std::uint64_t bytes);
/// " \"LABEL\""; nothing without a label.
std::string quoted_label(std::string_view label);
/// "a, b, c"; empty ones are left out.
std::string joined(const std::vector<std::string>& parts);
/// "a, b and c".
std::string joined_and(const std::vector<std::string>& parts);

/// A report's three columns: the name (a partition's is indented), the size, and text that goes on below itself.
class Page {
 public:
  Page(const DiskReport& report, int width);

  void row(std::string_view name, std::uint64_t size, std::string_view text);
  void below(std::string_view text, std::string_view mark = "");
  /// A command is never broken: it is copied as it stands.
  void command(std::string_view text);
  void wrap(std::string line, std::string_view text, std::size_t indent);
  std::string take() { return std::move(text_); }

 private:
  std::size_t text_column() const;
  void put(std::string_view line);

  std::size_t width_;
  std::size_t names_ = 4;
  std::string text_;
};

/// What it is and holds, on one line; empty: nothing known.
std::string content_text(const Content& content);
/// What is to be said below that: fstab, care, the next command.
void put_details(Page& page, const Content& content);

/// RAIDs, volume groups, opened devices and clones, each below a heading of its own; nothing where there is none.
void put_layers(Page& page, const DiskReport& report);

}  // namespace lifeboat::init
