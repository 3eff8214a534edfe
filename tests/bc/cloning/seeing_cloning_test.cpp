// Cloning from pictures: that they are what is learnt from, and that training is the same bits however they came.

#include <cmath>

#include "bc/cloning/cloning_run_config.h"
#include "bc/cloning/sequence_cloning.h"
#include "bc/cloning/sight_data.h"
#include "bc/policies/script_actor.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/squares_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

SightOptions through_eye() {
  SightOptions options;
  options.cameras = "eye";
  options.fields = "clock";
  options.crop = 4;
  options.memory = 1;
  return options;
}

struct Seen {
  CloningData data;
  Space observation = squares_task().observation;
};

Seen seen(const std::string& file, const SightOptions& options) {
  Seen seen;
  seen.data = load_cloning_data({.data = file}, {.share = 0.2, .seed = 1}, squares_task());
  restrict_to_sight(seen.data, options, file, seen.observation);
  return seen;
}

SequenceCloningConfig small(const std::string& kind, const CloningData& data) {
  SequenceCloningConfig config;
  config.kind = kind;
  config.design = default_design(kind);
  config.design.head.name = "deterministic";
  config.design.width = 32;
  for (int& width : config.design.widths) width = 32;
  config.design.feedforward = 32;
  config.design.vision = {
      .cameras = data.cameras, .network = "cnn", .crop = 4, .keypoints = 8, .features = 16};
  config.batch = 16;
  config.epochs = 10;
  config.threads = 2;
  return config;
}

Policy complete(Policy policy, const Space& observation) {
  policy.environment_id = "Squares";
  policy.observation = observation;
  policy.action = squares_task().action;
  return policy;
}

/// What a policy is given at these steps of an episode, the pictures as the file has them.
Matrix given(const std::string& file, const Space& observation, int episode) {
  const DemonstrationReader reader(file);
  const Episode recorded = reader.read(episode);
  Matrix rows(recorded.length(), observation.size());
  const ImageField field = reader.header().images.fields[0];
  std::vector<std::uint8_t> picture(field.bytes());
  for (int t = 0; t < recorded.length(); ++t) {
    reader.read_image(episode, field, t, picture.data());
    rows(t, 0) = recorded.observations(t, 0);
    for (std::size_t i = 0; i < picture.size(); ++i) rows(t, 1 + static_cast<int>(i)) = picture[i];
  }
  return rows;
}

TEST_CASE("what stands in the pictures alone is cloned, and acting from whole pictures does it", "[slow]") {
  const TemporaryDirectory folder;
  const std::string file = folder / "squares.h5";
  write_squares(file, 20, 50, 1);
  const Seen squares = seen(file, through_eye());
  CHECK(squares.observation.size() == 1 + 24 * 20 * 3);
  SequenceCloningConfig config = small("feedforward", squares.data);
  config.design.widths = {64};
  config.learning_rate = 3e-3;
  config.batch = 32;
  config.epochs = 20;
  SequenceCloning cloning(config, squares.data.training, squares.observation.size(), 2);
  for (int i = 0; i < 2000; ++i) cloning.update();
  // The variance of the action is a quarter or so, which is what clones without the pictures come to.
  const double loss = cloning.loss(squares.data.validation);
  CAPTURE(loss);
  CHECK(loss < 0.02);
  const TemporaryDirectory others;
  write_squares(others / "others.h5", 1, 50, 2);
  const auto actor = policy_actor(complete(cloning.policy(), squares.observation));
  const Matrix rows = given(others / "others.h5", squares.observation, 0);
  const Episode wanted = DemonstrationReader(others / "others.h5").read(0);
  actor->reset(0, 1);
  Matrix action(1, 2);
  double error = 0;
  for (int t = 0; t < wanted.length(); ++t) {
    actor->act(rows.row(t), action);
    error += static_cast<double>((action.row(0) - wanted.actions.row(t)).squaredNorm()) / 2;
  }
  CHECK(error / wanted.length() < 0.03);
}

TEST_CASE("training is the same bits with little memory or much, one thread or two, and resumed") {
  const std::string kind = GENERATE("feedforward", "recurrent", "diffusion");
  CAPTURE(kind);
  const TemporaryDirectory folder;
  const std::string file = folder / "squares.h5";
  write_squares(file, 5, 12, 1);
  const Seen squares = seen(file, through_eye());
  SequenceCloningConfig config = small(kind, squares.data);
  config.design.width = 8;
  if (kind == "recurrent") config.design.horizon = 4;
  for (int& width : config.design.widths) width = 8;
  config.augmentation = {.crop = 4, .brightness = 0.2, .colour = 0.1};
  config.observation_noise = 0.05;
  config.batch = 7;
  const auto with_memory = [&](std::size_t steps) {
    CloningPairs pairs = squares.data.training;
    pairs.pictures = std::make_shared<PictureSource>(file, squares.data.cameras, pairs.places,
                                                     steps * PictureSource::step_bytes(squares.data.cameras));
    return pairs;
  };
  const int seen_size = squares.observation.size();
  // One source at a time: HDF5 is not made for threads.
  std::vector<double> losses;
  double judged = 0;
  {
    SequenceCloning whole(config, with_memory(1000), seen_size, 2);
    for (int i = 0; i < 16; ++i) losses.push_back(whole.update().loss);
    judged = whole.loss(with_memory(1000));
  }
  Archive saved;
  {
    SequenceCloning half(config, with_memory(3), seen_size, 2);
    for (int i = 0; i < 8; ++i) CHECK(half.update().loss == losses[static_cast<std::size_t>(i)]);
    half.serialise(saved);
  }
  config.threads = 1;
  const CloningPairs few = with_memory(2);
  SequenceCloning resumed(config, few, seen_size, 2);
  Archive loaded(saved.bytes(), "here");
  resumed.serialise(loaded);
  loaded.finish();
  for (int i = 8; i < 16; ++i) CHECK(resumed.update().loss == losses[static_cast<std::size_t>(i)]);
  CHECK(resumed.loss(few) == judged);
}

TEST_CASE("a policy that sees comes back from its file, and is its TorchScript") {
  const std::string kind = GENERATE("feedforward", "act", "stream");
  CAPTURE(kind);
  const TemporaryDirectory folder;
  const std::string file = folder / "squares.h5";
  write_squares(file, 5, 12, 1);
  const Seen squares = seen(file, through_eye());
  SequenceCloning cloning(small(kind, squares.data), squares.data.training, squares.observation.size(), 2);
  for (int i = 0; i < 3; ++i) cloning.update();
  save_policy(complete(cloning.policy(), squares.observation), folder / "policy.pt");
  const Policy policy = load_policy(folder / "policy.pt");
  CHECK(policy.network->cameras() == squares.data.cameras);
  CHECK(sight_of(policy).fields == std::vector<std::string>{"clock"});
  CHECK_NOTHROW(check_policy_fits(policy, squares_task()));
  EnvironmentSpec other = squares_task();
  other.observation = Space({{"time", 1, "-", 0, 1, ""}, {"secret", 2, "-", -1, 1, ""}});
  CHECK_THROWS_WITH(check_policy_fits(policy, other), ContainsSubstring("field 'clock'"));
  const auto fast = policy_actor(policy), slow = script_actor(policy);
  fast->reset(0, 1);
  slow->reset(0, 1);
  const Matrix rows = given(file, squares.observation, 0);
  Matrix a(1, 2), b(1, 2);
  for (int t = 0; t < 12; ++t) {
    fast->act(rows.row(t), a);
    slow->act(rows.row(t), b);
    CHECK((a - b).cwiseAbs().maxCoeff() < 1e-5F);
  }
  // Without its pictures it is not to be asked.
  CHECK_THROWS_WITH(fast->act(rows.leftCols(3), a), ContainsSubstring("want 1441 entries, found 3"));
}

TEST_CASE("fields that the task has not, or none said, are refused with those it has") {
  const TemporaryDirectory folder;
  const std::string file = folder / "squares.h5";
  write_squares(file, 3, 4, 1);
  SightOptions options = through_eye();
  options.fields = "clock,hand";
  CHECK_THROWS_WITH(seen(file, options), ContainsSubstring("--fields: ") && ContainsSubstring("'hand'") &&
                                             ContainsSubstring("the task has clock, secret"));
  options.fields = "clock,clock";
  CHECK_THROWS_WITH(seen(file, options), ContainsSubstring("used twice"));
  options.fields = "none";
  CHECK(seen(file, options).observation.size() == 24 * 20 * 3);
  CHECK_NOTHROW(validate(options));
  options.fields = "";
  CHECK_THROWS_WITH(validate(options), StartsWith("--fields: want"));
  options.cameras = "";
  CHECK_NOTHROW(validate(options));
  options.fields = "clock";
  CHECK_THROWS_WITH(validate(options), StartsWith("--fields: want --cameras"));
}

TEST_CASE("with cameras every policy is trained by windows, in smaller batches") {
  CloningRunConfig config, blind;
  resolve(blind);
  CHECK_FALSE(plans(blind));
  config.sight = through_eye();
  resolve(config);
  CHECK(plans(config));
  CHECK(config.cloning.batch == 64);
  CHECK(sequence_config(config).augmentation.crop == 4);
}

}  // namespace
}  // namespace understudy
