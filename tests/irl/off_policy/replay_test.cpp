// Streams of steps, their n-step returns, and what a ring forgets.

#include <set>

#include "irl/off_policy/replay.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// One step of stream `stream` whose observation is `t` and whose reward is 10^t.
Steps step(int stream, float t, bool terminated = false, bool truncated = false) {
  Steps steps;
  steps.resize(1, 1, 1);
  steps.observations << t;
  steps.actions << -t / 100;
  steps.next_observations << t + 1;
  steps.rewards << std::pow(10.0F, t);
  steps.terminated[0] = terminated;
  steps.truncated[0] = truncated;
  steps.streams[0] = stream;
  return steps;
}

TEST_CASE("an n-step return stops where the episode ends and where the stream does") {
  Replay replay({.obs_dim = 1, .act_dim = 1, .streams = 2, .capacity = 100});
  replay.add(step(0, 0));
  replay.add(step(1, 5));  // steps of another stream in between change nothing
  replay.add(step(0, 1));
  replay.add(step(0, 2, true));
  replay.add(step(0, 3));
  Rng rng(1);
  TransitionBatch batch;
  replay.sample(200, 3, 0.5, rng, batch);
  std::set<int> seen;
  for (int i = 0; i < batch.size(); ++i) {
    const int t = static_cast<int>(batch.observations(i, 0));
    seen.insert(t);
    CHECK(batch.actions(i, 0) == -static_cast<float>(t) / 100);
    // Known answers: sum of 0.5^k 10^(t + k).
    const float reward = t == 0 ? 1 + 5 + 25 : t == 1 ? 10 + 50 : t == 2 ? 100 : t == 3 ? 1000 : 100000;
    const float discount = t == 0 ? 0.125F : t == 1 ? 0.25F : 0.5F;
    const float next = t <= 2 ? 3.0F : static_cast<float>(t) + 1;
    CHECK(batch.rewards(i) == reward);
    CHECK(batch.discounts(i) == discount);
    CHECK(batch.next_observations(i, 0) == next);
    CHECK(static_cast<bool>(batch.terminated[static_cast<std::size_t>(i)]) == (t <= 2));
  }
  CHECK(seen == std::set<int>{0, 1, 2, 3, 5});
}

TEST_CASE("a full replay forgets the oldest steps of each stream") {
  Replay replay({.obs_dim = 1, .act_dim = 1, .streams = 1, .capacity = 4});
  for (int t = 0; t < 10; ++t) replay.add(step(0, static_cast<float>(t)));
  CHECK(replay.size() == 4);
  Rng rng(2);
  TransitionBatch batch;
  replay.sample(200, 1, 0.9, rng, batch);
  CHECK(batch.observations.minCoeff() == 6);
  CHECK(batch.observations.maxCoeff() == 9);
}

TEST_CASE("a restored replay draws the same batches and goes on alike") {
  Replay replay({.obs_dim = 1, .act_dim = 1, .streams = 2, .capacity = 3000});
  for (int t = 0; t < 1100; ++t) replay.add(step(t % 2, 0.1F * static_cast<float>(t % 7), t % 50 == 0));
  Archive saving;
  replay.serialise(saving);
  Replay other({.obs_dim = 1, .act_dim = 1, .streams = 2, .capacity = 3000});
  Archive loading(saving.bytes(), "replay");
  other.serialise(loading);
  loading.finish();
  for (Replay* one : {&replay, &other}) one->add(step(1, 0.5F));
  Rng a(7), b(7);
  TransitionBatch x, y;
  replay.sample(256, 2, 0.9, a, x);
  other.sample(256, 2, 0.9, b, y);
  CHECK(x.observations == y.observations);
  CHECK(x.rewards == y.rewards);
  CHECK(x.discounts == y.discounts);
}

}  // namespace
}  // namespace understudy
