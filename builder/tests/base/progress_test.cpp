#include "builder/base/progress.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <regex>
#include <stdexcept>

#include "builder/base/fd.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

/// What `body` prints on standard error, which is no terminal here.
std::string printed_by(const std::function<void()>& body) {
  const Fd file(::memfd_create("stderr", MFD_CLOEXEC));
  const Fd before(::dup(2));
  ::dup2(file.get(), 2);
  body();
  ::dup2(before.get(), 2);
  return read_exactly_at(file, 0, static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), "stderr");
}

}  // namespace

TEST_CASE("a step is one line with its result and its duration") {
  const std::string text = printed_by([] {
    Progress progress;
    Progress::Step step(progress, "fetch");
    step.update(1, 2);
    step.done("162 packages, 89.1 MiB");
  });
  CAPTURE(text);
  CHECK(std::regex_match(text, std::regex(R"(  fetch +162 packages, 89\.1 MiB +[0-9]+\.[0-9] s\n)")));
}

TEST_CASE("a step that an error leaves says so") {
  const std::string text = printed_by([] {
    Progress progress;
    try {
      Progress::Step step(progress, "fetch");
      throw std::runtime_error("gone");
    } catch (const std::runtime_error&) {
    }
  });
  CHECK(std::regex_match(text, std::regex("  fetch +failed\n")));
}

TEST_CASE("a quiet build prints no progress") {
  CHECK(printed_by([] {
          Progress progress(true);
          progress.note("a fact");
          Progress::Step step(progress, "fetch");
          step.update(1, 2);
          step.done("all");
        }).empty());
}

TEST_CASE("a note is a line") {
  CHECK(printed_by([] { Progress().note("a fact"); }) == "  a fact\n");
}
