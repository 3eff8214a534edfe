#pragma once
/// \file Makes a dataset known to Minari, which finds datasets by directory and metadata.json.

#include <filesystem>
#include <string>

namespace understudy {

/// `understudy/<task in lower case>-v0`.
std::string minari_id(const std::string& environment_id);

/// Writes `<root>/<id>/data/metadata.json` beside `main_data.hdf5`, which is the very file `dataset` (a
/// hard link; a copy where the file system has none). Set MINARI_DATASETS_PATH to `root` and load `id`.
/// Since recording replaces `dataset` and never changes it, the exported one stays as it is. Returns the
/// data directory. Throws Error when the dataset is not one of ours, the id is not `name-v<int>`, or the
/// target exists and not `force`.
std::filesystem::path export_minari(const std::filesystem::path& dataset, const std::filesystem::path& root,
                                    const std::string& id, bool force);

}  // namespace understudy
