#include "init/source/answer.hpp"

#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "init/contract/base64.hpp"
#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

/// The text values, each with its key in the answer's text.
constexpr std::array<std::pair<std::string_view, std::string Answer::*>, 6> texts{{
    {"origin", &Answer::origin},
    {"password_hash", &Answer::password_hash},
    {"user", &Answer::user},
    {"hostname", &Answer::hostname},
    {"notify_socket", &Answer::notify_socket},
    {"deadline", &Answer::deadline},
}};

std::string line(std::string_view key, std::string value) {
  for (char& c : value)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return std::string(key) + "=" + value + "\n";
}

/// The platform's random bytes are as secret as its password: the kernel may count on them, bit for bit.
void credit_random_seed(const std::string& seed) {
  constexpr std::size_t most = 512;
  struct {
    int entropy_count;
    int buf_size;
    std::array<char, most> bytes;
  } pool{};
  const std::size_t size = std::min(seed.size(), most);
  std::memcpy(pool.bytes.data(), seed.data(), size);
  pool.entropy_count = static_cast<int>(8 * size);
  pool.buf_size = static_cast<int>(size);
  const auto random = open_file("/dev/urandom", O_WRONLY);
  if (random) ::ioctl(random->get(), RNDADDENTROPY, &pool);  // best effort: the kernel has other sources
  ::explicit_bzero(&pool, sizeof pool);
}

void take_hash(Findings& findings, Answer& answer, HashPassword hash, CheckHash check) {
  if (!findings.password.empty()) {
    auto made = hash(findings.password);
    if (made) answer.password_hash = std::move(*made);
    if (!made) answer.notes.push_back(made.error());
  } else if (!findings.password_hash.empty()) {
    const Status known = check(findings.password_hash);
    if (known) answer.password_hash = std::move(findings.password_hash);
    if (!known) answer.notes.push_back("the password's hash is not used: " + known.error());
  }
}

void read_line(std::string_view key, std::string_view value, Answer& answer) {
  for (const auto& [name, member] : texts)
    if (key == name) answer.*member = value;
  if (key == "key") answer.keys.emplace_back(value);
  if (key == "note") answer.notes.emplace_back(value);
  if (key == "network")
    answer.network = parse_plan(contract::decode_base64(value).value_or("")).value_or(NetworkPlan());
  if (key == "host_key") answer.host_key = Secret(contract::decode_base64(value).value_or(""));
}

}  // namespace

std::string to_text(const Answer& answer) {
  std::string text;
  for (const auto& [name, member] : texts)
    if (!(answer.*member).empty()) text += line(name, answer.*member);
  for (const std::string& key : answer.keys) text += line("key", key);
  for (const std::string& note : answer.notes) text += line("note", note);
  if (!answer.network.is_empty() || !answer.network.notes.empty())
    text += line("network", contract::encode_base64(to_text(answer.network)));
  if (!answer.host_key.empty()) text += line("host_key", contract::encode_base64(answer.host_key.view()));
  return text;
}

std::optional<Answer> parse_answer(std::string_view text) {
  Answer answer;
  for (const std::string_view entry : contract::split_words(text, "\n")) {
    const auto assignment = contract::split_assignment(entry);
    if (!assignment) return std::nullopt;
    read_line(assignment->first, assignment->second, answer);
  }
  return answer;
}

void keep_good_keys(Findings& findings, CheckKey check) {
  std::vector<std::string> good;
  for (std::size_t i = 0; i < findings.keys.size(); ++i) {
    const Status checked = check(findings.keys[i]);
    if (checked)
      good.push_back(std::move(findings.keys[i]));
    else
      add_note("SSH key " + std::to_string(i + 1) + " is not used: " + checked.error(), findings);
  }
  findings.keys = std::move(good);
}

Answer answer_from(Findings&& findings, const std::string& origin, HashPassword hash, CheckHash check) {
  Answer answer{.origin = origin,
                .user = std::move(findings.user),
                .keys = std::move(findings.keys),
                .hostname = std::move(findings.hostname),
                .host_key = std::move(findings.host_key),
                .notify_socket = std::move(findings.notify_socket),
                .deadline = std::move(findings.deadline),
                .network = std::move(findings.network),
                .notes = std::move(findings.notes)};
  if (!findings.random_seed.empty()) credit_random_seed(findings.random_seed);
  take_hash(findings, answer, hash, check);
  return answer;
}

}  // namespace lifeboat::init
