#pragma once
#include <iosfwd>
#include <optional>
#include <string>

#include "builder/build/inputs.hpp"
#include "builder/build/lock.hpp"
#include "builder/build/options.hpp"
#include "builder/build/root.hpp"
#include "builder/build/steps.hpp"

namespace lifeboat {

/// What a build will do, found out before it does anything: its inputs, and what of it is there already.
struct BuildPlan {
  const BuildOptions& options;
  Recipe recipe;
  BuildPlaces places;
  Lock lock;
  std::string overlays_digest = {};
  std::string build_id = {};  ///< 32 hexadecimal digits over all that decides the image; the same on any machine
  std::string signer = {};    ///< fingerprint of the key that signs; "": unsigned
  Sha256 secure_boot_certificate = {};  ///< fingerprint of the one that the medium uki is signed for; "": unsigned
  Sha256 root_key = {};
  Sha256 output_key = {};              ///< over all that decides the output's bytes on this machine
  std::optional<RootImage> root = {};  ///< an earlier build made it
  bool current = false;                ///< the output folder holds exactly what this build would write

  RootInput root_input() const {
    return {.recipe = recipe,
            .lock = lock,
            .overlays = places.overlays,
            .overlays_digest = overlays_digest,
            .fast = options.fast};
  }
};

/// Reads the lock that was named, or asks the repositories what they have now. Throws Error.
BuildPlan make_plan(const BuildOptions& options, const Recipe& recipe, FetchSetup& fetch, const StepStore& store,
                    Progress& progress);

/// Remembers that the output folder now holds what `plan` was made for.
void note_output(const BuildPlan& plan, const StepStore& store);

/// `lifeboat plan`: what build would fetch, unpack and write, with sizes.
void plan_image(const PlanOptions& options, std::ostream& out);

}  // namespace lifeboat
