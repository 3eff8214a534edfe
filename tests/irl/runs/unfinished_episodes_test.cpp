// Steps of many streams, one at a time, come back as whole episodes.

#include "irl/runs/unfinished_episodes.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr UnfinishedEpisodes::Shape kShape{.streams = 2, .obs_dim = 2, .act_dim = 1};

/// Ends of the episodes of streams 0 and 1.
constexpr int kLength[] = {300, 700};

/// Both streams' step number `t`, which says where it is from. Stream 0 terminates, stream 1 is cut.
Steps step(int t) {
  Steps steps;
  steps.resize(2, 2, 1);
  for (int stream = 0; stream < 2; ++stream) {
    const auto i = static_cast<std::size_t>(stream);
    const auto number = static_cast<float>(1000 * stream + t);
    steps.observations.row(stream) << number, -number;
    steps.next_observations.row(stream) << number + 1, -number - 1;
    steps.actions(stream, 0) = number / 2;
    steps.rewards(stream) = number / 4;
    const bool ends = (t + 1) % kLength[stream] == 0;
    steps.terminated[i] = stream == 0 && ends;
    steps.truncated[i] = stream == 1 && ends;
    steps.streams[i] = stream;
  }
  return steps;
}

void check_episode(const Steps& episode, int first) {
  REQUIRE(episode.size() > 0);
  const int stream = episode.streams.front();
  REQUIRE(episode.size() == kLength[stream]);
  for (int row = 0; row < episode.size(); ++row) {
    const auto i = static_cast<std::size_t>(row);
    const Steps want = step(first + row);
    REQUIRE(episode.observations.row(row) == want.observations.row(stream));
    REQUIRE(episode.next_observations.row(row) == want.next_observations.row(stream));
    REQUIRE(episode.actions.row(row) == want.actions.row(stream));
    REQUIRE(episode.rewards(row) == want.rewards(stream));
    REQUIRE(episode.terminated[i] == want.terminated[static_cast<std::size_t>(stream)]);
    REQUIRE(episode.truncated[i] == want.truncated[static_cast<std::size_t>(stream)]);
    REQUIRE(episode.streams[i] == stream);
  }
}

TEST_CASE("every episode comes back whole when it ends, though saved and restored halfway through") {
  int ended[] = {0, 0};
  const auto take = [&](Steps& episode) {
    const int stream = episode.streams.front();
    check_episode(episode, kLength[stream] * ended[stream]++);
    episode.rewards.setConstant(-1);  // as a reward learner does; must not reach later episodes
  };
  UnfinishedEpisodes before(kShape);
  for (int t = 0; t < 900; ++t) before.add(step(t), take);  // stream 0 at an end, stream 1 between two
  Archive saving;
  before.serialise(saving);
  UnfinishedEpisodes after(kShape);
  Archive loading(saving.bytes(), "a.ckpt");
  after.serialise(loading);
  loading.finish();
  const int then[] = {ended[0], ended[1]};
  CHECK(then[0] == 3);
  CHECK(then[1] == 1);
  for (int t = 900; t < 2100; ++t) after.add(step(t), take);
  CHECK(ended[0] == 7);
  CHECK(ended[1] == 3);
  ended[0] = then[0];
  ended[1] = then[1];
  for (int t = 900; t < 2100; ++t) before.add(step(t), take);  // saving has changed nothing
  CHECK(ended[1] == 3);
}

}  // namespace
}  // namespace understudy
