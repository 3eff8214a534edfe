// Policies for machines without this program: they act there as here.

#include "bc/exports/export_policy.h"

#include <cstdlib>

#include "bc/exports/onnx_file.h"
#include "bc/exports/policy_step.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/linear_recurrent_policy.h"
#include "tests/support/random_policy.h"
#include "tests/support/sequence_policies.h"

namespace understudy {
using namespace tests;
namespace {

/// How a policy acts at random observations.
std::vector<ActedEpisode> acted(const Policy& policy, int steps = 30) {
  std::vector<ActedEpisode> episodes(2);
  const auto actor = policy_actor(policy);
  Rng rng(7);
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    ActedEpisode& episode = episodes[i];
    episode = {.seed = 40 + i,
               .observations = Matrix(steps, policy.observation.size()),
               .actions = Matrix(steps, policy.action.size())};
    actor->reset(0, episode.seed);
    for (int step = 0; step < steps; ++step) {
      Matrix observation(1, policy.observation.size()), action(1, policy.action.size());
      for (float& value : observation.reshaped()) value = static_cast<float>(rng.normal());
      actor->act(observation, action);
      episode.observations.row(step) = observation.row(0);
      episode.actions.row(step) = action.row(0);
    }
  }
  return episodes;
}

void want_alike(const Policy& policy, const std::string& format) {
  const auto episodes = acted(policy);
  const std::string content = exported_policy(policy, format, "made");
  const double difference = export_difference(policy, format, "made", content, episodes);
  CHECK(difference <= kMostExportDifference);
  // That policies do act, and not always alike.
  CHECK((episodes[0].actions.row(3) - episodes[0].actions.row(7)).cwiseAbs().maxCoeff() > 1e-3F);
}

TEST_CASE("an exported MLP acts as it does here") {
  const std::string format = GENERATE("torchscript", "onnx", "header");
  const Likelihood likelihood = GENERATE(Likelihood::kMse, Likelihood::kGaussian);
  CAPTURE(format, likelihood_name(likelihood));
  want_alike(random_policy(likelihood, likelihood == Likelihood::kMse, Activation::kTanh, {33, 40}, 3),
             format);
}

TEST_CASE("an exported policy that remembers, plans or draws acts as it does here, state and dice included") {
  const std::string format = GENERATE("torchscript", "onnx", "header");
  const std::string kind =
      GENERATE("feedforward", "ensemble", "recurrent", "transformer", "act", "diffusion", "flow", "stream");
  CAPTURE(format, kind);
  if (format == "header" && (kind == "diffusion" || kind == "flow")) return;  // see below
  DesignConfig config = small(kind);
  if (kind == "feedforward" || kind == "recurrent") config.history = kind == "feedforward" ? 3 : 1;
  want_alike(random_sequence_policy(kind, config), format);
}

TEST_CASE("with every head, cell and way to carry out plans it does") {
  const std::string format = GENERATE("onnx", "header");
  CAPTURE(format);
  for (const std::string& head : head_names()) {
    CAPTURE(head);
    DesignConfig config = small("feedforward");
    config.head.name = head;
    want_alike(random_sequence_policy("feedforward", config), format);
  }
  DesignConfig gru = small("recurrent");
  gru.cell = "gru";
  gru.horizon = 8;  // the memory is emptied on the way
  gru.head.name = "gmm";
  want_alike(random_sequence_policy("recurrent", gru), format);
  DesignConfig plans = small("act");
  plans.ensemble = 0;
  plans.executed = 7;
  want_alike(random_sequence_policy("act", plans), format);
  plans.ensemble = 0.3;
  plans.executed = 1;
  plans.horizon = 6;
  want_alike(random_sequence_policy("act", plans), format);
}

TEST_CASE("pictures are seen in ONNX as here") {
  DesignConfig config = small("feedforward");
  config.vision.cameras = {{"front", 20, 20}};
  config.vision.crop = 4;
  config.vision.network = GENERATE("cnn", "resnet18");
  if (config.vision.network == "resnet18") config.vision.cameras = {{"front", 40, 38}};
  config.vision.keypoints = 4;
  config.vision.features = 8;
  CAPTURE(config.vision.network);
  const int pixels = config.vision.cameras[0].size(), fields = 2;
  DesignNetwork numbers(make_design("feedforward", config, fields + pixels, kAct), fields + pixels, kAct);
  Policy policy = random_sequence_policy("feedforward", small("feedforward"));
  policy.observation = Space({{"seen", fields, "-", -10, 10, ""}, {"front_image", pixels, "-", 0, 255, ""}});
  policy.normaliser = identity_normaliser(fields + pixels);
  policy.network = std::make_shared<const SequencePolicy>("feedforward", config, fields + pixels, kAct,
                                                          numbers.parameters);
  auto episodes = acted(policy, 3);
  for (ActedEpisode& episode : episodes) {
    const auto actor = policy_actor(policy);
    episode.observations.rightCols(pixels) =
        (episode.observations.rightCols(pixels).array() * 60 + 128).matrix();
    actor->act(episode.observations, episode.actions);
  }
  const std::string content = exported_policy(policy, "onnx", "made");
  CHECK(export_difference(policy, "onnx", "made", content, episodes) <= kMostExportDifference);
  CHECK_THROWS_WITH(exported_policy(policy, "header", "made"), ContainsSubstring("header: has no Conv"));
}

TEST_CASE("an export that acts otherwise is found out") {
  const Policy policy = plain_policy();
  const auto episodes = acted(policy);
  std::string content = exported_policy(policy, "onnx", "made");
  const std::string weights(reinterpret_cast<const char*>(policy.network->tensors()[2].values.data()), 4);
  const std::size_t at = content.find(weights);
  REQUIRE(at != std::string::npos);
  const float other = 3;
  content.replace(at, 4, reinterpret_cast<const char*>(&other), 4);
  CHECK(export_difference(policy, "onnx", "made", content, episodes) > 1e-3);

  std::string header = exported_policy(policy, "header", "made");
  header.insert(header.find("= {", header.find("kTable4[")) + 3, "9");  // a digit more in a number
  CHECK(export_difference(policy, "header", "made", header, episodes) > kMostExportDifference);
}

TEST_CASE("ONNX inputs and outputs have names and sizes, state and noise only where there are such") {
  const auto names = [](const StepGraph& graph, const std::vector<int>& ids) {
    std::string text;
    for (const int id : ids) {
      const GraphValue& value = graph.values[static_cast<std::size_t>(id)];
      text += value.name + " " + std::to_string(value.shape.at(1)) + " ";
    }
    return text;
  };
  const StepGraph plain = graph_of_onnx(exported_policy(plain_policy(), "onnx", "made"));
  CHECK(names(plain, plain.inputs) == "observation 17 ");
  CHECK(names(plain, plain.body.outputs) == "action 6 ");
  DesignConfig config = small("recurrent");
  config.head.name = "gmm";
  const Policy policy = random_sequence_policy("recurrent", config);
  const StepGraph graph = graph_of_onnx(exported_policy(policy, "onnx", "made"));
  const std::string state = std::to_string(policy_step(policy).state);
  CHECK(names(graph, graph.inputs) == "observation 3 state " + state + " noise 1 ");
  CHECK(names(graph, graph.body.outputs) == "action 2 next_state " + state + " ");
}

TEST_CASE("a plan is made once for all the steps that it is carried out in") {
  DesignConfig config = small("diffusion");
  const StepGraph graph = step_graph(random_sequence_policy("diffusion", config));
  int choices = 0;
  for (const GraphNode& node : graph.body.nodes) {
    CHECK(node.op != "Conv");  // outside the branch that makes it
    choices += node.op == "If" ? 1 : 0;
  }
  CHECK(choices == 1);
}

TEST_CASE("what cannot be exported is refused in a line that says what can") {
  const Policy diffusion = random_sequence_policy("diffusion", small("diffusion"));
  CHECK_THROWS_WITH(exported_policy(diffusion, "header", "made"),
                    "header: has no Conv, which this policy needs; export it to onnx or torchscript");
  CHECK_THROWS_WITH(exported_policy(plain_policy(), "tflite", "made"), ContainsSubstring("onnx"));

  EnvironmentSpec spec;
  spec.id = "Made";
  spec.observation = Space({{"seen", 3, "-", -10, 10, ""}});
  spec.action = Space({{"done", 2, "-", -1, 1, ""}});
  const Policy own = random_recurrent_policy(spec, 4, 1);
  CHECK_THROWS_WITH(exported_policy(own, "onnx", "made"), ContainsSubstring("export it to torchscript"));
  const std::string archive = exported_policy(own, "torchscript", "made");
  CHECK(export_difference(own, "torchscript", "made", archive, acted(own)) <= kMostExportDifference);
}

TEST_CASE("without a compiler a header is not vouched for") {
  const Policy policy = plain_policy();
  const std::string header = exported_policy(policy, "header", "made");
  const char* const before = std::getenv("CXX");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("CXX", "/nowhere/c++", 1);
  CHECK_THROWS_WITH(export_difference(policy, "header", "made", header, acted(policy)),
                    ContainsSubstring("want a C++ compiler") && ContainsSubstring("install g++"));
  if (before == nullptr) {
    ::unsetenv("CXX");
  } else {
    ::setenv("CXX", kept.c_str(), 1);
  }
}

TEST_CASE("a file that is no ONNX of ours is refused, however it is cut") {
  const std::string content = exported_policy(plain_policy(), "onnx", "made");
  for (std::size_t size = 1; size < content.size(); size += 997) {
    CAPTURE(size);
    try {
      graph_of_onnx(content.substr(0, size));
    } catch (const Error&) {
      continue;
    }
    CHECK(size < 40);  // before its graph begins
  }
}

}  // namespace
}  // namespace understudy
