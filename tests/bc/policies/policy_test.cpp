#include "bc/policies/policy.h"

#include <cmath>

#include "bc/policies/script_actor.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/random_policy.h"
#include "tests/support/script_file.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

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
  script_in_file(scratch / "policy.pt")->act(observations, scripted);
  Matrix made(50, 6);
  script_actor(policy)->act(observations, made);
  CHECK(made == scripted);
  CHECK((fast - scripted).cwiseAbs().maxCoeff() < 1e-5F);
  CHECK(fast.cwiseAbs().maxCoeff() <= 1.0F);
  CHECK(scripted.cwiseAbs().maxCoeff() <= 1.0F);
  CHECK(fast.cwiseAbs().maxCoeff() > 0.1F);
}

TEST_CASE("an MLP's actions are those of its equations, and the same bits once it has been in a file",
          "[bc]") {
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const TemporaryDirectory scratch;
  const Policy policy = random_policy(Likelihood::kGaussian, true, activation, {65, 30}, 8);
  const Matrix observations = random_observations(20);
  const MlpPolicy& mlp = mlp_of(policy);
  Eigen::MatrixXd h = ((observations.rowwise() - policy.normaliser.mean.transpose()).array().rowwise() *
                       policy.normaliser.scale.transpose().array())
                          .cast<double>();
  const float* next = mlp.parameters.data();
  for (const int width : {65, 30, 12}) {
    const Eigen::Map<const Matrix> weight(next, h.cols(), width);
    const Eigen::Map<const Eigen::RowVectorXf> bias(next + weight.size(), width);
    next += weight.size() + width;
    h = ((h * weight.cast<double>()).rowwise() + bias.cast<double>()).eval();
    if (width == 12 || activation == Activation::kTanh) {
      h = h.array().tanh();
    } else {
      h = h.cwiseMax(0.0);
    }
  }
  Matrix actions(20, 6);
  policy_actor(policy)->act(observations, actions);
  CHECK((actions.cast<double>() - h.leftCols(6)).cwiseAbs().maxCoeff() < 2e-6);

  save_policy(policy, scratch / "policy.pt");
  Matrix loaded(20, 6);
  policy_actor(load_policy(scratch / "policy.pt"))->act(observations, loaded);
  CHECK(loaded == actions);
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
  CHECK(mlp_of(back).spec == mlp_of(policy).spec);
  CHECK(mlp_of(back).parameters == mlp_of(policy).parameters);
  CHECK(mlp_of(back).likelihood == mlp_of(policy).likelihood);
  CHECK(mlp_of(back).squash == mlp_of(policy).squash);
  CHECK(back.observation_history == 1);
  CHECK(back.planned_actions == 1);
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
  const MlpPolicy mlp = mlp_of(plain_policy());
  MlpSpec narrow = mlp.spec;
  narrow.inputs = 16;
  refused("network inputs: want 17 entries, found 16",
          [&](Policy& p) { p = with_mlp(p, narrow, mlp.parameters); });
  refused("network outputs: want 12 entries, found 6",
          [&](Policy& p) { p = with_mlp(p, mlp.spec, mlp.parameters, Likelihood::kGaussian); });
  refused("normaliser mean: want 17", [](Policy& p) { p.normaliser.mean.resize(3); });
  refused("parameters: want", [&](Policy& p) { p = with_mlp(p, mlp.spec, mlp.parameters.head(10)); });
  MlpSpec normalised = mlp.spec;
  normalised.layer_norm = true;
  refused("network: want one without layer_norm",
          [&](Policy& p) { p = with_mlp(p, normalised, mlp.parameters); });
  Vector spoilt = mlp.parameters;
  spoilt(7) = std::nanf("");
  refused("parameters: one is not finite", [&](Policy& p) { p = with_mlp(p, mlp.spec, spoilt); });
  refused("normaliser: an entry is not finite", [](Policy& p) { p.normaliser.scale(0) = INFINITY; });
  refused("observation_history: want 1 with an MLP, found 2", [](Policy& p) { p.observation_history = 2; });
  refused("planned_actions: want at least 1, found 0", [](Policy& p) { p.planned_actions = 0; });
  refused("want a network, found none", [](Policy& p) { p.network = nullptr; });
  refused("without control characters", [](Policy& p) { p.environment_id = "Drive\x1b[2J"; });
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
