#include "datasets/format/demonstration_choice.h"

#include <algorithm>

#include "datasets/types/error.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

void want_range(const char* option, int value, int low) {
  if (value >= low && value <= 1'000'000) return;
  throw UsageError(std::string(option) + ": want a number from " + std::to_string(low) +
                   " to 1000000, found " + std::to_string(value));
}

}  // namespace

void validate(const DemonstrationChoice& choice) {
  want_range("--demos", choice.demos, 0);
  want_range("--subsample", choice.subsample, 1);
}

ChosenDemonstrations choose_demonstrations(const DemonstrationReader& reader,
                                           const DemonstrationChoice& choice, bool has_success, Rng& rng) {
  validate(choice);
  ChosenDemonstrations chosen;
  int qualifying = 0;
  const std::vector<int> dropped = dropped_episodes(reader);
  std::vector<int> listed;
  if (!choice.mask.empty()) listed = reader.mask(choice.mask);
  for (int i = 0; i < reader.size(); ++i) {
    if (!choice.mask.empty() && !std::binary_search(listed.begin(), listed.end(), i)) continue;
    if (std::binary_search(dropped.begin(), dropped.end(), i)) continue;
    const EpisodeSummary summary = reader.summary(i);
    if (has_success && !choice.all_episodes && !summary.success) {
      ++chosen.left_out;
    } else if (summary.steps > 0 && (qualifying++ < choice.demos || choice.demos == 0)) {
      chosen.episodes.push_back({i, choose_first_step(choice.subsample, rng)});
    }
  }
  if (qualifying == 0) {
    const bool masked = !choice.mask.empty();
    throw Error(choice.data + (masked ? ":/mask/" + choice.mask : "") + ": want at least one " +
                (chosen.left_out > 0 ? "successful " : "") + "episode, found none among " +
                std::to_string(masked ? listed.size() : static_cast<std::size_t>(reader.size())) + "; " +
                (masked ? "choose another --mask" : "record more") +
                (chosen.left_out > 0 ? ", or learn from failures too with --all-episodes" : ""));
  }
  if (qualifying < choice.demos) {
    throw Error(choice.data + ": want " + std::to_string(choice.demos) + " demonstrations, found " +
                std::to_string(qualifying) + "; record more or lower --demos");
  }
  return chosen;
}

int choose_first_step(int subsample, Rng& rng) {
  return static_cast<int>(rng.below(static_cast<std::uint64_t>(subsample)));
}

std::vector<int> kept_steps(int first, int length, int subsample) {
  std::vector<int> steps;
  for (int t = first; t < length; t += subsample) steps.push_back(t);
  return steps;
}

Error no_transition_left(const DemonstrationChoice& choice, std::size_t episodes) {
  return Error(choice.data + ": no transition is left of " + std::to_string(episodes) +
               " episodes when only every " + std::to_string(choice.subsample) +
               "th is kept; lower --subsample");
}

Rng demonstration_rng(std::uint64_t seed) {
  return Rng::stream(seed, RngStream::kDemonstrations);
}

}  // namespace understudy
