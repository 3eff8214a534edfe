#pragma once
/// \file Other programs' files as a row of episodes, before anything of them is made ours. One reader a layout
/// stands behind this interface; each holds one episode in memory at a time.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/format/masks.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// Consecutive entries of a foreign observation or action that have a name there.
struct ForeignField {
  std::string name;  ///< as in the file; a folder within a folder is "outer/inner"
  int size = 1;      ///< entries
};

/// What a file says of all its episodes.
struct ForeignDescription {
  std::string format{};  ///< "robomimic", "robosuite", "isaaclab", "minari", "d4rl" or "mlagents"
  std::string task{};    ///< what the other program calls it; empty: not said
  std::vector<ForeignField> observation{};
  std::vector<ForeignField> action{};
  bool has_names = true;             ///< false: the names above are the reader's own
  double control_rate = 0;           ///< Hz; 0: not said
  int horizon = 0;                   ///< steps; 0: not said
  int state_dim = 0;                 ///< of ForeignEpisode::states; 0: none
  std::vector<double> low{};         ///< of each entry of the action, where the file declares it; else empty
  std::vector<double> high{};        ///< likewise
  NamedMasks masks{};                ///< lists of episodes
  std::vector<std::string> words{};  ///< what is not brought over and what is made of the rest, a line each
};

/// One episode in the precision of the file: float64 holds float32 and 32-bit integers exactly.
struct ForeignEpisode {
  std::string place{};            ///< "demo.hdf5:/data/demo_3", for messages
  StateMatrix observations{};     ///< [T + 1, entries of the observation]
  StateMatrix actions{};          ///< [T, entries of the action]
  StateMatrix states{};           ///< [T + 1, state_dim], or no rows
  std::vector<double> rewards{};  ///< [T]; empty: none were recorded
  std::uint64_t seed = 0;
  bool terminated = false;
  bool truncated = true;
  std::optional<bool> success{};  ///< nullopt: the file does not say
  std::string operator_name{};
};

/// An open file. What it allocates is bounded by what the file holds, whatever that claims.
class EpisodeSource {
 public:
  virtual ~EpisodeSource() = default;
  virtual const ForeignDescription& description() const = 0;
  /// At least 1.
  virtual int size() const = 0;
  /// `index` in [0, size). Throws Error naming file, episode and array when an array is missing or of the wrong
  /// shape. Values are as in the file: NaN and actions of any size are for the caller to refuse.
  virtual ForeignEpisode read(int index) const = 0;
};

struct SourceOptions {
  /// "auto", or a ForeignDescription::format ("robomimic" includes "robosuite").
  std::string format = "auto";
  /// Steps after which an episode is cut where the file marks no such cuts (D4RL); 0: it never is; -1: not known.
  int horizon = -1;
};

/// Every layout that open_source knows, "auto" first.
const std::vector<std::string>& source_formats();

/// Opens a file, or a folder of Minari's. Throws Error in one line when it is none of those layouts, damaged or
/// without an episode; UsageError for an unknown format.
std::unique_ptr<EpisodeSource> open_source(const std::filesystem::path& file,
                                           const SourceOptions& options = {});

// Readers of one layout each, for open_source.
std::unique_ptr<EpisodeSource> open_robomimic(const std::filesystem::path& file);
std::unique_ptr<EpisodeSource> open_isaaclab(const std::filesystem::path& file);
std::unique_ptr<EpisodeSource> open_minari(const std::filesystem::path& file);
std::unique_ptr<EpisodeSource> open_d4rl(const std::filesystem::path& file, int horizon);
std::unique_ptr<EpisodeSource> open_mlagents(const std::filesystem::path& file);

}  // namespace understudy
