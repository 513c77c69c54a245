#include "builder/build/verify.hpp"

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/signature.hpp"
#include "builder/base/text.hpp"
#include "builder/build/manifest.hpp"
#include "builder/media/image_arguments.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

using Faults = std::vector<std::string>;

std::string shown_digest(const Sha256& digest) { return "SHA-256:" + digest; }

/// What is wrong with the place itself: not there, or no plain file, which a link to one is not either.
std::optional<std::string> fault_of_place(const fs::path& folder, const std::string& name) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(folder / name, error);
  switch (status.type()) {
    case fs::file_type::regular:
      return std::nullopt;
    case fs::file_type::not_found:
      return name + " is missing";
    case fs::file_type::symlink:
      return name + " is a symbolic link";
    case fs::file_type::directory:
      return name + " is a folder";
    default:
      return name + (error ? " cannot be looked at: " + error.message() : " is no regular file");
  }
}

/// A hybrid image that differs by extra kernel arguments alone is as it was built; says which they are.
std::optional<std::string> only_patched(const fs::path& file, const Manifest::Output& output) {
  if (output.role != "medium") return std::nullopt;
  try {
    const ImageArguments found = read_image_arguments(file);
    if (sha256_without_arguments(file, found) != output.sha256) return std::nullopt;
    return output.name + ": as built, but for its extra kernel arguments: " + found.arguments;
  } catch (const Interrupted&) {
    throw;
  } catch (const Error&) {
    return std::nullopt;  // it is no hybrid image, or a broken one
  }
}

/// What was found: `faults` make the output unfit, `notes` are for a person to know.
struct Findings {
  Faults faults;
  std::vector<std::string> notes;
};

std::optional<std::string> fault_of_output(const fs::path& folder, const Manifest::Output& output,
                                           std::vector<std::string>& notes) {
  if (auto fault = fault_of_place(folder, output.name)) return fault;
  const fs::path file = folder / output.name;
  if (const std::uint64_t size = fs::file_size(file); size != output.size)
    return output.name + ": expected " + std::to_string(output.size) + " bytes, got " + std::to_string(size);
  if (const Sha256 digest = sha256_of_file(file); digest != output.sha256) {
    if (auto note = only_patched(file, output)) {
      notes.push_back(*note);
      return std::nullopt;
    }
    return output.name + ": expected SHA-256 " + output.sha256 + ", got " + digest;
  }
  return std::nullopt;
}

/// A file that cannot be read is one fault among others.
void check_output_file(const fs::path& folder, const Manifest::Output& output, Findings& found) {
  try {
    if (auto fault = fault_of_output(folder, output, found.notes)) found.faults.push_back(*fault);
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception& error) {
    found.faults.push_back(output.name + ": " + error.what());
  }
}

bool is_named(const Manifest& manifest, const std::string& name) {
  return name == manifest_file || name == signature_file ||
         std::any_of(manifest.outputs.begin(), manifest.outputs.end(),
                     [&](const Manifest::Output& output) { return output.name == name; });
}

/// What else lies in the folder: nobody vouches for it.
void check_nothing_else(const fs::path& folder, const Manifest& manifest, Faults& faults) {
  Faults extra;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!is_named(manifest, name)) extra.push_back(name + " is not in the manifest");
  }
  std::sort(extra.begin(), extra.end());
  faults.insert(faults.end(), extra.begin(), extra.end());
}

/// The manifest as it lies there: one reading, so that the bytes that are judged are the bytes that are believed.
struct Statement {
  std::string text;
  Manifest manifest;
  bool has_signature;
};

Statement read_statement(const fs::path& folder) {
  Statement statement{.text = read_manifest_text(folder), .manifest = {}, .has_signature = false};
  statement.manifest = parse_manifest(statement.text, folder / manifest_file);
  std::error_code ignored;
  statement.has_signature = fs::symlink_status(folder / signature_file, ignored).type() != fs::file_type::not_found;
  return statement;
}

/// Why the signature that lies there is not the key's.
std::string why_not_signed(const Statement& statement, const std::string& signature, const Sha256& key) {
  if (signature.size() != signature_size)
    return std::string(signature_file) + ": a signature has " + std::to_string(signature_size) + " bytes, not " +
           std::to_string(signature.size());
  const std::string& signer = statement.manifest.signer;
  if (!signer.empty() && signer != key)
    return std::string(manifest_file) + " is signed with another key: expected " + shown_digest(key) + ", got " +
           shown_digest(signer);
  return std::string(signature_file) + " is no signature of this " + manifest_file + " by " + shown_digest(key);
}

void check_signature(const VerifyOptions& options, const Statement& statement, const Sha256& key, Faults& faults) {
  const std::string signature = read_small_file(options.folder / signature_file, 1 << 16);
  if (!is_signed_by(statement.text, signature, options.key))
    faults.push_back(why_not_signed(statement, signature, key));
}

/// A signature that is missing although the manifest or the caller speaks of one was taken away.
void check_signed(const VerifyOptions& options, const Statement& statement, const Sha256& key, Faults& faults) {
  const std::string& signer = statement.manifest.signer;
  if (statement.has_signature) {
    if (auto fault = fault_of_place(options.folder, signature_file))
      faults.push_back(*fault);
    else if (!key.empty())
      check_signature(options, statement, key, faults);
  } else if (!signer.empty()) {
    faults.push_back(std::string(signature_file) + " is missing, and the manifest says that " + shown_digest(signer) +
                     " signed it");
  } else if (!key.empty()) {
    faults.push_back(std::string(manifest_file) + " is not signed: expected a signature by " + shown_digest(key));
  }
}

Findings look_at(const VerifyOptions& options, const Statement& statement, const Sha256& key) {
  Findings found;
  Faults& faults = found.faults;
  if (auto fault = fault_of_place(options.folder, manifest_file)) faults.push_back(*fault);
  for (const Manifest::Output& output : statement.manifest.outputs) check_output_file(options.folder, output, found);
  check_nothing_else(options.folder, statement.manifest, faults);
  check_signed(options, statement, key, faults);
  return found;
}

void throw_if_any(const Faults& faults, const fs::path& folder) {
  if (faults.empty()) return;
  std::string text = "verifying " + folder.string() + ": ";
  text += faults.size() == 1 ? "1 fault" : std::to_string(faults.size()) + " faults";
  for (const std::string& fault : faults) text += "\n  " + fault;
  throw Error(text, "do not boot it; copy it again from where it was built, or build it again");
}

void say_what_holds(const VerifyOptions& options, const Statement& statement, const Sha256& key, std::ostream& out) {
  const Manifest& manifest = statement.manifest;
  std::uint64_t size = 0;
  for (const Manifest::Output& output : manifest.outputs) size += output.size;
  out << options.folder.string() << ": every byte of build " << printable(manifest.build_id)
      << " is as its manifest says (" << manifest.outputs.size() << " files, " << format_size(size) << ")";
  if (!key.empty()) out << ", signed by " << shown_digest(key);
  if (!statement.has_signature) out << "; the manifest is not signed";
  out << "\n";
  if (statement.has_signature && key.empty())
    out << "The signature was not judged, for lack of a key: lifeboat verify "
        << quote_command({options.folder.string()}) << " --key PUBLIC.pem\n";
  out << std::flush;
}

}  // namespace

bool verify_output(const VerifyOptions& options, std::ostream& out) {
  const Sha256 key = options.key.empty() ? "" : key_fingerprint(options.key);
  const Statement statement = read_statement(options.folder);
  const Findings found = look_at(options, statement, key);
  throw_if_any(found.faults, options.folder);
  say_what_holds(options, statement, key, out);
  for (const std::string& note : found.notes) out << printable(note) << "\n";
  out << std::flush;
  return found.notes.empty();
}

void sign_manifest(const fs::path& folder, const fs::path& private_key) {
  const Statement statement = read_statement(folder);
  const Sha256 key = key_fingerprint(private_key);
  if (statement.manifest.signer != key)
    throw Error("signing " + (folder / manifest_file).string() + ": it was written for the signer " +
                (statement.manifest.signer.empty() ? "nobody" : shown_digest(statement.manifest.signer)) +
                ", and the key is " + shown_digest(key));
  replace_file(folder / signature_file, sign_bytes(statement.text, private_key));
}

}  // namespace lifeboat
