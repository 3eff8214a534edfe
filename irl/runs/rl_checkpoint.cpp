#include "irl/runs/rl_checkpoint.h"

#include <cstring>
#include <string_view>

#include "datasets/storage/crc32c.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr std::string_view kMagic = "UNDERSTUDY RL 01";

}  // namespace

std::string rl_checkpoint_bytes(const std::string& config, const std::string& archive) {
  std::string bytes(kMagic);
  const auto length = static_cast<std::uint64_t>(config.size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += config;
  bytes += archive;
  const std::uint32_t checksum = crc32c(bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  return bytes;
}

RlCheckpointParts parse_rl_checkpoint(const std::string& bytes, const std::string& place) {
  const std::string remedy = "; train again, or restore the run from a copy";
  if (bytes.compare(0, kMagic.size(), kMagic) != 0) {
    throw Error(place + ": want a checkpoint of this program, found another kind of file" + remedy);
  }
  std::uint64_t length = 0;
  std::uint32_t checksum = 0;
  const std::size_t header = kMagic.size() + sizeof length;
  if (bytes.size() < header + sizeof checksum) throw Error(place + ": truncated" + remedy);
  const std::size_t end = bytes.size() - sizeof checksum;
  std::memcpy(&length, bytes.data() + kMagic.size(), sizeof length);
  std::memcpy(&checksum, bytes.data() + end, sizeof checksum);
  if (crc32c(std::string_view(bytes).substr(0, end)) != checksum || length > end - header) {
    throw Error(place + ": truncated or damaged" + remedy);
  }
  return {bytes.substr(header, length), bytes.substr(header + length, end - header - length)};
}

const BatchStep* serialise_environments(Archive& archive, BatchedEnvironment& environments) {
  BatchedEnvironment::State state;
  if (!archive.loading()) state = environments.save_state();
  state.snapshots.resize(static_cast<std::size_t>(environments.batch()));
  state.episodes.resize(state.snapshots.size());
  for (std::size_t i = 0; i < state.snapshots.size(); ++i) {
    Snapshot& snapshot = state.snapshots[i];
    archive("environment episodes", state.episodes[i]);
    archive("environment seed", snapshot.seed);
    archive("environment actions", snapshot.actions);
    std::string variation = to_json(snapshot.variation);
    archive("environment variation", variation);
    if (archive.loading()) snapshot.variation = variation_from_json(variation, "checkpoint");
  }
  return archive.loading() ? &environments.restore_state(state) : nullptr;
}

void serialise_result(Archive& archive, RlResult& result) {
  EvaluationSummary& s = result.summary;
  InterquartileMean& middle = result.middle;
  double distance = result.distance.value_or(0);
  archive("summary episodes", s.episodes);
  for (double* value : {&s.success_rate, &s.success.low, &s.success.high, &s.mean_return,
                        &s.episode_return.low, &s.episode_return.high, &s.mean_length, &middle.value,
                        &middle.interval.low, &middle.interval.high, &distance}) {
    archive("summary", *value);
  }
  if (archive.loading() && result.expert_return) result.distance = distance;
}

}  // namespace understudy
