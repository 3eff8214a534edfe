#include "bc/policies/policy_archive.h"

#include "bc/policies/mlp_policy.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/random_policy.h"

namespace understudy {
namespace {

std::string saved(Policy policy) {
  Archive archive;
  serialise_policy(archive, policy);
  return archive.bytes();
}

Policy loaded(const std::string& bytes) {
  Policy policy;
  Archive archive(bytes, "last.ckpt");
  serialise_policy(archive, policy);
  archive.finish();
  return policy;
}

/// `bytes` with the first `from` replaced by as many characters.
std::string changed(std::string bytes, const std::string& from, const std::string& to) {
  REQUIRE(from.size() == to.size());
  REQUIRE(bytes.find(from) != std::string::npos);
  return bytes.replace(bytes.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a policy comes back from a checkpoint bit for bit", "[bc]") {
  const auto likelihood = GENERATE(Likelihood::kMse, Likelihood::kGaussian);
  const Policy policy = random_policy(likelihood, false, Activation::kRelu, {33, 70}, 6);
  const Policy back = loaded(saved(policy));
  CHECK(back.environment_id == policy.environment_id);
  CHECK(back.observation == policy.observation);
  CHECK(back.action == policy.action);
  CHECK(back.normaliser.mean == policy.normaliser.mean);
  CHECK(back.normaliser.scale == policy.normaliser.scale);
  CHECK(mlp_of(back).spec == mlp_of(policy).spec);
  CHECK(mlp_of(back).parameters == mlp_of(policy).parameters);
  CHECK(mlp_of(back).likelihood == likelihood);
  CHECK_FALSE(mlp_of(back).squash);
  CHECK(back.learner == policy.learner);
  CHECK(back.config == policy.config);
  CHECK(back.dataset_sha256 == policy.dataset_sha256);
  CHECK(back.program_version == policy.program_version);
}

TEST_CASE("a checkpoint whose policy is none is refused by its name", "[bc]") {
  const std::string good = saved(plain_policy());
  const auto refused = [](const std::string& bytes, const std::string& message) {
    CHECK_THROWS_WITH(loaded(bytes), ContainsSubstring("last.ckpt: ") && ContainsSubstring(message));
  };
  refused(changed(good, "\"hidden\":[32,32]", "\"hidden\":[32,33]"),
          "weight_1: want 1056 numbers, found 1024");
  refused(changed(good, "\"hidden\":[32,32]", "\"hidden\":[9e99 ]"), "hidden: want whole numbers");
  refused(changed(good, "\"hidden\":[32,32]", "\"hidden\":[32,32}"), "network: damaged");
  refused(changed(good, "\"mse\"", "\"abc\""), "unknown likelihood 'abc'");
  refused(changed(good, "\"pose\",\"size\":9", "\"pose\",\"size\":8"), "mean: want 16 numbers, found 17");
  refused(good.substr(0, good.size() / 2), "ends too soon");
  refused(good + "x", "1 bytes too many");

  Policy spoilt = plain_policy();
  Vector parameters = mlp_of(spoilt).parameters;
  parameters(3) = INFINITY;
  spoilt = with_mlp(spoilt, mlp_of(spoilt).spec, parameters);
  refused(saved(spoilt), "parameters: one is not finite");
}

}  // namespace understudy
