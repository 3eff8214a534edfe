#pragma once
/// \file Files in other programs' layouts, made of episodes whose content is known.

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/types/episode.h"
#include "datasets/types/space.h"

namespace understudy::tests {

/// Three successful episodes of sample_header's spaces, of 5, 6 and 7 steps.
std::vector<Episode> foreign_episodes(std::uint64_t seed);

/// robomimic: an array for each field, T rows of obs and of next_obs, float64 actions, a list "train".
void write_robomimic(const std::filesystem::path& file, const std::vector<Episode>& episodes,
                     const Space& space);
/// robosuite's recordings: states and actions alone; the states are the observations, as float64.
void write_robosuite(const std::filesystem::path& file, const std::vector<Episode>& episodes);
/// Isaac Lab: groups in groups, T rows of observations, no env_kwargs.
void write_isaaclab(const std::filesystem::path& file, const std::vector<Episode>& episodes,
                    const Space& space);
/// Minari: the folder with data/main_data.hdf5 and metadata.json. The observation is a Dict of the first field, and of
/// a Tuple of the others.
void write_minari(const std::filesystem::path& folder, const std::vector<Episode>& episodes,
                  const Space& space);
/// D4RL: all in a row, `next_observations` and `timeouts` as asked for.
void write_d4rl(const std::filesystem::path& file, const std::vector<Episode>& episodes, bool next,
                bool timeouts);
/// The bytes of an ML-Agents recording: one vector observation of all entries, a picture beside it.
std::string mlagents_recording(const std::vector<Episode>& episodes);

}  // namespace understudy::tests
