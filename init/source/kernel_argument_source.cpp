#include "init/source/kernel_argument_source.hpp"

#include "init/contract/kernel_arguments.hpp"
#include "init/source/source.hpp"

namespace lifeboat::init {

Result<Findings> read_kernel_arguments(const Platform& platform) {
  const contract::KernelArguments arguments = contract::parse_kernel_arguments(platform.kernel_command_line);
  Findings findings;
  if (!arguments.password_hash.empty())
    take_password_hash(arguments.password_hash, contract::password_hash_argument, findings);
  for (const std::string& key : arguments.authorized_keys) add_key_lines(key, findings);
  findings.deadline = arguments.deadline;
  if (arguments.has_clear_password)
    findings.notes.emplace_back(
        "lifeboat.password is not used: whoever is on the machine can read it there; give its hash as "
        "lifeboat.password_hash (made by `openssl passwd -6`)");
  if (findings.password_hash.empty() && findings.keys.empty() && findings.deadline.empty() && findings.notes.empty())
    return nothing_there("no lifeboat.password_hash and no lifeboat.authorized_key");
  return findings;
}

}  // namespace lifeboat::init
