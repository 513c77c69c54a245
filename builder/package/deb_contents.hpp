#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "builder/tree/archive.hpp"

namespace lifeboat {

/// What the files of a .deb may be, beyond what any tar may hold: what dpkg itself takes and Debian's packages have.
/// Throws Error naming the path for a device or fifo, a control character in a name or a link's target, extended
/// attributes, a second file under the same name, and a setuid or setgid file that could become somebody else's.
void check_deb_files(const std::vector<ArchiveMember>& members);

/// The file `control` is one stanza of "Field: value" lines, each field once, and no byte of it is a control character.
/// It becomes a part of dpkg's database as it is, where another stanza would be another package. Throws Error with the
/// line.
void check_deb_control(std::string_view text);

/// The name of a file of the control part: letters, digits and -+._ (it becomes a part of a file's name in dpkg's
/// database), and none that dpkg writes itself. Throws Error.
void check_deb_control_name(std::string_view name);

/// The lists of the control part that name paths ("md5sums", "conffiles", "triggers") name none that leads out of the
/// root. Throws Error with the line.
void check_deb_lists(const std::map<std::string, std::string>& control);

}  // namespace lifeboat
