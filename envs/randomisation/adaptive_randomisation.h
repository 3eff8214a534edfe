#pragma once
/// \file Automatic domain randomisation (Akkaya et al. 2019, arXiv 1910.07113, algorithm 1): ranges that widen while
/// the learner succeeds at their ends. In a randomisation file:
///
///   [adaptive]
///   boundary = 0.4      # share of the episodes that are at one of the ends
///   queue = 240         # episodes at an end before it moves (there: 240)
///   widen = 0.8         # it moves out when at least this share of them was good,
///   shrink = 0.4        # and in when at most this one
///   good_return = 100   # an episode is good from this return on; without the line, when it succeeds
///   [physics]
///   friction = { adaptive = [0.9, 1.1], low = 0.2, high = 3, step = 0.05 }
///
/// The range begins as [0.9, 1.1], moves in steps and never beyond low and high. Where nothing learns by it (record,
/// eval), such a quantity is uniform from low to high.
///
/// Departures from the paper: an end moves in no further than the middle of the range it began as; and whether an
/// episode is at an end, and at which, follows from its seed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "envs/randomisation/randomisation.h"

namespace understudy {

class AdaptiveRandomisation {
 public:
  /// `randomisation` has at least one quantity that is adaptive.
  explicit AdaptiveRandomisation(Randomisation randomisation);

  /// Of one quantity.
  struct Range {
    std::string key;
    double low = 0, high = 0;  ///< at present
    double middle = 0;         ///< of the range that it began as
    double least = 0, most = 0, step = 0;
  };

  /// What the episode of `seed` is varied by now. May be called from several threads.
  Variation draw(std::uint64_t seed) const;
  /// Takes in how the episode of `seed` ended; the ranges may move. In an order of its own, from one thread.
  void ended(std::uint64_t seed, bool good);

  const std::vector<Range>& ranges() const { return ranges_; }
  const AdaptiveRule& rule() const { return randomisation_.adaptive_rule(); }
  /// The randomisation with the present ranges in place of the adaptive ones.
  Randomisation present() const;

  /// Everything that it has learnt: low and high of each range; episodes and good ones at each end.
  struct State {
    std::vector<double> ends{};
    std::vector<int> episodes{}, good{};
  };
  State state() const { return {ends(), episodes_, good_}; }
  /// Throws Error beginning with `place` unless `state` is one of these ranges.
  void restore(const State& state, const std::string& place);

 private:
  std::vector<double> ends() const;
  /// Of the 2 ends of each range: 2 i is the low one of range i.
  std::optional<std::size_t> end_of(std::uint64_t seed) const;

  Randomisation randomisation_;
  std::vector<Range> ranges_;
  std::vector<int> episodes_, good_;  ///< at each end since it last moved or was judged
};

}  // namespace understudy
