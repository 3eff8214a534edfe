// Steps that come back at once or late, and what belongs to which.

#include "irl/on_policy/rollout_buffer.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr RolloutBuffer::Shape kShape{.streams = 2, .obs_dim = 1, .act_dim = 1};

/// What stream `stream` acts at its time `t`: 0.1 t, from t = 11 on beyond the clamp; density -t.
float sample(int stream, int t) {
  return (stream == 0 ? 0.1F : -0.1F) * static_cast<float>(t);
}

void act(RolloutBuffer& buffer, int t) {
  Matrix samples(2, 1);
  samples << sample(0, t), sample(1, t);
  buffer.acted(samples, Vector::Constant(2, -static_cast<float>(t)));
}

/// Steps [first, last) of a stream, the last one truncated.
Steps steps(int stream, int first, int last) {
  Steps result;
  result.resize(last - first, 1, 1);
  for (int i = 0; i < result.size(); ++i) {
    const int t = first + i;
    const auto k = static_cast<std::size_t>(i);
    result.observations(i, 0) = static_cast<float>(t);
    result.next_observations(i, 0) = static_cast<float>(t + 1);
    result.actions(i, 0) = std::min(std::max(sample(stream, t), -1.0F), 1.0F);
    result.rewards(i) = static_cast<float>(100 * stream + t);
    result.terminated[k] = 0;
    result.truncated[k] = t + 1 == last;
    result.streams[k] = stream;
  }
  return result;
}

void check_stream(const Rollout& rollout, int stream, int first, int last) {
  const int begin = rollout.first[static_cast<std::size_t>(stream)];
  REQUIRE(rollout.first[static_cast<std::size_t>(stream) + 1] - begin == last - first);
  for (int t = first; t < last; ++t) {
    const int row = begin + t - first;
    CHECK(rollout.transitions.observations(row, 0) == static_cast<float>(t));
    CHECK(rollout.transitions.next_observations(row, 0) == static_cast<float>(t + 1));
    CHECK(rollout.samples(row, 0) == sample(stream, t));  // not clamped
    CHECK(rollout.log_density(row) == -static_cast<float>(t));
    CHECK(rollout.transitions.rewards(row) == static_cast<float>(100 * stream + t));
    CHECK(rollout.transitions.discounts(row) == 0.5F);
    CHECK(rollout.ends(row) == (t + 1 == last));
  }
}

TEST_CASE("episodes that come back late and at different times keep their own samples and densities") {
  RolloutBuffer buffer(kShape);
  for (int t = 0; t < 200; ++t) act(buffer, t);
  buffer.add(steps(1, 0, 150));
  CHECK(buffer.size() == 150);
  Rollout rollout;
  buffer.take(0.5, rollout);
  CHECK(rollout.size() == 150);
  check_stream(rollout, 0, 0, 0);
  check_stream(rollout, 1, 0, 150);
  for (int t = 200; t < 300; ++t) act(buffer, t);
  buffer.add(steps(0, 0, 90));
  buffer.add(steps(1, 150, 151));
  buffer.add(steps(0, 90, 300));
  CHECK(buffer.size() == 301);
  buffer.take(0.5, rollout);
  CHECK(rollout.size() == 301);
  CHECK(rollout.transitions.observations(90, 0) == 90);
  CHECK(rollout.samples(299, 0) == sample(0, 299));
  check_stream(rollout, 1, 150, 151);
  CHECK(buffer.size() == 0);
}

TEST_CASE("a step whose action its stream has not acted next is refused") {
  RolloutBuffer buffer(kShape);
  CHECK_THROWS_WITH(buffer.add(steps(1, 3, 4)), ContainsSubstring("environment 1: want the steps"));
  for (int t = 0; t < 5; ++t) act(buffer, t);
  CHECK_THROWS_AS(buffer.add(steps(0, 3, 4)), Error);
}

TEST_CASE("a restored buffer gives the same rollout, what is still under way included") {
  RolloutBuffer buffer(kShape);
  for (int t = 0; t < 100; ++t) act(buffer, t);
  buffer.add(steps(0, 0, 70));
  buffer.add(steps(1, 0, 10));
  Archive saving;
  buffer.serialise(saving);
  RolloutBuffer other(kShape);
  Archive loading(saving.bytes(), "a.ckpt");
  other.serialise(loading);
  loading.finish();
  CHECK(other.size() == 80);
  for (int t = 100; t < 120; ++t) act(other, t);
  other.add(steps(1, 10, 120));
  Rollout rollout;
  other.take(0.5, rollout);
  check_stream(rollout, 0, 0, 70);
  CHECK(rollout.first[2] - rollout.first[1] == 120);
  CHECK(rollout.log_density(70 + 119) == -119);
}

}  // namespace
}  // namespace understudy
