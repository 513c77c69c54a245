// Xen's store behind /dev/xen/xenbus: a small xenstored at the other end of a socket pair speaks its protocol.
#include "init/source/xenstore.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "builder/base/file.hpp"
#include "init/contract/kernel_arguments.hpp"
#include "init/source/xenstore_agent.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;

namespace {

Result<std::string> hash(const Secret& password) { return "hash of " + std::string(password.view()); }
Status good_key(std::string_view) { return Done{}; }

std::string message(std::uint32_t type, std::uint32_t request, const std::string& payload) {
  const std::array<std::uint32_t, 4> header{type, request, 0, static_cast<std::uint32_t>(payload.size())};
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), header.data(), sizeof header);
  return bytes + payload;
}

/// The host's end: keeps values, tells of changes once it was asked to.
class FakeStore {
 public:
  enum class Manner { right, wrong_numbers, events_first, byte_by_byte, cut_off, endless, other_type, silent };

  explicit FakeStore(Manner manner = Manner::right) : manner_(manner) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    ours_ = Fd(ends[0]);
    guests_ = Fd(ends[1]);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeStore() {
    ::shutdown(ours_.get(), SHUT_RDWR);
    thread_.join();
  }

  Fd guests_end() const { return Fd(::fcntl(guests_.get(), F_DUPFD_CLOEXEC, 0)); }
  void put(const std::string& path, const std::string& value) {
    const std::lock_guard lock(mutex_);
    values_[path] = value;
    if (watched_) send(message(15, 0, path + '\0' + "lifeboat" + '\0'));
  }
  std::string get(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find(path);
    return found == values_.end() ? "none" : found->second;
  }
  std::string await(const std::string& path) const {
    for (int i = 0; i < 100 && get(path) == "none"; ++i) std::this_thread::sleep_for(Milliseconds(50));
    return get(path);
  }

 private:
  void send(const std::string& bytes) const { ::send(ours_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  bool read_whole(char* into, std::size_t size) const {
    for (std::size_t have = 0; have < size;) {
      const ssize_t count = ::read(ours_.get(), into + have, size - have);
      if (count <= 0) return false;
      have += static_cast<std::size_t>(count);
    }
    return true;
  }

  void serve() {
    std::array<std::uint32_t, 4> header{};
    while (read_whole(reinterpret_cast<char*>(header.data()), sizeof header)) {
      std::string payload(header[3], '\0');
      if (!read_whole(payload.data(), payload.size())) return;
      const std::lock_guard lock(mutex_);
      reply(header[0], header[1], payload);
    }
  }

  void reply(std::uint32_t type, std::uint32_t request, const std::string& payload) {
    std::string bytes = answer(type, request, payload);
    if (manner_ == Manner::silent) return;
    if (manner_ == Manner::cut_off) {
      send(bytes.substr(0, bytes.size() - 1));
      ::shutdown(ours_.get(), SHUT_WR);
    } else if (manner_ == Manner::endless) {
      const std::uint32_t length = 4097;
      std::memcpy(bytes.data() + 12, &length, sizeof length);
      send(bytes);
    } else if (manner_ == Manner::byte_by_byte) {
      for (const char c : bytes) send(std::string(1, c));
    } else {
      if (manner_ == Manner::events_first) send(message(15, 0, "x" + std::string(1, '\0') + "y" + '\0'));
      send(bytes);
    }
  }

  std::string answer(std::uint32_t type, std::uint32_t request, const std::string& payload) {
    const std::uint32_t number = manner_ == Manner::wrong_numbers ? 0xdeadbeef : request;
    const std::string path = payload.substr(0, payload.find('\0'));
    const auto value = values_.find(path);
    if (manner_ == Manner::other_type) return message(type + 1, number, "OK");
    if (type == 11) values_[path] = payload.substr(path.size() + 1);
    if (type == 12) values_.emplace(path, "");
    if (type == 4) watched_ = true;
    if (type == 2 && value != values_.end()) return message(type, number, value->second);
    if (type == 13 && value != values_.end()) values_.erase(value);
    if (type == 1 && value != values_.end()) {
      std::string names;
      for (const auto& [name, unused] : values_)
        if (name.starts_with(path + "/")) names += name.substr(path.size() + 1) + '\0';
      return message(type, number, names);
    }
    if ((type == 1 || type == 2) && value == values_.end()) return message(16, number, std::string("ENOENT\0", 7));
    return message(type, number, std::string("OK\0", 3));
  }

  Manner manner_;
  Fd ours_, guests_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> values_;
  bool watched_ = false;
  std::thread thread_;
};

using Manner = FakeStore::Manner;
constexpr Milliseconds short_limit{300};

std::string why_lost(Manner manner) {
  const FakeStore fake(manner);
  Xenstore store(fake.guests_end(), short_limit);
  const auto value = store.read("vm-data/hostname");
  REQUIRE_FALSE(value);
  CHECK(value.failure().number == 0);
  return value.error();
}

}  // namespace

TEST_CASE("values are written, read, listed and removed, whatever the host's manners") {
  for (const Manner manner : {Manner::right, Manner::wrong_numbers, Manner::events_first, Manner::byte_by_byte}) {
    const FakeStore fake(manner);
    Xenstore store(fake.guests_end());
    REQUIRE(store.make_folder("data/host"));
    REQUIRE(store.write("data/host/a", "1"));
    REQUIRE(store.write("data/host/b", ""));
    CHECK(fake.get("data/host/a") == "1");  // no zero behind it
    CHECK(*store.read("data/host/a") == "1");
    CHECK(store.read("data/host/b")->empty());
    CHECK(*store.list("data/host") == std::vector<std::string>{"a", "b"});
    REQUIRE(store.remove("data/host/a"));
    const auto gone = store.read("data/host/a");
    REQUIRE_FALSE(gone);
    CHECK(gone.failure().number == ENOENT);
    CHECK(gone.error() == "xenstore: data/host/a: ENOENT");
    const auto long_one = store.write("data/host/c", std::string(5000, 'x'));
    REQUIRE_FALSE(long_one);
    CHECK(long_one.failure().number == EINVAL);
  }
}

TEST_CASE("a store that breaks the protocol is lost, within the limit") {
  CHECK(why_lost(Manner::cut_off) == "xenstore closed the connection");
  CHECK(why_lost(Manner::endless) == "xenstore: a message of 4097 bytes");
  CHECK(why_lost(Manner::other_type) == "xenstore: vm-data/hostname: a reply to something else");
  CHECK(why_lost(Manner::silent) == "xenstore: vm-data/hostname: no answer");
}

TEST_CASE("a change is told at once, and nothing is told when nothing changes") {
  FakeStore fake;
  Xenstore store(fake.guests_end());
  REQUIRE(store.watch("data/host"));
  const auto started = Clock::now();
  CHECK(store.await_change(short_limit));
  CHECK(Clock::now() - started >= short_limit);
  fake.put("data/host/x", "1");
  CHECK(store.await_change(Milliseconds(60'000)));
  fake.put("data/host/y", "1");  // told while a reply is awaited
  REQUIRE(store.read("data/host/x"));
  CHECK(store.await_change(Milliseconds(60'000)));
  CHECK(Clock::now() - started < Milliseconds(30'000));
}

TEST_CASE("only a host whose provider is known, or that names none, is answered") {
  FakeStore fake;
  Xenstore store(fake.guests_end());
  CHECK(check_xenstore_provider(store, ""));
  fake.put("vm-data/provider_data/provider", "Rackspace");
  CHECK(check_xenstore_provider(store, ""));
  fake.put("vm-data/provider_data/provider", "acme");
  CHECK(check_xenstore_provider(store, "ACME"));
  const Status refused = check_xenstore_provider(store, "");
  REQUIRE_FALSE(refused);
  CHECK(refused.failure().number == EPERM);
  CHECK(refused.error().starts_with("the host's provider \"acme\" is not known"));
  CHECK(lifeboat::contract::parse_kernel_arguments("lifeboat.xenstore_provider=acme").xenstore_provider == "acme");
}

TEST_CASE("requests are taken away and answered under their own names; odd names are left alone") {
  FakeStore fake;
  Xenstore store(fake.guests_end());
  XenstoreCommands commands({.hash = hash,
                             .check = nullptr,
                             .check_key = good_key,
                             .answer = [](const Answer&) { return Status(Done{}); },
                             .session = {}});
  REQUIRE(answer_xenstore_requests(store, commands));  // no folder at all yet
  fake.put("data/host", "");
  fake.put("data/host/6f0c4c4e-4a4f", R"({"name":"version","value":"agent"})");
  fake.put("data/host/broken", std::string("{\"name\0", 7));
  fake.put("data/host/../../x", "{}");
  REQUIRE(answer_xenstore_requests(store, commands));
  CHECK(fake.get("data/host/6f0c4c4e-4a4f") == "none");
  CHECK(fake.get("data/guest/6f0c4c4e-4a4f") == R"({"returncode":"0","message":"99.0.0.0"})");
  CHECK(fake.get("data/guest/broken") == R"({"returncode":"500","message":"not a request"})");
  CHECK(fake.get("data/host/../../x") == "{}");
}

TEST_CASE("the agent as a whole: host name, key exchange, password; an unknown provider is said") {
  const TempDir folder("/tmp", "xenstore");
  const std::string file = (folder.path() / "answer").string();
  const auto start = [&](const FakeStore& fake) {
    const pid_t agent = ::fork();
    REQUIRE(agent >= 0);
    if (agent == 0)
      run_xenstore_agent({.hash = hash,
                          .check = nullptr,
                          .check_key = good_key,
                          .answer = [&](const Answer& answer) { return replace_file(file, to_text(answer), 0600); },
                          .session = {}},
                         "", [&] { return Result<Fd>(fake.guests_end()); });
    return agent;
  };
  const auto end = [](pid_t agent) {
    ::kill(agent, SIGKILL);
    ::waitpid(agent, nullptr, 0);
  };

  FakeStore fake;
  fake.put("vm-data/hostname", "web1");
  fake.put("vm-data/networking", "");
  fake.put("vm-data/networking/BC764E200001",
           R"({"mac":"BC:76:4E:20:00:01","ips":[{"ip":"10.0.0.5","netmask":"255.0.0.0","enabled":"1"}]})");
  const pid_t agent = start(fake);
  fake.put("data/host/1", R"({"name":"keyinit","value":"5"})");
  const std::string agreed = fake.await("data/guest/1");
  CHECK(agreed.starts_with(R"({"returncode":"D0","message":")"));
  const auto answer = parse_answer(read_file(file).value_or(""));
  REQUIRE(answer);
  CHECK(answer->hostname == "web1");
  CHECK(to_text(answer->network) ==
        "link=BC:76:4E:20:00:01\nkind=card\nmac=bc:76:4e:20:00:01\ndhcp6=by-router\naddress=10.0.0.5/8\n");
  fake.put("data/host/2", R"({"name":"password","value":"AAAA"})");
  CHECK(fake.await("data/guest/2") == R"({"returncode":"500","message":"the password's length is not one of AES"})");
  end(agent);

  FakeStore strange;
  strange.put("vm-data/provider_data/provider", "acme");
  strange.put("data/host", "");
  strange.put("data/host/1", R"({"name":"version","value":"agent"})");
  const pid_t silent = start(strange);
  for (int i = 0; i < 100 && read_file(file).value_or("").find("note=") == std::string::npos; ++i)
    std::this_thread::sleep_for(Milliseconds(50));
  CHECK(read_file(file).value_or("").find("note=the host's provider \"acme\" is not known") != std::string::npos);
  CHECK(strange.get("data/host/1") != "none");
  end(silent);
}
