#pragma once
/// \file A picture of every task, for people who choose one.

#include <filesystem>

namespace understudy::tools {

/// Writes `<folder>/<task>.png` for every task, as it looks a while after the episode of seed 1 began (the
/// scripted expert acts, or whoever acts at random where there is none), and `<folder>/tasks.png` with all
/// of them, titled. The folder is made where its parent exists; of files that are there, those of the same
/// names are replaced. The same pictures every time. Throws Error when the folder cannot be made or
/// written, or nothing can be drawn.
void write_task_pictures(const std::filesystem::path& folder);

}  // namespace understudy::tools
