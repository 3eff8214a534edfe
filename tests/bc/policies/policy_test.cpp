#include "bc/policies/policy.h"

#include <cmath>

#include "bc/policies/script_actor.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

Policy random_policy(Likelihood likelihood, bool squash, Activation activation, std::vector<int> hidden,
                     std::uint64_t seed) {
  Policy policy;
  policy.environment_id = "Drive";
  policy.observation =
      Space({{"pose", 9, "m", -2, 2, "where it is"}, {"twist", 8, "m/s", -5, 5, "where it goes"}});
  policy.action = Space({{"stick", 6, "-", -1, 1, "six axes"}});
  policy.network = {.inputs = 17,
                    .hidden = std::move(hidden),
                    .outputs = likelihood == Likelihood::kGaussian ? 12 : 6,
                    .activation = activation};
  Rng rng(seed);
  policy.normaliser = identity_normaliser(17);
  for (int i = 0; i < 17; ++i) {
    policy.normaliser.mean(i) = static_cast<float>(3 * rng.normal());
    policy.normaliser.scale(i) = i == 4 ? 0.0F : static_cast<float>(std::exp(rng.normal()));
  }
  policy.parameters = Mlp(policy.network).initial_parameters(rng, 1.0);
  for (Eigen::Index i = 0; i < policy.parameters.size(); ++i) {
    policy.parameters(i) += static_cast<float>(0.05 * rng.normal());
  }
  policy.likelihood = likelihood;
  policy.squash = squash;
  policy.learner = "bc";
  policy.config = "seed = 1\nhidden = \"256,256\"\n";
  policy.dataset_sha256 = "ab12";
  policy.program_version = "0.1.0";
  return policy;
}

Policy plain_policy() {
  return random_policy(Likelihood::kMse, true, Activation::kTanh, {32, 32}, 1);
}

Matrix random_observations(int rows) {
  Rng rng(99);
  Matrix observations(rows, 17);
  for (Eigen::Index i = 0; i < observations.size(); ++i) {
    observations.data()[i] = static_cast<float>(4 * rng.normal());
  }
  return observations;
}

EnvironmentSpec spec_of(const Policy& policy) {
  EnvironmentSpec spec;
  spec.id = policy.environment_id;
  spec.observation = policy.observation;
  spec.action = policy.action;
  return spec;
}

}  // namespace

TEST_CASE("the fast forward pass gives TorchScript's actions to 1e-5", "[bc]") {
  const auto likelihood = GENERATE(Likelihood::kMse, Likelihood::kGaussian);
  const bool squash = GENERATE(true, false);
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const auto hidden = GENERATE(std::vector<int>{}, std::vector<int>{32, 32}, std::vector<int>{256, 256},
                               std::vector<int>{65, 3, 130});
  const TemporaryDirectory scratch;
  const Policy policy = random_policy(likelihood, squash, activation, hidden, 5);
  save_policy(policy, scratch / "policy.pt");
  const Matrix observations = random_observations(50);
  Matrix fast(50, 6);
  Matrix scripted(50, 6);
  policy_actor(policy)->act(observations, fast);
  script_actor(scratch / "policy.pt")->act(observations, scripted);
  CHECK((fast - scripted).cwiseAbs().maxCoeff() < 1e-5F);
  CHECK(fast.cwiseAbs().maxCoeff() <= 1.0F);
  CHECK(scripted.cwiseAbs().maxCoeff() <= 1.0F);
  CHECK(fast.cwiseAbs().maxCoeff() > 0.1F);
}

TEST_CASE("a saved policy comes back bit for bit", "[bc]") {
  const auto likelihood = GENERATE(Likelihood::kMse, Likelihood::kGaussian);
  const TemporaryDirectory scratch;
  const Policy policy =
      random_policy(likelihood, likelihood == Likelihood::kMse, Activation::kRelu, {33, 70}, 6);
  save_policy(policy, scratch / "policy.pt");
  const Policy back = load_policy(scratch / "policy.pt");
  CHECK(back.environment_id == policy.environment_id);
  CHECK(back.observation == policy.observation);
  CHECK(back.action == policy.action);
  CHECK(back.normaliser.mean == policy.normaliser.mean);
  CHECK(back.normaliser.scale == policy.normaliser.scale);
  CHECK(back.network == policy.network);
  CHECK(back.parameters == policy.parameters);
  CHECK(back.likelihood == policy.likelihood);
  CHECK(back.squash == policy.squash);
  CHECK(back.learner == policy.learner);
  CHECK(back.config == policy.config);
  CHECK(back.dataset_sha256 == policy.dataset_sha256);
  CHECK(back.program_version == policy.program_version);
}

TEST_CASE("the same policy is saved as the same bytes, and saving leaves nothing else behind", "[bc]") {
  const TemporaryDirectory scratch;
  save_policy(plain_policy(), scratch / "a.pt");
  save_policy(plain_policy(), scratch / "b.pt");
  CHECK(content(scratch / "a.pt") == content(scratch / "b.pt"));
  const std::filesystem::directory_iterator files(scratch / "");
  CHECK(std::distance(begin(files), end(files)) == 2);
}

TEST_CASE("a row's action does not depend on the rows beside it", "[bc]") {
  const Policy policy = plain_policy();
  const Matrix observations = random_observations(7);
  Matrix together(7, 6);
  const auto actor = policy_actor(policy);
  actor->act(observations, together);
  for (int row = 0; row < 7; ++row) {
    Matrix alone(1, 6);
    actor->act(observations.row(row), alone);
    CHECK(alone.row(0) == together.row(row));
  }
}

TEST_CASE("observations of another size are refused when acting", "[bc]") {
  const auto actor = policy_actor(plain_policy());
  Matrix actions(1, 6);
  CHECK_THROWS_WITH(actor->act(Matrix::Zero(1, 16), actions),
                    ContainsSubstring("want observations [batch, 17]"));
}

TEST_CASE("files that are no policy are refused in one line", "[bc]") {
  const TemporaryDirectory scratch;
  const auto refused = [&](const std::string& file, const std::string& message) {
    CAPTURE(file);
    CHECK_THROWS_WITH(load_policy(scratch / file), ContainsSubstring(message) && ContainsSubstring(file));
    try {
      load_policy(scratch / file);
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find('\n') == std::string::npos);
    }
  };
  refused("missing.pt", "no such policy file");
  write_content(scratch / "text.pt", "this is not a policy at all");
  refused("text.pt", "want a TorchScript archive");
  write_content(scratch / "empty.pt", "");
  refused("empty.pt", "want a TorchScript archive");
  save_policy(plain_policy(), scratch / "good.pt");
  const std::string good = content(scratch / "good.pt");
  write_content(scratch / "half.pt", good.substr(0, good.size() / 2));
  refused("half.pt", "damaged or truncated");
  write_content(scratch / "tail.pt", good.substr(0, good.size() - 10));
  refused("tail.pt", "damaged or truncated");
  CHECK_THROWS_AS(load_policy(scratch / ""), Error);
}

TEST_CASE("a policy whose parts do not fit together is not saved", "[bc]") {
  const TemporaryDirectory scratch;
  const auto refused = [&](const std::string& message, auto change) {
    Policy policy = plain_policy();
    change(policy);
    CHECK_THROWS_WITH(save_policy(policy, scratch / "p.pt"), ContainsSubstring(message));
    CHECK_FALSE(std::filesystem::exists(scratch / "p.pt"));
  };
  refused("network inputs: want 17 entries, found 16", [](Policy& p) { p.network.inputs = 16; });
  refused("network outputs: want 12 entries, found 6",
          [](Policy& p) { p.likelihood = Likelihood::kGaussian; });
  refused("normaliser mean: want 17", [](Policy& p) { p.normaliser.mean.resize(3); });
  refused("parameters: want", [](Policy& p) { p.parameters.conservativeResize(10); });
  refused("network: want one without layer_norm", [](Policy& p) { p.network.layer_norm = true; });
  refused("parameters: one is not finite", [](Policy& p) { p.parameters(7) = std::nanf(""); });
  refused("normaliser: an entry is not finite", [](Policy& p) { p.normaliser.scale(0) = INFINITY; });
}

TEST_CASE("saving where nothing can be written is refused with the path", "[bc]") {
  CHECK_THROWS_WITH(save_policy(plain_policy(), "/no-such-directory/policy.pt"),
                    ContainsSubstring("/no-such-directory/policy.pt"));
}

TEST_CASE("a policy of another task or shape is refused by name", "[bc]") {
  const Policy policy = plain_policy();
  CHECK_NOTHROW(check_policy_fits(policy, spec_of(policy)));
  EnvironmentSpec other = spec_of(policy);
  other.id = "Reach";
  CHECK_THROWS_WITH(check_policy_fits(policy, other),
                    ContainsSubstring("want one for Reach, found one for Drive"));
  EnvironmentSpec longer = spec_of(policy);
  longer.observation = Space({{"pose", 9, "m", -2, 2, ""}, {"twist", 9, "m/s", -5, 5, ""}});
  CHECK_THROWS_WITH(check_policy_fits(policy, longer),
                    ContainsSubstring("want field twist[9], found twist[8]"));
  EnvironmentSpec fewer = spec_of(policy);
  fewer.action = Space({{"stick", 4, "-", -1, 1, ""}});
  CHECK_THROWS_WITH(check_policy_fits(policy, fewer), ContainsSubstring("action: want field stick[4]"));
}

TEST_CASE("likelihoods have names, and unknown ones are refused", "[bc]") {
  CHECK(parse_likelihood(likelihood_name(Likelihood::kGaussian)) == Likelihood::kGaussian);
  CHECK(parse_likelihood(likelihood_name(Likelihood::kMse)) == Likelihood::kMse);
  CHECK_THROWS_WITH(parse_likelihood("gausian"), ContainsSubstring("did you mean 'gaussian'"));
}

}  // namespace understudy
