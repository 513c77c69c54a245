#include "init/tests/disk/layers_machine.hpp"

#include <fstream>

#include "init/tests/hex.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init::test {
fs::path make_golden_image(const fs::path& folder, const std::string& name) {
  std::ifstream in(std::string(LIFEBOAT_SOURCE_DIR "/init/tests/data/layers/") + name + ".txt");
  REQUIRE(in);
  fs::path image;
  for (std::string line; std::getline(in, line);) {
    const std::size_t blank = line.find(' ');
    const std::string word = line.substr(0, blank), rest = line.substr(blank + 1);
    if (word == "size") image = make_image(folder / name, std::stoull(rest));
    if (word != "size" && word != "#") poke(image, std::stoull(word), from_hex(rest));
  }
  return image;
}

DiskReport discover_golden(const std::vector<std::string>& names, const std::string& own_disk,
                           const std::vector<std::string>& named) {
  Machine machine;
  char letter = 'a';
  for (const std::string& name : names) {
    const std::string disk = std::string("vd") + letter++;
    const fs::path folder = machine.path() / disk;
    fs::create_directories(folder);
    const fs::path image = make_golden_image(folder, name);
    machine.add_disk(disk, fs::file_size(image));
    machine.connect(disk, image);
  }
  DiscoverOptions options = machine.options();
  options.own_disk = own_disk;
  options.named = named;
  return discover_disks(options);
}

std::string member_words(const std::vector<Member>& members) {
  std::string words;
  for (const Member& member : members)
    words += (words.empty() ? "" : ", ") + std::to_string(member.slot) + " " +
             (member.device.empty() ? "-" : fs::path(member.device).filename().string()) + " " + member.state;
  return words;
}

}  // namespace lifeboat::init::test
