#include "builder/distro/sshd_closure.hpp"

#include <elf.h>

#include <array>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr const char* sshd = "usr/sbin/sshd";
constexpr const char* ssh_keygen = "usr/bin/ssh-keygen";

/// A structure at an offset; all zeros where the file ends before it.
template <class T>
T at(std::string_view bytes, std::uint64_t offset) {
  T value{};
  if (offset <= bytes.size() && sizeof value <= bytes.size() - offset)
    std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string text_at(std::string_view bytes, std::uint64_t offset) {
  if (offset >= bytes.size()) return {};
  return std::string(bytes.substr(offset, bytes.find('\0', offset) - offset));
}

std::vector<Elf64_Phdr> program_headers(std::string_view elf) {
  std::vector<Elf64_Phdr> headers;
  if (!elf.starts_with(ELFMAG) || elf.size() < EI_NIDENT || elf[EI_CLASS] != ELFCLASS64) return headers;
  const auto head = at<Elf64_Ehdr>(elf, 0);
  for (unsigned i = 0; i < head.e_phnum; ++i)
    headers.push_back(at<Elf64_Phdr>(elf, head.e_phoff + i * std::uint64_t{sizeof(Elf64_Phdr)}));
  return headers;
}

/// Where in the file an address of the loaded program lies; the file's end for none.
std::uint64_t offset_of(const std::vector<Elf64_Phdr>& headers, std::uint64_t address, std::uint64_t none) {
  for (const Elf64_Phdr& header : headers)
    if (header.p_type == PT_LOAD && address >= header.p_vaddr && address - header.p_vaddr < header.p_filesz)
      return header.p_offset + (address - header.p_vaddr);
  return none;
}

/// Names of shared libraries (DT_NEEDED), and the absolute path of the program's interpreter.
std::vector<std::string> needed_by(std::string_view elf) {
  std::vector<std::string> needed;
  std::vector<std::uint64_t> names;
  std::uint64_t strings = elf.size();
  const auto headers = program_headers(elf);
  for (const Elf64_Phdr& header : headers) {
    if (header.p_type == PT_INTERP) needed.push_back(text_at(elf, header.p_offset));
    if (header.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t i = 0; i < header.p_filesz / sizeof(Elf64_Dyn); ++i) {
      const auto entry = at<Elf64_Dyn>(elf, header.p_offset + i * sizeof(Elf64_Dyn));
      if (entry.d_tag == DT_NEEDED) names.push_back(entry.d_un.d_val);
      if (entry.d_tag == DT_STRTAB) strings = offset_of(headers, entry.d_un.d_ptr, elf.size());
    }
  }
  for (const std::uint64_t name : names) needed.push_back(text_at(elf, strings + name));
  return needed;
}

/// Where the dynamic linker looks by itself; a distribution's architecture has a folder of its own.
const Node* find_library(const Tree& root, const std::string& name) {
  if (name.starts_with('/')) return root.find_followed(name.substr(1));
  constexpr std::array folders{
      "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib64", "lib64", "usr/lib", "lib"};
  for (const char* folder : folders)
    if (const Node* node = root.find_followed(std::string(folder) + "/" + name)) return node;
  return nullptr;
}

/// Paths in the program's own text that end so: where it was built to look for its helpers.
std::set<std::string> paths_ending_in(std::string_view bytes, const std::string& ending) {
  std::set<std::string> paths;
  const std::string pattern = ending + std::string(1, '\0');
  for (std::size_t found = bytes.find(pattern); found != bytes.npos; found = bytes.find(pattern, found + 1)) {
    std::size_t begin = found;
    while (begin > 0 && bytes[begin - 1] > 0x20 && bytes[begin - 1] < 0x7f) --begin;
    if (bytes[begin] == '/') paths.insert(std::string(bytes.substr(begin, found + ending.size() - begin)));
  }
  return paths;
}

class Closure {
 public:
  explicit Closure(const Tree& root) : root_(root) {}

  /// The program, its helpers and libraries; and theirs.
  void add_program(const std::string& path, const std::string& needed_by_whom) {
    const Node* node = root_.find_followed(path);
    if (node == nullptr || node->type != NodeType::regular || (node->mode & 0111) == 0)
      return missing("/" + path, needed_by_whom);
    add(*node, "/" + path);
    const std::string bytes = node->content.read();
    for (const char* helper : {"/sshd-session", "/sshd-auth"})
      for (const std::string& other : paths_ending_in(bytes, helper))
        if (seen_.insert(other).second) add_program(other.substr(1), "/" + path);
  }

  void add_user() {
    const bool there =
        root_.find("etc/passwd") != nullptr && ("\n" + root_.read("etc/passwd")).find("\nsshd:") != std::string::npos;
    if (!there) missing("the user sshd", std::string("/") + sshd);
  }

  const std::vector<std::string>& faults() const { return faults_; }

 private:
  void add(const Node& elf, const std::string& name) {
    for (const std::string& library : needed_by(elf.content.read())) {
      if (!seen_.insert(library).second) continue;
      const Node* node = find_library(root_, library);
      if (node == nullptr || node->type != NodeType::regular)
        missing(library, name);
      else
        add(*node, library);
    }
  }

  void missing(const std::string& what, const std::string& whom) {
    faults_.push_back(printable(what) + ", needed by " + printable(whom));
  }

  const Tree& root_;
  std::set<std::string> seen_;
  std::vector<std::string> faults_;
};

}  // namespace

void check_sshd_closure(const Tree& root) {
  if (root.find_followed(sshd) == nullptr) return;
  Closure closure(root);
  closure.add_program(sshd, "logins over SSH");
  closure.add_program(ssh_keygen, "making the host key");
  closure.add_user();
  if (closure.faults().empty()) return;
  std::string text = "nobody could log in to the image over SSH; it lacks:";
  for (const std::string& fault : closure.faults()) text += "\n  " + fault;
  throw Error(text, "a recipe's `remove` or `without` may have taken it; or name its package in `packages`");
}

}  // namespace lifeboat
