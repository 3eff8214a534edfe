#include "bc/runs/rank_evaluation.h"

#include <string>
#include <utility>

#include "datasets/storage/archive.h"
#include "envs/contract/variation.h"

namespace understudy {
namespace {

void serialise(Archive& archive, EpisodeOutcome& o) {
  archive("seed", o.seed);
  archive("return", o.episode_return);
  archive("best", o.best_reward);
  archive("length", o.length);
  for (bool* flag : {&o.success, &o.terminated, &o.truncated}) archive("flag", *flag);
  archive("cause", o.cause);
  std::string variation = to_json(o.variation);
  archive("variation", variation);
  if (archive.loading()) o.variation = variation_from_json(variation, archive.place());
}

void serialise(Archive& archive, std::optional<Closeness>& measured) {
  bool any = measured.has_value();
  archive("any", any);
  if (!any) return;
  if (!measured) measured.emplace();
  archive("distance", measured->distance);
  archive("gap", measured->gap);
  archive("error", measured->error);
  archive("likeness", measured->likeness);
}

}  // namespace

std::vector<EpisodeOutcome> evaluate_together(
    Ranks& ranks, const EvaluationOptions& options,
    const std::function<std::vector<EpisodeOutcome>(const EvaluationOptions&)>& evaluate) {
  if (!ranks.several()) return evaluate(options);
  const auto cut = [&](std::int64_t rank) {
    return static_cast<int>(options.episodes * rank / ranks.size());
  };
  const int first = cut(ranks.rank());
  EvaluationOptions own = options;
  own.episodes = cut(ranks.rank() + 1) - first;
  own.seed += static_cast<std::uint64_t>(first);
  std::vector<EpisodeOutcome> outcomes;
  if (own.episodes > 0) outcomes = evaluate(own);
  Archive archive;
  auto count = static_cast<int>(outcomes.size());
  archive("outcomes", count);
  for (EpisodeOutcome& outcome : outcomes) serialise(archive, outcome);
  outcomes.clear();
  for (std::string& bytes : ranks.all_gather(archive.bytes())) {
    Archive other(std::move(bytes), "outcomes of a rank");
    other("outcomes", count);
    for (int i = 0; i < count; ++i) serialise(other, outcomes.emplace_back());
  }
  return outcomes;
}

void broadcast(Ranks& ranks, std::optional<Closeness>& measured) {
  Archive archive;
  serialise(archive, measured);
  std::string bytes = archive.bytes();
  ranks.broadcast(bytes);
  if (ranks.first()) return;
  measured.reset();
  Archive told(std::move(bytes), "closeness of rank 0");
  serialise(told, measured);
}

}  // namespace understudy
