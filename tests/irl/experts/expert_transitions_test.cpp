#include "irl/experts/expert_transitions.h"

#include "bc/cloning/cloning_data.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

const std::string kData = UNDERSTUDY_EXPERTS "/InvertedPendulumSwingup/demos.h5";

ExpertData expert_of(const DemonstrationChoice& choice, std::uint64_t seed) {
  Rng rng = demonstration_rng(seed);
  return load_expert_data(choice, make_environment("InvertedPendulumSwingup")->spec(), rng);
}

CloningData clone_of(const DemonstrationChoice& choice, std::uint64_t seed, double share) {
  return load_cloning_data(choice, {.share = share, .seed = seed},
                           make_environment("InvertedPendulumSwingup")->spec());
}

}  // namespace

TEST_CASE("cloning and imitation see the same transitions of the same demonstrations") {
  const auto seed = GENERATE(as<std::uint64_t>(), 1, 2, 77);
  const auto demos = GENERATE(1, 3);
  CAPTURE(seed, demos);
  const DemonstrationChoice choice{.data = kData, .demos = demos, .subsample = 20};
  const ExpertTransitions expert = expert_of(choice, seed).transitions;
  const CloningData cloning = clone_of(choice, seed, 0);
  // No episode of this task terminates: of one that does, imitation keeps the last transition as well.
  REQUIRE(cloning.training_episodes == demos);
  REQUIRE(cloning.training.actions.rows() == expert.size());
  CHECK(cloning.training.observations == expert.observations);
  CHECK(cloning.training.actions == expert.actions);
}

TEST_CASE("holding episodes out changes no step of the others") {
  const DemonstrationChoice choice{.data = kData, .demos = 3, .subsample = 20};
  const ExpertTransitions expert = expert_of(choice, 5).transitions;
  const CloningData cloning = clone_of(choice, 5, 0.3);
  REQUIRE(cloning.validation_episodes == 1);
  REQUIRE(cloning.training.actions.rows() + cloning.validation.actions.rows() == expert.size());
  for (const Matrix* part : {&cloning.training.observations, &cloning.validation.observations}) {
    for (Eigen::Index row = 0; row < part->rows(); ++row) {
      bool found = false;
      for (Eigen::Index i = 0; i < expert.observations.rows(); ++i)
        found = found || part->row(row) == expert.observations.row(i);
      REQUIRE(found);
    }
  }
}

}  // namespace understudy
