#include "builder/fetch/gpgv_status.hpp"

#include <array>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

using Words = std::vector<std::string_view>;

std::string word(const Words& words, std::size_t at) { return at < words.size() ? std::string(words[at]) : ""; }

/// Numbers of hash algorithms in OpenPGP (RFC 4880, 9.4) that still stand.
bool is_strong_hash(std::string_view number) { return number == "8" || number == "9" || number == "10"; }

std::string hash_name(std::string_view number) {
  if (number == "1") return "MD5";
  if (number == "2") return "SHA-1";
  if (number == "3") return "RIPEMD-160";
  return "hash algorithm " + printable(number);
}

/// ERRSIG keyid algorithm hash class time code [fingerprint]
void read_errsig(const Words& words, SignatureVerdict& verdict) {
  constexpr std::string_view no_public_key = "9";
  verdict.good = false;  // whatever was said before
  verdict.primary = words.size() > 8 && words[8] != "-" ? word(words, 8) : word(words, 2);
  if (word(words, 7) == no_public_key) {
    verdict.reason = "its key is not in the keyring";
    return;
  }
  verdict.broken = true;
  verdict.reason = is_strong_hash(word(words, 4))
                       ? "gpgv cannot check it (error " + printable(word(words, 7)) + ")"
                       : "it is made over " + hash_name(word(words, 4)) + ", which is too weak";
}

/// VALIDSIG fingerprint date time expires version reserved algorithm hash class [primary]
void read_validsig(const Words& words, SignatureVerdict& verdict) {
  verdict.primary = words.size() > 11 ? word(words, 11) : word(words, 2);
  if (is_strong_hash(word(words, 9))) return;
  verdict.good = false;
  verdict.broken = true;
  verdict.reason = "it is made over " + hash_name(word(words, 9)) + ", which is too weak";
}

struct Fault {
  std::string_view keyword, reason;
  bool broken;
};
constexpr std::array<Fault, 4> faults{{{"BADSIG", "it does not match the text", true},
                                       {"EXPSIG", "it has expired", false},
                                       {"EXPKEYSIG", "its key has expired", false},
                                       {"REVKEYSIG", "its key was revoked", false}}};

void read_line(const Words& words, SignatureVerdict& verdict) {
  const std::string_view keyword = words[1];
  if (keyword == "GOODSIG") verdict.good = verdict.reason.empty();
  if (keyword == "VALIDSIG") read_validsig(words, verdict);
  if (keyword == "ERRSIG") read_errsig(words, verdict);
  for (const Fault& fault : faults) {
    if (keyword != fault.keyword) continue;
    verdict.good = false;
    verdict.broken = fault.broken;
    verdict.reason = fault.reason;
    verdict.primary = word(words, 2);
  }
}

}  // namespace

std::vector<SignatureVerdict> parse_gpgv_status(std::string_view status) {
  std::vector<SignatureVerdict> verdicts;
  for (const std::string_view line : split_lines(status)) {
    const Words words = split_words(line);
    if (words.size() < 2 || words[0] != "[GNUPG:]") continue;
    if (words[1] == "NEWSIG")
      verdicts.emplace_back();
    else if (!verdicts.empty())
      read_line(words, verdicts.back());
  }
  return verdicts;
}

}  // namespace lifeboat
