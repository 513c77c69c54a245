// All sources side by side: who is asked, who is waited for, and whose word counts.
#include "init/source/search.hpp"

#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "init/sys/mount.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::run_checked;
using lifeboat::TempDir;

namespace {

Findings with_password(const char* password) {
  Findings findings;
  findings.password = Secret(std::string(password));
  return findings;
}

Result<Findings> give_nothing(const Platform&) { return nothing_there("nobody left a word"); }
Result<Findings> give_failure(const Platform&) { return Failure{"the firmware lies"}; }
Result<Findings> give_password(const Platform&) { return with_password("firmware"); }
Result<Findings> hang(const Platform&) {
  while (true) ::pause();
}
Result<Findings> crash(const Platform&) {
  ::raise(SIGKILL);  // SIGSEGV is the same to whoever waits, but the test framework would catch it
  return Findings{};
}
Result<Findings> give_key(HttpClient& http) {
  Findings findings;
  findings.keys = {"ssh-ed25519 AAAA over " + http.interface()};
  return findings;
}
Result<Findings> give_server(HttpClient& http) {
  Findings findings;
  findings.keys = {"ssh-ed25519 AAAA of " + http.dhcp_server()};
  return findings;
}
/// Where workers, each a process of its own, count how often a service was asked.
std::string asked_file;
Result<Findings> answer_from_time(std::size_t wanted, HttpClient& http) {
  const std::string before = read_file(asked_file).value_or("");
  static_cast<void>(write_file(asked_file, before + "."));
  if (before.size() + 1 < wanted) return Failure{"no answer at the address " + std::to_string(before.size())};
  return give_key(http);
}
Result<Findings> answer_first_time(HttpClient& http) { return answer_from_time(1, http); }
Result<Findings> answer_second_time(HttpClient& http) { return answer_from_time(2, http); }
Result<Findings> answer_fourth_time(HttpClient& http) { return answer_from_time(4, http); }
Result<Findings> give_key_over_eth1(HttpClient& http) {
  return http.interface() == "eth1" ? give_key(http) : Result<Findings>(Findings{});
}
Result<Findings> give_bad_key(const Platform&) {
  Findings findings;
  findings.keys = {"rubbish"};
  return findings;
}
Result<Findings> do_not_answer(HttpClient&) { return Failure{"no answer"}; }
Result<Findings> read_nothing(const std::string&, const Platform&) { return Findings{}; }
Belonging yes(const Platform&) { return Belonging::yes; }
Belonging maybe(const Platform&) { return Belonging::maybe; }
Belonging no(const Platform&) { return Belonging::no; }

Result<std::string> hash(const Secret& password) { return "hash of " + std::string(password.view()); }
Status check(std::string_view) { return Done{}; }
Status check_key(std::string_view key) { return key == "rubbish" ? Status(Failure{"it is rubbish"}) : Done{}; }
bool always(const Platform&) { return true; }

const Way ipv4{false, {"10.1.1.9"}, ""}, ipv6{true, {}, ""};

/// A machine whose disks are files.
struct Bench {
  TempDir folder{"/tmp", "search"};
  std::unique_ptr<Loop> loop = std::move(*Loop::create());
  std::string sysfs = (folder.path() / "block").string(), dev = (folder.path() / "dev").string();
  std::vector<Source> sources{{"config drive", VolumeSource{"config-2", read_nothing}}};
  Milliseconds budget{2000}, ask_again{60'000};
  int changes = 0;
  std::unique_ptr<SourceSearch> search;

  Bench() {
    REQUIRE(make_folders(sysfs));
    REQUIRE(make_folders(dev));
  }
  void add_disk(const std::string& name, const std::string& content) const {
    REQUIRE(make_folders(sysfs + "/" + name));
    REQUIRE(write_file(dev + "/" + name, content));
  }
  void start() {
    search = std::make_unique<SourceSearch>(*loop,
                                            SearchOptions{.sources = sources,
                                                          .platform = {},
                                                          .block_devices = sysfs,
                                                          .device_folder = dev,
                                                          .hash = hash,
                                                          .check = check,
                                                          .check_key = check_key,
                                                          .load_module = [](const std::string&) {},
                                                          .budget = budget,
                                                          .device_limit = Milliseconds(1000),
                                                          .wait_for_devices = Milliseconds(50),
                                                          .ask_again = ask_again},
                                            [this] { ++changes; });
    search->start();
  }
  bool settle() {
    return loop->run_until([this] { return search->settled(); }, Milliseconds(10000));
  }
  std::string password() const { return search->merged().accounts.at("root").password_hash.value; }
  std::string report(std::size_t index) const {
    const SourceReport one = search->reports().at(index);
    return one.result + "|" + one.text;
  }
};

}  // namespace

TEST_CASE("a machine without disks is told so") {
  Bench bench;
  bench.start();
  bench.search->network_settled();
  REQUIRE(bench.settle());
  CHECK(bench.report(0) == "nothing|config drive: this machine has no disk or CD at all");
}

TEST_CASE("without a config drive the devices that were looked at are named, and those that cannot be one are not") {
  Bench bench;
  bench.add_disk("vda", std::string(65536, 'x'));
  for (const char* name : {"sr0", "loop0", "ram0", "dm-0"}) bench.add_disk(name, "");
  bench.start();
  bench.search->network_settled();
  REQUIRE(bench.settle());
  CHECK(bench.report(0) == "nothing|config drive: no disk or CD is labelled config-2 (looked at sr0, vda)");
}

TEST_CASE("a volume that cannot be mounted, or lies on a disk with partitions, is a failure with the device's name") {
  Bench bench;
  const std::string content = (bench.folder.path() / "content").string(), iso = content + ".iso";
  REQUIRE(make_folders(content));
  run_checked({.argv = {"xorriso", "-as", "mkisofs", "-quiet", "-V", "CONFIG-2", "-o", iso, content}});
  for (const char* name : {"sr0", "vdb"}) {
    bench.add_disk(name, "");
    std::filesystem::copy_file(iso, bench.dev + "/" + name, std::filesystem::copy_options::overwrite_existing);
  }
  REQUIRE(make_folders(bench.sysfs + "/vdb/vdb1"));
  bench.start();
  bench.search->network_settled();
  REQUIRE(bench.settle());
  const std::string said = bench.report(0);
  CHECK(said.starts_with("failed|config drive: "));
  CHECK(said.find(bench.dev + "/sr0: mounting ") != std::string::npos);  // a file is no block device
  CHECK(said.find(bench.dev + "/vdb: it has partitions, so it is taken for a server's disk") != std::string::npos);
}

TEST_CASE("a FAT disk whose boot sector calls the whole disk a partition is a volume") {
  Bench bench;
  const std::string file = (bench.folder.path() / "fat").string();
  REQUIRE(write_file(file, ""));
  REQUIRE(::truncate(file.c_str(), off_t{64} << 20) == 0);
  run_checked({.argv = {"mkfs.vfat", "-F", "16", "-n", "CONFIG-2", file}});
  bench.add_disk("vdb", "");
  std::filesystem::copy_file(file, bench.dev + "/vdb", std::filesystem::copy_options::overwrite_existing);
  REQUIRE(make_folders(bench.sysfs + "/vdb/vdb1"));
  REQUIRE(write_file(bench.sysfs + "/vdb/vdb1/start", "0\n"));
  bench.start();
  bench.search->network_settled();
  REQUIRE(bench.settle());
  CHECK(bench.report(0).starts_with("failed|config drive: " + bench.dev + "/vdb: mounting "));
}

TEST_CASE("a disk that comes late is waited for and looked at") {
  Bench bench;
  bench.start();
  bench.search->network_settled();
  CHECK_FALSE(bench.search->settled());
  bench.add_disk("sdb", "");
  bench.search->look_at("sdb");
  REQUIRE(bench.settle());
  CHECK(bench.report(0) == "nothing|config drive: no disk or CD is labelled config-2 (looked at sdb)");
}

TEST_CASE("of many disks those that nobody has looked at yet wait until a login is there without them") {
  Bench bench;
  bench.sources.insert(bench.sources.begin(), {"gives", FirmwareSource{{}, give_password}});
  bench.start();
  REQUIRE(bench.loop->run_until([&] { return bench.search->has_login_beyond_disks(); }, Milliseconds(10000)));
  for (char letter = 'a'; letter < 'm'; ++letter) {
    bench.add_disk("vd" + std::string(1, letter), "");
    bench.search->look_at("vd" + std::string(1, letter));
  }
  CHECK(bench.search->settled());
  CHECK_FALSE(bench.search->looked_at_all());
  static_cast<void>(bench.loop->run_until([&] { return bench.search->looked_at_all(); }, Milliseconds(700)));
  CHECK_FALSE(bench.search->looked_at_all());
  bench.search->look_at_all_disks();
  CHECK(bench.loop->run_until([&] { return bench.search->looked_at_all(); }, Milliseconds(10000)));
}

TEST_CASE("the first row that has a password wins, and one that hangs or crashes holds up nobody") {
  Bench bench;
  bench.sources = {{"hangs", FirmwareSource{{}, hang}},
                   {"crashes", FirmwareSource{{}, crash}},
                   {"lies", FirmwareSource{{}, give_failure}},
                   {"silent", FirmwareSource{{}, give_nothing}},
                   {"gives", FirmwareSource{{}, give_password}}};
  bench.start();
  const auto started = Clock::now();
  REQUIRE(bench.settle());
  CHECK(Clock::now() - started < Milliseconds(900));  // the one that hangs has 1 s
  CHECK(bench.password() == "hash of firmware");
  CHECK(bench.report(0) == "waiting|hangs: no answer yet");
  CHECK(bench.report(4) == "found|gives: password");
  CHECK(bench.changes >= 1);
  REQUIRE(bench.loop->run_until([&] { return bench.report(0).starts_with("failed|"); }, Milliseconds(10000)));
  CHECK(bench.report(0) == "failed|hangs: asking the hangs: no answer within 1 seconds");
  CHECK(bench.report(1).starts_with("failed|crashes: asking the crashes: "));
  CHECK(bench.report(2) == "failed|lies: the firmware lies");
  CHECK(bench.report(3) == "nothing|silent: nobody left a word");
  CHECK(bench.changes == 4);
}

TEST_CASE("a metadata service is asked over every interface; one of another platform never") {
  Bench bench;
  bench.sources = {{"ours", NetworkSource{yes, give_key, give_key}}, {"theirs", NetworkSource{no, give_key, nullptr}}};
  bench.start();
  bench.search->ask_over("eth0", ipv4);
  bench.search->ask_over("eth1", ipv6);
  bench.search->ask_over("eth1", ipv6);  // once is enough
  REQUIRE(bench.loop->run_until([&] { return bench.changes == 2; }, Milliseconds(10000)));
  CHECK(bench.search->settled());
  CHECK(bench.search->reports().size() == 1);
  CHECK(bench.report(0) == "found|ours (eth0 IPv4): 1 key; passed over: ours (eth1 IPv6)");
}

TEST_CASE("what the machine may be is probed only where nothing near at hand lets anybody in") {
  for (const bool near : {true, false}) {
    Bench bench;
    bench.sources = {{"near", FirmwareSource{{}, near ? give_password : give_nothing}},
                     {"far", NetworkSource{maybe, give_key, nullptr}}};
    bench.start();
    bench.search->ask_over("eth0", ipv4);
    bench.search->network_settled();
    REQUIRE(bench.settle());
    CHECK(bench.report(1) == (near ? "nothing|far: was not asked" : "found|far (eth0 IPv4): 1 key"));
  }
}

TEST_CASE("a service that is the machine's and does not answer is a failure, one that may not exist is none") {
  Bench bench;
  bench.sources = {{"far", NetworkSource{maybe, do_not_answer, nullptr}}};
  Bench sure;
  sure.sources = {{"ours", NetworkSource{yes, do_not_answer, nullptr}}};
  for (Bench* one : {&bench, &sure}) {
    one->start();
    one->search->ask_over("eth0", ipv4);
    one->search->network_settled();
    REQUIRE(one->settle());
  }
  CHECK(bench.report(0) == "nothing|far: no answer");
  CHECK(sure.report(0) == "failed|ours: no answer");
}

TEST_CASE("where the platform is known, what the machine may be is neither asked nor named") {
  Bench bench;
  bench.sources = {{"may", NetworkSource{maybe, give_key, nullptr}},
                   {"ours", NetworkSource{yes, do_not_answer, nullptr}}};
  bench.start();
  bench.search->ask_over("eth0", ipv4);
  bench.search->network_settled();
  REQUIRE(bench.settle());
  CHECK(bench.search->reports().size() == 1);
  CHECK(bench.changes == 1);  // the word of the one that was asked
}

TEST_CASE("a service learns of the DHCP server of the interface's network") {
  Bench bench;
  bench.sources = {{"ours", NetworkSource{yes, give_server, nullptr}}};
  bench.start();
  bench.search->ask_over("eth0", {false, {"10.1.1.9"}, "10.1.1.1"});
  REQUIRE(bench.settle());
  CHECK(bench.search->merged().accounts.at("root").keys == std::vector<std::string>{"ssh-ed25519 AAAA of 10.1.1.1"});
}

TEST_CASE("a service behind a router is asked by IPv6 once there is an address that gets there") {
  Bench bench;
  const TempDir memory("/tmp", "search-asked");
  asked_file = (memory.path() / "asked").string();
  bench.sources = {{"on the link", NetworkSource{yes, nullptr, answer_fourth_time}},
                   {"behind", NetworkSource{yes, nullptr, give_key, always}}};
  bench.start();
  bench.search->ask_over("eth0", ipv6);
  REQUIRE(bench.loop->run_until([&] { return bench.report(0).starts_with("failed|"); }, Milliseconds(10000)));
  CHECK(bench.report(1) == "nothing|behind: was not asked");
  bench.search->ask_over("eth0", {true, {"2001:db8::9"}, ""});
  REQUIRE(bench.loop->run_until([&] { return bench.search->settled(); }, Milliseconds(10000)));
  CHECK(bench.report(1) == "found|behind (eth0 IPv6): 1 key");
  CHECK(read_file(asked_file).value_or("") == ".");  // what is on the link was not asked again
}

TEST_CASE("a service that gave nothing is asked again by a new address, also while it is being asked") {
  for (const bool while_asked : {false, true}) {
    INFO(while_asked);
    Bench bench;
    bench.budget = Milliseconds(20'000);
    bench.sources = {{"ours", NetworkSource{yes, answer_second_time, nullptr}}};
    const TempDir memory("/tmp", "search-asked");
    asked_file = (memory.path() / "asked").string();
    bench.start();
    bench.search->ask_over("eth0", {false, {"10.1.1.8"}, ""});
    if (!while_asked)
      REQUIRE(bench.loop->run_until([&] { return bench.report(0).starts_with("failed|"); }, Milliseconds(10000)));
    bench.search->ask_over("eth0", {false, {"10.1.1.9"}, ""});
    REQUIRE(bench.loop->run_until([&] { return bench.search->settled(); }, Milliseconds(10000)));
    CHECK(bench.report(0) == "found|ours (eth0 IPv4): 1 key");
  }
}

TEST_CASE("an answer that lets somebody in stays, whatever addresses come while it is being given") {
  Bench bench;
  bench.budget = Milliseconds(20'000);
  bench.sources = {{"ours", NetworkSource{yes, answer_first_time, nullptr}}};
  const TempDir memory("/tmp", "search-asked");
  asked_file = (memory.path() / "asked").string();
  bench.start();
  bench.search->ask_over("eth0", ipv4);
  bench.search->ask_over("eth0", {false, {"10.1.1.10"}, ""});
  REQUIRE(bench.settle());
  bench.search->ask_over("eth0", ipv4);
  static_cast<void>(bench.loop->run_until([] { return false; }, Milliseconds(200)));
  CHECK(bench.report(0) == "found|ours (eth0 IPv4): 1 key");
  CHECK(read_file(asked_file).value_or("") == ".");
}

TEST_CASE("where nobody can log in a service is asked again after a while, and its second failure is no news") {
  Bench bench;
  bench.sources = {{"late", NetworkSource{yes, answer_fourth_time, nullptr}}};
  bench.ask_again = Milliseconds(100);
  const TempDir memory("/tmp", "search-asked");
  asked_file = (memory.path() / "asked").string();
  bench.start();
  const auto started = Clock::now();
  bench.search->ask_over("eth0", ipv4);
  REQUIRE(bench.loop->run_until([&] { return bench.report(0).starts_with("found|"); }, Milliseconds(10000)));
  CHECK(Clock::now() - started >= Milliseconds(700));  // after 100, 200 and 400 ms
  CHECK(bench.changes == 2);                           // the first failure, and the key
}

TEST_CASE("keys that sshd refuses are no login: other sources are asked, and it is said") {
  Bench bench;
  bench.sources = {{"near", FirmwareSource{{}, give_bad_key}}, {"far", NetworkSource{maybe, give_key, nullptr}}};
  bench.start();
  bench.search->ask_over("eth0", ipv4);
  bench.search->network_settled();
  REQUIRE(bench.settle());
  CHECK(bench.report(0) == "found|near: no password and no key");
  CHECK(bench.report(1) == "found|far (eth0 IPv4): 1 key");
  CHECK(bench.search->answers().front()->notes == std::vector<std::string>{"SSH key 1 is not used: it is rubbish"});
}

TEST_CASE("of a service's answers over several cards the one that lets somebody in counts") {
  Bench bench;
  bench.sources = {{"ours", NetworkSource{yes, give_key_over_eth1, nullptr}}};
  bench.start();
  bench.search->ask_over("eth0", ipv4);
  bench.search->ask_over("eth1", ipv4);
  REQUIRE(bench.loop->run_until([&] { return bench.changes == 2; }, Milliseconds(10000)));
  CHECK(bench.report(0) == "found|ours (eth1 IPv4): 1 key; passed over: ours (eth0 IPv4)");
}

TEST_CASE("without any answer the budget is the bound") {
  Bench bench;
  bench.budget = Milliseconds(300);
  bench.start();
  const auto started = Clock::now();
  REQUIRE(bench.settle());  // although the network never settled
  CHECK(Clock::now() - started >= Milliseconds(300));
  CHECK(Clock::now() - started < Milliseconds(1500));
}

TEST_CASE("an agent's later answer replaces its former one") {
  Bench bench;
  bench.sources = {{"agent", AgentSource{yes, "a"}}, {"gives", FirmwareSource{{}, give_password}}};
  bench.start();
  REQUIRE(bench.settle());
  CHECK(bench.password() == "hash of firmware");
  for (const char* value : {"first", "second"}) {
    bench.search->take_agent_answer("a", "origin=agent\npassword_hash=" + std::string(value) + "\n");
    CHECK(bench.password() == value);
  }
  bench.search->take_agent_answer("b", "origin=agent\npassword_hash=third\n");  // nobody's
  CHECK(bench.password() == "second");
}

TEST_CASE("keys are merged from all, each once; for everything else the first has the word") {
  Answer first{.origin = "first"}, second{.origin = "second"}, third{.origin = "third"};
  first.keys = {"a"};
  second.keys = {"a", "b"};
  second.hostname = "web1";
  second.password_hash = "hash";
  third.hostname = "web2";
  third.user = "rescue";
  third.password_hash = "other";
  const Merged merged = merge({&first, &second, &third});
  CHECK(merged.accounts.at("root").keys == std::vector<std::string>{"a", "b"});
  CHECK(merged.accounts.at("root").key_origins == std::vector<std::string>{"first", "second"});
  CHECK(merged.accounts.at("root").password_hash.origin == "second");
  CHECK(merged.accounts.at("rescue").password_hash.value == "other");
  CHECK(merged.hostname.value == "web1");
  CHECK(merged.lets_somebody_in());
  CHECK_FALSE(merge({}).lets_somebody_in());
}
