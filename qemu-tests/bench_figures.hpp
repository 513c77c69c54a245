#pragma once
// What the bench measures with, and how it prints: each figure beside what it is compared with in the same run, since
// machines differ and are noisy: read the ratios.
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat::qemu {

constexpr double mebibyte = 1 << 20;

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values);

/// A line of the table. What is 0 or empty is not printed.
struct Row {
  std::string what;
  double value;
  const char* unit;
  double other = 0;  ///< what the value is divided by
  const char* other_name = "floor";
  double limit = 0;  ///< says "ok" or "OVER"
};
void print_row(const Row& row);
void print_title(const std::string& title);

/// What a program takes until it ends.
struct Cost {
  double seconds;
  double peak_mib;  ///< resident memory, of the program and all that it started together
};

/// Runs a program with `input` as its standard input (empty: none) and throws away what it prints. Throws Failure for
/// any status but 0, with the last of its standard error.
Cost cost_of(const std::vector<std::string>& argv, const std::filesystem::path& input = {});

}  // namespace lifeboat::qemu
