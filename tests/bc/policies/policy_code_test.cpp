// An archive whose code runs when LibTorch loads it, and what becomes of it here.

#include "tests/support/torch.h"

#include "datasets/types/error.h"
#include "tests/support/policy_files.h"
#include "tests/support/random_policy.h"
#include "tests/support/script_file.h"
#include "tests/support/temporary_directory.h"

namespace understudy {

using namespace tests;

namespace {

/// A policy of one linear layer, of the first schema, whose module overwrites `victim` when it is loaded.
void save_crafted(const std::filesystem::path& file, const std::filesystem::path& victim) {
  const char* description = R"({
    "schema": 1, "environment": "Reacher", "learner": "bc",
    "observation": [{"name": "x", "size": 2, "unit": "m", "low": -1, "high": 1, "meaning": ""}],
    "action": [{"name": "a", "size": 1, "unit": "-", "low": -1, "high": 1, "meaning": ""}],
    "network": {"hidden": [], "activation": "tanh"}, "likelihood": "mse", "squash": true,
    "config": "", "dataset_sha256": "", "program_version": "0.1.0"})";
  torch::jit::Module module("__torch__.UnderstudyPolicy");
  module.register_buffer("mean", torch::zeros({2}));
  module.register_buffer("scale", torch::ones({2}));
  module.register_buffer("weight_0", torch::ones({1, 2}));
  module.register_buffer("bias_0", torch::zeros({1}));
  module.define(
      "def forward(self, observation: Tensor) -> Tensor:\n"
      "    return torch.tanh(torch.linear(observation, self.weight_0, self.bias_0))\n"
      "def __getstate__(self) -> Tuple[Tensor, Tensor, Tensor, Tensor]:\n"
      "    return (self.mean, self.scale, self.weight_0, self.bias_0)\n"
      "def __setstate__(self, state: Tuple[Tensor, Tensor, Tensor, Tensor]) -> None:\n"
      "    self.mean = state[0]\n"
      "    self.scale = state[1]\n"
      "    self.weight_0 = state[2]\n"
      "    self.bias_0 = torch.from_file(\"" +
      victim.string() + "\", True, 1).fill_(1.0)\n");
  module.save(file.string(), {{"understudy.json", description}});
}

}  // namespace

TEST_CASE("an archive whose code overwrites a file when LibTorch loads it is refused, and nothing is written",
          "[bc]") {
  const TemporaryDirectory scratch;
  const auto victim = scratch / "victim";
  save_crafted(scratch / "policy.pt", victim);
  REQUIRE_FALSE(std::filesystem::exists(victim));

  CHECK_THAT(refusal(scratch / "policy.pt"), ContainsSubstring("code that would run when LibTorch loads it"));
  CHECK_FALSE(std::filesystem::exists(victim));

  // The same code in a policy of the present schema, whose checksum somebody has made right.
  auto crafted = read_zip(scratch / "policy.pt");
  const std::string code = record_of(crafted, "/code/__torch__.py").bytes;
  save_policy(plain_policy(), scratch / "forged.pt");
  forge(scratch / "forged.pt",
        [&](std::vector<ZipContent>& records) { record_of(records, "/code/__torch__.py").bytes = code; });
  CHECK_THAT(refusal(scratch / "forged.pt"), ContainsSubstring("code that would run when LibTorch loads it"));
  CHECK_FALSE(std::filesystem::exists(victim));

  script_in_file(scratch / "policy.pt");  // what loading it by LibTorch does
  CHECK(std::filesystem::exists(victim));
}

}  // namespace understudy
