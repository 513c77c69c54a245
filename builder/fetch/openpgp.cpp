#include "builder/fetch/openpgp.hpp"

#include <fcntl.h>

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/armor.hpp"
#include "builder/fetch/downloader.hpp"
#include "builder/fetch/gpgv_status.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// For a folder that goes in a moment: nothing to sync.
void write_scratch(const fs::path& file, std::string_view bytes) {
  write_all(open_file(file, O_WRONLY | O_CREAT | O_EXCL), bytes, file.string());
}

/// gpgv's status lines; the signed text lands in `output`, also when the signature is bad.
std::string run_gpgv(const fs::path& folder, const fs::path& keyring, const fs::path& output, const fs::path& input) {
  const Command gpgv{
      .argv = {"gpgv", "--homedir", folder.string(), "--weak-digest", "SHA1", "--weak-digest", "RIPEMD160", "--keyring",
               keyring.string(), "--status-fd", "1", "--output", output.string(), input.string()},
      .needed_for = "checking the signatures of repositories"};
  return run(gpgv).out;
}

bool has_one_plaintext(std::string_view status) {
  const std::vector<std::string_view> lines = split_lines(status);
  return std::count_if(lines.begin(), lines.end(),
                       [](std::string_view line) { return line.starts_with("[GNUPG:] PLAINTEXT "); }) == 1;
}

bool is_allowed(const SignatureVerdict& verdict, std::span<const std::string> fingerprints) {
  return std::find(fingerprints.begin(), fingerprints.end(), verdict.primary) != fingerprints.end();
}

std::string describe(const std::vector<SignatureVerdict>& verdicts, std::span<const std::string> fingerprints) {
  std::string text;
  for (const SignatureVerdict& verdict : verdicts) {
    const std::string reason = !verdict.good                       ? verdict.reason
                               : is_allowed(verdict, fingerprints) ? "it is good, but it does not stand alone"
                                                                   : "it is good, but the key is not an allowed one";
    text += "\n  signature by " + printable(verdict.primary) + ": " + (reason.empty() ? "not judged by gpgv" : reason);
  }
  return text.empty() ? "\n  no signature" : text;
}

void judge(const std::string& status, std::span<const std::string> fingerprints, std::string_view name) {
  const std::vector<SignatureVerdict> verdicts = parse_gpgv_status(status);
  const bool broken =
      std::any_of(verdicts.begin(), verdicts.end(), [](const SignatureVerdict& one) { return one.broken; });
  const bool signed_by_allowed = std::any_of(verdicts.begin(), verdicts.end(), [&](const SignatureVerdict& one) {
    return one.good && is_allowed(one, fingerprints);
  });
  if (signed_by_allowed && !broken && has_one_plaintext(status)) return;
  const std::vector<std::string> allowed(fingerprints.begin(), fingerprints.end());
  throw WrongContent("the signature of " + std::string(name) + " is not valid: expected a good one by " +
                         (allowed.empty() ? "a key of `fingerprints`, which is empty" : join(allowed, " or ")) +
                         ", got" + describe(verdicts, fingerprints),
                     "the file was altered or damaged, or the recipe's keyring and fingerprints are not this "
                     "repository's; gpg --show-keys KEYRING lists them");
}

}  // namespace

std::string verify_cleartext(std::string_view signed_text, const fs::path& keyring,
                             std::span<const std::string> fingerprints, std::string_view name) {
  check_cleartext_frame(signed_text, name);
  const std::string keys = binary_keyring(read_file(keyring), keyring.string());
  remove_stale(fs::temp_directory_path(), "lifeboat-gpgv");
  const TempDir folder(fs::temp_directory_path(), "lifeboat-gpgv");
  write_scratch(folder.path() / "keys.gpg", keys);
  write_scratch(folder.path() / "signed", signed_text);
  const fs::path output = folder.path() / "text";
  judge(run_gpgv(folder.path(), folder.path() / "keys.gpg", output, folder.path() / "signed"), fingerprints, name);
  return read_file(output);
}

}  // namespace lifeboat
