#pragma once
/// \file Which demonstrations of a file to learn from, and which steps of each: the same for everything that
/// learns.

#include <string>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"

namespace understudy {

struct DemonstrationChoice {
  std::string data{};  ///< demonstrations, HDF5
  int demos = 0;       ///< the first so many episodes of those that qualify; 0: all
  int subsample = 1;   ///< keep every so manyth step of each, from a random one of the first so many on
  bool all_episodes = false;  ///< failed ones qualify too
  std::string mask{};         ///< only those of this list under `/mask`; empty: all
};

struct ChosenEpisode {
  int index = 0;       ///< in the file
  int first_step = 0;  ///< that is kept; may lie beyond the end of an episode that is shorter than the stride
};

struct ChosenDemonstrations {
  std::vector<ChosenEpisode> episodes;  ///< in the order of the file
  int left_out = 0;                     ///< failed ones
};

/// Throws UsageError naming the option whose number is out of range.
void validate(const DemonstrationChoice& choice);

/// What `choice` chooses of `reader`'s file. Dropped episodes are never chosen. Failed episodes are left out where the task has a success
/// criterion, and episodes without a step everywhere. `rng` draws one first step per episode; for learning it
/// is that of demonstration_rng. Throws UsageError like validate, Error naming the file when fewer episodes
/// qualify than are wanted, or none, or it has no such mask.
ChosenDemonstrations choose_demonstrations(const DemonstrationReader& reader,
                                           const DemonstrationChoice& choice, bool has_success, Rng& rng);

/// The first step that is kept of an episode.
int choose_first_step(int subsample, Rng& rng);

/// The steps that are kept of an episode of `length` steps, ascending; may be none.
std::vector<int> kept_steps(int first, int length, int subsample);

/// What to throw when of so many chosen episodes no step is kept.
Error no_transition_left(const DemonstrationChoice& choice, std::size_t episodes);

/// What a run of this seed chooses steps by, whatever it trains.
Rng demonstration_rng(std::uint64_t seed);

}  // namespace understudy
