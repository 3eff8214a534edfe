#pragma once
/// \file Generated episodes for the dataset tests.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/format/dataset_header.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/types/episode.h"
#include "datasets/types/rng.h"

namespace understudy::tests {

/// Three observation fields (2, 1 and 3 entries), two action fields (1 and 1) and a state of 4.
DatasetHeader sample_header();

/// `steps` steps of random values, everything filled in, flags drawn from the generator as well, half of
/// them varied.
Episode sample_episode(const DatasetHeader& header, int steps, Rng& rng);

/// As sample_episode, successful and terminated.
Episode good_episode(const DatasetHeader& header, int steps, Rng& rng);

/// begin_episode and one append_step for each step.
void append(DemonstrationWriter& writer, const Episode& episode);
/// `append` and commit_episode.
int record(DemonstrationWriter& writer, const Episode& episode);

/// "" when both hold the same bits, else the name of the first member that differs.
std::string difference(const Episode& a, const Episode& b);

/// Names of what lies in a directory, sorted; empty when it does not exist.
std::vector<std::string> listing(const std::filesystem::path& directory);

}  // namespace understudy::tests
