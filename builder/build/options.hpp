#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "builder/media/media.hpp"

namespace lifeboat {

/// What every command that fetches can be told. Empty paths take the defaults named here.
struct FetchOptions {
  std::filesystem::path cache;         ///< default: Cache::default_folder()
  std::vector<std::string> mirrors;    ///< "NAME=URL", tried before all others, in this order
  std::filesystem::path mirrors_file;  ///< lines "NAME = URL"
  bool offline = false;                ///< ask nothing of the network: the cache alone
  bool quiet = false;                  ///< no progress, only errors
};

/// What `lifeboat build` was asked.
struct BuildOptions : FetchOptions {
  std::filesystem::path recipe;
  std::filesystem::path output;       ///< default: out/NAME-ARCHITECTURE below the working directory
  std::vector<std::string> media;     ///< rows of media's table; default: those of the recipe
  std::filesystem::path lock;         ///< build exactly this; default: what the repositories have now
  std::filesystem::path init_binary;  ///< default: lifeboat-init beside this program, then /usr/lib/lifeboat/
  std::filesystem::path overlays;  ///< default: overlays/ beside the recipe's folder, then /usr/share/lifeboat/overlays
  bool fast = false;               ///< quick compression: larger image, for developers
  bool reuse = true;               ///< take what earlier builds have made of the same inputs
  bool check_reproducible = false;  ///< build a second time in other circumstances and compare every byte
  std::filesystem::path sign_key;   ///< Ed25519 private key (PEM) that signs the manifest; default: unsigned
  SecureBootKey secure_boot;        ///< signs the medium uki; default: unsigned
  bool json = false;  ///< events on standard output, one JSON object a line (docs/progress.md), instead of progress
};

/// What `lifeboat patch` was asked.
struct PatchOptions {
  std::filesystem::path image;                  ///< rescue.iso, rescue.raw or rescue.qcow2
  std::optional<std::string> kernel_arguments;  ///< to write; "": none any more; nothing: say which there are
};

/// What `lifeboat plan` was asked: a build that is not done.
struct PlanOptions {
  BuildOptions build;
};

/// What `lifeboat lock` was asked.
struct LockOptions : FetchOptions {
  std::filesystem::path recipe;
  std::vector<std::string> media;     ///< as for a build
  std::filesystem::path output;       ///< default: the recipe's name with .lock instead of .toml, beside it
  bool update = false;                ///< renew a lock that is there
  std::vector<std::string> packages;  ///< with `update`: only these, and what they need anew; empty: all
};

/// What `lifeboat outdated` was asked.
struct OutdatedOptions : FetchOptions {
  std::filesystem::path lock;
};

/// What `lifeboat diff` was asked: two outputs of `build`, or two locks.
struct DiffOptions {
  std::filesystem::path before;
  std::filesystem::path after;
};

/// What `lifeboat verify` was asked.
struct VerifyOptions {
  std::filesystem::path folder;
  std::filesystem::path key;  ///< Ed25519 public key (PEM); empty: a signature is not judged
};

}  // namespace lifeboat
