#include "init/disk/hive.hpp"

#include <algorithm>

#include "init/disk/gpt.hpp"
#include "init/disk/read_bytes.hpp"

// The format has no document of Microsoft's; libhivex's "The Windows NT Registry File Format" describes it.
namespace lifeboat::init {
namespace {

constexpr std::uint64_t bins_at = 4096;
constexpr std::size_t most_name = 255;
constexpr std::size_t most_value = 1024;    // bytes
constexpr std::size_t most_list = 65536;    // bytes of a list of keys
constexpr std::uint64_t most_values = 512;  // of a key
constexpr int most_reads = 20'000;

/// "lh" lists keep a hash of each name, made of its upper case.
std::uint64_t hash_of(std::string_view name) {
  std::uint64_t hash = 0;
  for (const char c : name) hash = hash * 37 + static_cast<unsigned char>(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
  return hash & 0xffffffff;
}

class Hive {
 public:
  explicit Hive(const HiveReader& read) : read_(read) {}

  /// Where the root key's cell is; nothing: it is no hive.
  std::optional<std::uint64_t> root() {
    const auto header = bytes(0, 64);
    if (!header || !header->starts_with("regf")) return std::nullopt;
    return little_endian(*header, 0x24, 4);
  }

  std::optional<std::uint64_t> subkey(std::uint64_t key, std::string_view name) {
    const auto cell = key_cell(key);
    return cell ? find_in_list(little_endian(*cell, 0x1c, 4), name, 2) : std::nullopt;
  }

  std::string value(std::uint64_t key, std::string_view name) {
    const auto cell = key_cell(key);
    if (!cell) return {};
    const std::uint64_t count = std::min(little_endian(*cell, 0x24, 4), most_values);
    const auto list = bytes(content_at(little_endian(*cell, 0x28, 4)), 4 * count);
    for (std::uint64_t i = 0; list && i < count; ++i) {
      const auto value = bytes(content_at(little_endian(*list, 4 * i, 4)), 0x14);
      if (!value || !value->starts_with("vk")) continue;
      const std::uint64_t at = little_endian(*list, 4 * i, 4);
      const bool ascii = (little_endian(*value, 0x10, 2) & 1U) != 0;
      if (name_at(content_at(at) + 0x14, little_endian(*value, 2, 2), ascii) == name) return data_of(*value);
    }
    return {};
  }

 private:
  static std::uint64_t content_at(std::uint64_t cell) { return bins_at + cell + 4; }  // behind the cell's size

  std::optional<std::string> bytes(std::uint64_t at, std::size_t size) {
    if (++reads_ > most_reads || size > most_list) return std::nullopt;
    return read_(at, size);
  }

  std::optional<std::string> key_cell(std::uint64_t cell) {
    auto key = bytes(content_at(cell), 0x4c);
    return key && key->starts_with("nk") ? key : std::nullopt;
  }

  std::string name_at(std::uint64_t at, std::uint64_t length, bool ascii) {
    if (length > 2 * most_name) return {};
    std::string name = bytes(at, length).value_or("");
    if (!ascii) name = utf8_of_utf16(name);
    std::ranges::transform(name, name.begin(), ascii_lower);
    return name;
  }

  std::string name_of_key(std::uint64_t cell) {
    const auto key = key_cell(cell);
    constexpr std::uint64_t ascii = 0x20;
    return key ? name_at(content_at(cell) + 0x4c, little_endian(*key, 0x48, 2),
                         (little_endian(*key, 2, 2) & ascii) != 0)
               : "";
  }

  /// "li", "lf" and "lh" lists hold keys; "ri" ones hold lists.
  std::optional<std::uint64_t> find_in_list(std::uint64_t cell, std::string_view name, int levels) {
    const auto head = bytes(content_at(cell), 4);
    if (!head || levels == 0) return std::nullopt;
    const std::string kind = head->substr(0, 2);
    const std::size_t width = kind == "li" || kind == "ri" ? 4 : 8;
    const std::size_t count = std::min<std::uint64_t>(little_endian(*head, 2, 2), most_list / width);
    const auto list = bytes(content_at(cell) + 4, count * width);
    if (!list || (kind != "li" && kind != "ri" && kind != "lf" && kind != "lh")) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t item = little_endian(*list, i * width, 4);
      if (kind == "ri") {
        if (auto found = find_in_list(item, name, levels - 1)) return found;
        continue;
      }
      if (kind == "lh" && little_endian(*list, i * width + 4, 4) != hash_of(name)) continue;
      if (name_of_key(item) == name) return item;
    }
    return std::nullopt;
  }

  std::string data_of(std::string_view value) {
    constexpr std::uint64_t inside = 0x80000000;
    const std::uint64_t coded = little_endian(value, 4, 4);
    const std::size_t size = std::min<std::uint64_t>(coded & ~inside, most_value);
    const std::string data = (coded & inside) != 0 ? std::string(value.substr(8, std::min<std::size_t>(size, 4)))
                                                   : bytes(content_at(little_endian(value, 8, 4)), size).value_or("");
    constexpr std::uint64_t text = 1, expanded_text = 2, number = 4;
    const std::uint64_t type = little_endian(value, 0xc, 4);
    if (type == text || type == expanded_text) return utf8_of_utf16(data);
    return type == number && data.size() == 4 ? std::to_string(little_endian(data, 0, 4)) : "";
  }

  const HiveReader& read_;
  int reads_ = 0;
};

}  // namespace

std::vector<std::string> read_hive_values(const HiveReader& read, std::string_view path,
                                          const std::vector<std::string_view>& names) {
  Hive hive(read);
  std::vector<std::string> values(names.size());
  std::optional<std::uint64_t> key = hive.root();
  while (key && !path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    key = hive.subkey(*key, path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  for (std::size_t i = 0; key && i < names.size(); ++i) values[i] = hive.value(*key, names[i]);
  return values;
}

}  // namespace lifeboat::init
