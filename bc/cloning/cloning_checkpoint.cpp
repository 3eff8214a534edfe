#include "bc/cloning/cloning_checkpoint.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "datasets/storage/crc32c.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

// Layout: magic, length of the header (8 bytes), header, arrays, checksum of all before (4 bytes).
constexpr std::string_view kMagic = "UNDERSTUDY CKPT1";
static_assert(std::endian::native == std::endian::little, "checkpoints hold the processor's own numbers");

template <class Number>
void append(std::string& bytes, const Number* values, std::size_t count) {
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(Number));
}

/// Takes numbers off the front of `bytes`; the caller has checked that they suffice.
template <class Number>
void take(std::string_view& bytes, Number* values, std::size_t count) {
  std::memcpy(values, bytes.data(), count * sizeof(Number));
  bytes.remove_prefix(count * sizeof(Number));
}

ordered_json summary_to_json(const EvaluationSummary& s) {
  return {{"episodes", s.episodes},
          {"success_rate", s.success_rate},
          {"success_interval", {s.success.low, s.success.high}},
          {"mean_return", s.mean_return},
          {"return_interval", {s.episode_return.low, s.episode_return.high}},
          {"mean_length", s.mean_length}};
}

EvaluationSummary summary_from_json(const ordered_json& j) {
  const auto interval = [&](const char* name) {
    return Interval{j.at(name).at(0).get<double>(), j.at(name).at(1).get<double>()};
  };
  return {.episodes = j.at("episodes").get<int>(),
          .success_rate = j.at("success_rate").get<double>(),
          .success = interval("success_interval"),
          .mean_return = j.at("mean_return").get<double>(),
          .episode_return = interval("return_interval"),
          .mean_length = j.at("mean_length").get<double>()};
}

ordered_json candidate_to_json(const Candidate& candidate) {
  return {{"epoch", candidate.epoch}, {"evaluation", summary_to_json(candidate.evaluation)}};
}

Candidate candidate_from_json(const ordered_json& j) {
  return {j.at("epoch").get<int>(), summary_from_json(j.at("evaluation"))};
}

}  // namespace

bool better(const EvaluationSummary& a, const EvaluationSummary& b) {
  if (a.success_rate != b.success_rate) return a.success_rate > b.success_rate;
  return a.mean_return > b.mean_return;
}

std::string to_bytes(const Checkpoint& checkpoint) {
  const CloningState& training = checkpoint.training;
  ordered_json candidates = ordered_json::array();
  for (const Candidate& candidate : checkpoint.candidates) candidates.push_back(candidate_to_json(candidate));
  const ordered_json header = {{"config", ordered_json::parse(to_json(checkpoint.config))},
                               {"dataset_sha256", checkpoint.dataset_sha256},
                               {"epoch", checkpoint.epoch},
                               {"updates", training.adam.steps},
                               {"parameters", training.parameters.size()},
                               {"rows", training.order.size()},
                               {"cursor", training.cursor},
                               {"rng", training.rng},
                               {"candidates", candidates},
                               {"metrics", checkpoint.metrics},
                               {"finished", checkpoint.finished},
                               {"best", candidate_to_json(checkpoint.best)}};
  const std::string text = header.dump();
  const auto length = static_cast<std::uint64_t>(text.size());
  const auto parameters = static_cast<std::size_t>(training.parameters.size());
  std::string bytes(kMagic);
  append(bytes, &length, 1);
  bytes += text;
  append(bytes, training.parameters.data(), parameters);
  append(bytes, training.adam.first.data(), parameters);
  append(bytes, training.adam.second.data(), parameters);
  append(bytes, training.order.data(), training.order.size());
  const std::uint32_t checksum = crc32c(bytes);
  append(bytes, &checksum, 1);
  return bytes;
}

Checkpoint checkpoint_from_bytes(const std::string& bytes, const std::string& place) {
  const std::string remedy = "; use the other checkpoint beside it, or train again";
  if (bytes.compare(0, kMagic.size(), kMagic) != 0) {
    throw Error(place + ": want a checkpoint of this program, found another kind of file" + remedy);
  }
  std::uint32_t checksum = 0;
  const std::size_t least = kMagic.size() + sizeof(std::uint64_t) + sizeof checksum;
  std::string_view rest = bytes;
  if (bytes.size() >= least) {
    std::memcpy(&checksum, bytes.data() + bytes.size() - sizeof checksum, sizeof checksum);
    rest.remove_suffix(sizeof checksum);
  }
  if (bytes.size() < least || crc32c(rest) != checksum)
    throw Error(place + ": truncated or damaged" + remedy);

  rest.remove_prefix(kMagic.size());
  std::uint64_t length = 0;
  take(rest, &length, 1);
  Checkpoint checkpoint;
  try {
    const auto header = ordered_json::parse(rest.substr(0, length));
    rest.remove_prefix(std::min<std::size_t>(length, rest.size()));
    checkpoint.config = run_config_from_json(header.at("config").dump(), place);
    checkpoint.dataset_sha256 = header.at("dataset_sha256").get<std::string>();
    checkpoint.epoch = header.at("epoch").get<int>();
    const auto parameters = header.at("parameters").get<std::size_t>();
    const auto rows = header.at("rows").get<std::size_t>();
    if (rest.size() != 3 * parameters * sizeof(float) + rows * sizeof(std::uint32_t)) {
      throw Error(place + ": its arrays do not have the lengths that its header gives" + remedy);
    }
    CloningState& training = checkpoint.training;
    training.adam = AdamState(static_cast<int>(parameters));
    training.adam.steps = header.at("updates").get<std::uint64_t>();
    training.parameters.resize(static_cast<Eigen::Index>(parameters));
    training.order.resize(rows);
    take(rest, training.parameters.data(), parameters);
    take(rest, training.adam.first.data(), parameters);
    take(rest, training.adam.second.data(), parameters);
    take(rest, training.order.data(), rows);
    training.cursor = header.at("cursor").get<std::uint64_t>();
    training.rng = header.at("rng").get<std::string>();
    for (const auto& candidate : header.at("candidates")) {
      checkpoint.candidates.push_back(candidate_from_json(candidate));
    }
    checkpoint.metrics = header.at("metrics").get<std::string>();
    checkpoint.finished = header.at("finished").get<bool>();
    checkpoint.best = candidate_from_json(header.at("best"));
  } catch (const ordered_json::exception& error) {
    throw Error(place + ": its header cannot be read: " + error.what() + remedy);
  }
  return checkpoint;
}

}  // namespace understudy
