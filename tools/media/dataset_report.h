#pragma once
/// \file A dataset as one page to look at in a browser, without a network.

#include <filesystem>

#include "datasets/format/demonstration_reader.h"

namespace understudy::tools {

struct ReportOptions {
  bool pictures = true;    ///< scenes of the episodes, drawn from their states, where the task is known
  bool simulate = false;   ///< labels are judged too, which takes as long as simulating all steps does
  int starts = 300;        ///< starts that the task is asked for, to compare with those recorded
  std::uint64_t seed = 1;  ///< of those starts, and of the steps that distributions are of
  bool force = false;      ///< replace a file of that name
};

/// Writes the page `out`, whole or not at all: overview, episodes to play, scenes, trajectories, distributions,
/// starts, timing and what `data lint` finds. Of more than kMostShown episodes that many are shown, evenly chosen,
/// beside those that lint fails; figures are of all. Throws Error when `out` exists and not `force`, or cannot be
/// written, and like DemonstrationReader::read; Interrupted after Ctrl-C.
void write_report(const DemonstrationReader& reader, const std::filesystem::path& file,
                  const std::filesystem::path& out, const ReportOptions& options = {});
inline constexpr int kMostShown = 300;

}  // namespace understudy::tools
