#include <array>

#include "builder/base/error.hpp"
#include "builder/distro/debian_steps.hpp"

namespace lifeboat {
namespace {

/// One stack of libpam-runtime's: the lines that its one default profile, "unix", puts into the template.
struct Stack {
  std::string_view name;                 ///< "auth": file common-auth
  std::string_view variable;             ///< begins the template's variables: "$auth_primary"
  std::string_view primary, additional;  ///< the lines in their place
  std::string_view saved;                ///< as /var/lib/pam keeps them, jumps unresolved
};

constexpr std::string_view session_saved =
    "Module: null\n[default=1]\t\t\tpam_permit.so\nModule: unix\nrequired\tpam_unix.so\n";

constexpr std::string_view session_primary = "session\t[default=1]\t\t\tpam_permit.so";
constexpr std::string_view session_additional = "session\trequired\tpam_unix.so ";

constexpr std::array stacks{
    Stack{"account", "account", "account\t[success=1 new_authtok_reqd=done default=ignore]\tpam_unix.so ", "",
          "Module: unix\n[success=end new_authtok_reqd=done default=ignore]\tpam_unix.so\n"},
    Stack{"auth", "auth", "auth\t[success=1 default=ignore]\tpam_unix.so nullok", "",
          "Module: unix\n[success=end default=ignore]\tpam_unix.so nullok\n"},
    Stack{"password", "password", "password\t[success=1 default=ignore]\tpam_unix.so obscure yescrypt", "",
          "Module: unix\n[success=end default=ignore]\tpam_unix.so obscure yescrypt\n"},
    Stack{"session", "session", session_primary, session_additional, session_saved},
    Stack{"session-noninteractive", "session_nonint", session_primary, session_additional, session_saved},
};

/// Replaces the template's line "$VARIABLE_WHICH" by `line`, or by nothing.
void fill(std::string& text, const Stack& stack, std::string_view which, std::string_view line) {
  const std::string variable = "$" + std::string(stack.variable) + "_" + std::string(which);
  const std::size_t at = text.find(variable + "\n");
  if (at == std::string::npos)
    throw Error("writing /etc/pam.d/common-" + std::string(stack.name) + ": libpam-runtime's template has no line " +
                variable);
  text.replace(at, variable.size() + 1, line.empty() ? "" : std::string(line) + "\n");
}

}  // namespace

void write_debian_pam(Maker& maker) {
  if (!maker.has_package("libpam-runtime")) return;
  for (const Stack& stack : stacks) {
    const std::string file = "common-" + std::string(stack.name);
    std::string text = maker.tree().read(TreePath("usr/share/pam") / file);
    fill(text, stack, "primary", stack.primary);
    fill(text, stack, "additional", stack.additional);
    maker.file(TreePath("etc/pam.d") / file, text);
    maker.file(TreePath("var/lib/pam") / stack.name, stack.saved);
  }
  maker.file("var/lib/pam/seen", "unix\nmkhomedir\n");
}

}  // namespace lifeboat
