#include "init/contract/base64.hpp"
#include "init/contract/boot_configuration.hpp"
#include "init/contract/deadline.hpp"
#include "init/contract/kernel_arguments.hpp"
#include "init/contract/medium_mark.hpp"
#include "init/contract/ready_line.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::contract;
using lifeboat::init::test::read_cases;

namespace {

std::string joined(const std::vector<std::string>& words, const char* separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::string described(const KernelArguments& arguments) {
  std::vector<std::string> options;
  for (const auto& [module, option] : arguments.module_options) options.push_back(module + ":" + option);
  return "build_id=" + arguments.build_id + " debug=" + (arguments.debug ? "1" : "0") +
         (arguments.copy_to_ram ? " copy_to_ram" : "") + (arguments.basic_drivers ? " basic_drivers" : "") +
         (arguments.root_url.empty() ? "" : " root=" + arguments.root_url) +
         (arguments.at_deadline ? " at_deadline=" + std::string(to_text(*arguments.at_deadline)) : "") +
         " consoles=" + joined(arguments.consoles, ",") + " unknown=" + joined(arguments.unknown, "|") +
         " options=" + joined(options, "|");
}

ReadyLine whole_line() {
  return {.build_id = "0123456789abcdef0123456789abcdef",
          .addresses = {"10.0.2.15", "fec0::5054:ff:fe12:3456"},
          .port = 22,
          .password = true,
          .keys = true,
          .host_key = "SHA256:abc+/def",
          .seconds = 4.25};
}

constexpr const char* whole_text =
    "LIFEBOAT-READY build=0123456789abcdef0123456789abcdef address=10.0.2.15,fec0::5054:ff:fe12:3456 port=22 "
    "login=password,keys host-key=SHA256:abc+/def seconds=4.2";

BootConfiguration configuration() {
  return {.build_id = "0123456789abcdef0123456789abcdef",
          .name = "debian-12",
          .title = "Debian 12 (bookworm) rescue system",
          .kernel = "6.1.0-40-amd64",
          .root_size = 79130624,
          .root_sha256 = std::string(64, 'a'),
          .verity_offset = 78508032,
          .verity_root_hash = std::string(64, 'b'),
          .verity_salt = std::string(64, 'c'),
          .memory_from_medium = 250,
          .memory_from_initramfs = 340,
          .deadline = "36h",
          .at_deadline = AtDeadline::power_off,
          .original_network = true,
          .network_config = "version: 2\nethernets: {}\n"};
}

}  // namespace

TEST_CASE("kernel command lines of real machines are read as the table says") {
  for (const auto& one : read_cases("kernel_arguments.txt")) {
    INFO(one.name);
    CHECK(described(parse_kernel_arguments(one.input)) == one.expected);
  }
}

TEST_CASE("the READY line is the text that the documentation shows") { CHECK(to_text(whole_line()) == whole_text); }

TEST_CASE("the READY line is found between other console output and read back whole") {
  const std::string console =
      std::string("[    1.0] x LIFEBOAT-READY\r\nnoise\r\n[   5] ") + whole_text + "\r\nlogin: ";
  const auto line = find_ready_line(console);
  REQUIRE(line);
  CHECK(line->addresses == whole_line().addresses);
  CHECK(line->port == 22);
  CHECK(line->password);
  CHECK(line->keys);
  CHECK(line->host_key == "SHA256:abc+/def");
  CHECK(line->seconds == Approx(4.2));
}

TEST_CASE("a READY line that is still being printed is not taken for a whole one") {
  const std::string text = std::string(whole_text) + "\n";
  for (std::size_t length = 0; length < text.size(); ++length) CHECK_FALSE(find_ready_line(text.substr(0, length)));
  CHECK(find_ready_line(text));
}

TEST_CASE("a READY line says none where nobody can log in and nothing has an address") {
  ReadyLine nobody;
  nobody.build_id = "b";
  nobody.seconds = 1;
  const std::string text = to_text(nobody);
  CHECK(text == "LIFEBOAT-READY build=b address=none port=22 login=none host-key=none seconds=1.0");
  const auto line = find_ready_line(text + "\n");
  REQUIRE(line);
  CHECK(line->addresses.empty());
  CHECK_FALSE(line->password);
  CHECK_FALSE(line->keys);
}

TEST_CASE("a READY line with a value that makes no sense is passed over") {
  for (const char* broken : {"port=99999", "port=x", "login=root", "seconds=-1", "seconds=1e"}) {
    std::string text = whole_text;
    const std::string key = std::string(broken).substr(0, std::string(broken).find('=') + 1);
    const std::size_t at = text.find(key);
    text.replace(at, std::min(text.find(' ', at), text.size()) - at, broken);
    INFO(text);
    CHECK_FALSE(find_ready_line(text + "\n"));
  }
}

TEST_CASE("the boot configuration is read back as it was written") {
  const auto read = parse_boot_configuration(to_text(configuration()) + "# a comment\nfuture_key=1\n");
  REQUIRE(read);
  CHECK(read->build_id == configuration().build_id);
  CHECK(read->name == "debian-12");
  CHECK(read->title == "Debian 12 (bookworm) rescue system");
  CHECK(read->kernel == "6.1.0-40-amd64");
  CHECK(read->root_size == 79130624);
  CHECK(read->root_sha256 == std::string(64, 'a'));
  CHECK(read->verity_offset == 78508032);
  CHECK(read->verity_root_hash == std::string(64, 'b'));
  CHECK(read->verity_salt == std::string(64, 'c'));
  CHECK(read->memory_from_medium == 250);
  CHECK(read->memory_from_initramfs == 340);
  CHECK(read->deadline == "36h");
  CHECK(read->at_deadline == AtDeadline::power_off);
  CHECK(read->original_network);
  CHECK(read->network_config == "version: 2\nethernets: {}\n");
}

TEST_CASE("a boot configuration with a key missing or malformed is refused") {
  const std::string whole = to_text(configuration());
  for (const char* key :
       {"build_id", "name", "title", "kernel", "root_size", "root_sha256", "verity_offset", "verity_root_hash",
        "verity_salt", "memory_from_medium", "memory_from_initramfs", "deadline", "at_deadline", "original_network"}) {
    const std::size_t at = whole.find(std::string("\n") + key + "=");
    REQUIRE(at != std::string::npos);
    const std::size_t end = whole.find('\n', at + 1);
    INFO(key);
    CHECK_FALSE(parse_boot_configuration(whole.substr(0, at) + whole.substr(end)));
  }
  CHECK(parse_boot_configuration(whole + "deadline=none\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "deadline=tomorrow\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "at_deadline=sleep\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "root_size=12x\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "root_size=99999999999999999999\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "build_id=../../etc\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "verity_offset=4097\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "original_network=maybe\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "network_config=%%%\n"));
  CHECK_FALSE(parse_boot_configuration(whole + "verity_root_hash=" + std::string(63, 'b') + "\n"));
}

TEST_CASE("a deadline is read as the table says") {
  for (const auto& one : read_cases("deadlines.txt")) {
    INFO(one.name);
    const auto deadline = parse_deadline(one.input);
    const std::string read =
        !deadline ? "no" : (deadline->absolute ? "at " : "after ") + std::to_string(deadline->seconds);
    CHECK(read == one.expected);
  }
}

TEST_CASE("a time is written as it is read") {
  for (const char* time :
       {"1970-01-01T00:00:00Z", "2026-11-26T03:04:05Z", "2028-02-29T23:59:59Z", "9999-12-31T23:59:59Z"})
    CHECK(to_rfc3339(parse_deadline(time).value_or(Deadline{}).seconds) == time);
}

TEST_CASE("a medium's mark is upper case and read back, padded or not") {
  const std::string build_id = "0123456789abcdef0123456789abcdef";
  const std::string mark = medium_mark(build_id);
  CHECK(mark == "LIFEBOAT BUILD 0123456789ABCDEF0123456789ABCDEF");
  CHECK(parse_medium_mark(mark) == build_id);
  std::string field = mark;
  field.resize(medium_mark_size, ' ');
  CHECK(parse_medium_mark(field) == build_id);
}

TEST_CASE("nobody else's medium has a mark") {
  for (const char* field :
       {"", "LIFEBOAT BUILD ", "LIFEBOAT BUILD 0123", "GENISOIMAGE ISO 9660/HFS FILESYSTEM CREATOR",
        "LIFEBOAT BUILD 0123456789abcdef0123456789abcdef", "LIFEBOAT BUILD 0123456789ABCDEF0123456789ABCDEF0",
        "LIFEBOAT BUILD 0123456789ABCDEG0123456789ABCDEF"}) {
    INFO(field);
    CHECK_FALSE(parse_medium_mark(field));
  }
}

TEST_CASE("base64 is decoded strictly and encoded without padding") {
  CHECK(decode_base64("Zm9vYg==") == "foob");
  CHECK(decode_base64("Zm9vYmE=") == "fooba");
  CHECK(decode_base64("Zm9vYmFy") == "foobar");
  CHECK(decode_base64("") == "");
  for (const char* broken : {"Zm9v\n", "Zm9", "Zm9vYh==", "Zm9v====", "=m9v", "Zm=v"})
    CHECK_FALSE(decode_base64(broken));
  CHECK(encode_base64_unpadded("foob") == "Zm9vYg");
  CHECK(encode_base64("foob") == "Zm9vYg==");
  CHECK(encode_base64("foobar") == "Zm9vYmFy");
  CHECK(encode_base64("") == "");
  CHECK(encode_base64_unpadded("fooba") == "Zm9vYmE");
  CHECK(encode_base64_unpadded("foobar") == "Zm9vYmFy");
}
