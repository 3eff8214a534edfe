#pragma once
/// \file What can be known of an episode in a dataset before its arrays are read, and which of those to read.

#include <cstdint>
#include <string>

namespace understudy {

/// What a dataset says about one episode without its arrays being read.
struct EpisodeSummary {
  int steps = 0;
  std::uint64_t seed = 0;
  bool terminated = false;
  bool truncated = false;
  bool success = false;
  bool recovered = false;     ///< the recording was cut (crash, power) and what the journal held was saved
  std::string operator_name;  ///< the actor that was recorded
  std::string device;         ///< what drove it; empty when not recorded
  std::string variation;      ///< JSON: what varied the task (envs/contract/variation.h); empty: nothing
  std::string recording;      ///< JSON object: how it was recorded; may be empty
};

/// Which arrays `DemonstrationReader::read` fetches beside observations, actions and rewards.
struct ReadOptions {
  bool states = true;
  bool info = true;
};

}  // namespace understudy
