// D4RL's flat files: all episodes one after the other, with flags where they end.

#include "datasets/foreign/array_columns.h"
#include "datasets/foreign/episode_source.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using hdf5::Handle;
using hdf5::Place;

class FlatFile : public EpisodeSource {
 public:
  FlatFile(const std::filesystem::path& file, int horizon) : file_(file), handle_(hdf5::open_file(file)) {
    description_.format = "d4rl";
    description_.has_names = false;
    observations_ = ArrayColumns(root(), "observations");
    actions_ = ArrayColumns(root(), "actions");
    description_.observation = observations_.fields();
    description_.action = actions_.fields();
    rows_ = actions_.rows(root());
    next_ = hdf5::open_array(root(), "next_observations").has_value();
    say_left_out(description_.words, observations_.left_out());
    for (const char* name : {"infos", "metadata"}) {
      if (hdf5::has_link(root(), name)) description_.words.push_back(std::string("left out: ") + name);
    }
    split(horizon);
    if (!next_) {
      description_.words.emplace_back(
          "what the last action of an episode led to was not recorded: it is left out, and its reward");
    }
    if (too_short_ > 0) {
      description_.words.push_back("left out: " + std::to_string(too_short_) +
                                   " episodes of which no action with its outcome is there");
    }
  }

  const ForeignDescription& description() const override { return description_; }
  int size() const override { return static_cast<int>(episodes_.size()); }

  ForeignEpisode read(int index) const override {
    const Stretch& stretch = episodes_.at(static_cast<std::size_t>(index));
    const std::size_t steps = stretch.count - (next_ ? 0 : 1);
    ForeignEpisode episode{.place = file_.string() + ":/ rows " + std::to_string(stretch.first) + " to " +
                                    std::to_string(stretch.first + stretch.count - 1)};
    episode.actions = actions_.read(root(), rows_, stretch.first, steps);
    episode.observations = observations_.read(root(), rows_, stretch.first, stretch.count);
    if (next_) {
      episode.observations.conservativeResize(static_cast<Eigen::Index>(steps + 1), Eigen::NoChange);
      episode.observations.bottomRows(1) =
          observations_.read_in(root(), "next_observations", rows_, stretch.first + steps - 1, 1);
    }
    if (!rewards_.empty()) {
      const auto begin = rewards_.begin() + static_cast<std::ptrdiff_t>(stretch.first);
      episode.rewards.assign(begin, begin + static_cast<std::ptrdiff_t>(steps));
    }
    episode.terminated = next_ && stretch.terminal;
    episode.truncated = !episode.terminated;
    return episode;
  }

 private:
  struct Stretch {
    std::size_t first = 0;
    std::size_t count = 0;
    bool terminal = false;
  };

  Place root() const { return {handle_.get(), file_.string() + ":"}; }

  void split(int horizon) {
    const std::vector<double> terminals = read_numbers(root(), "terminals", rows_);
    const std::vector<double> timeouts = read_numbers(root(), "timeouts", rows_);
    rewards_ = read_numbers(root(), "rewards", rows_);
    if (terminals.empty()) throw Error(root().child("terminals") + ": want a flag a step, found none");
    if (timeouts.empty() && horizon < 0) {
      throw Error(
          root().child("timeouts") +
          ": want a flag a step, found none: give --episode-steps N, after which the task cut its episodes "
          "(0: it never did), or what is the next episode's would be taken for an outcome");
    }
    if (timeouts.empty()) description_.horizon = horizon;
    Stretch stretch;
    for (std::size_t row = 0; row < rows_; ++row) {
      ++stretch.count;
      stretch.terminal = terminals[row] != 0;
      const bool cut = timeouts.empty() ? horizon > 0 && stretch.count == static_cast<std::size_t>(horizon)
                                        : timeouts[row] != 0;
      if (!stretch.terminal && !cut && row + 1 < rows_) continue;
      if (stretch.count > (next_ ? 0 : 1)) {
        episodes_.push_back(stretch);
      } else {
        ++too_short_;
      }
      stretch = {.first = row + 1};
    }
    if (episodes_.empty()) throw Error(file_.string() + ": want at least one episode, found none");
  }

  std::filesystem::path file_;
  Handle handle_;
  ArrayColumns observations_;
  ArrayColumns actions_;
  std::size_t rows_ = 0;
  bool next_ = false;
  int too_short_ = 0;
  std::vector<double> rewards_;
  std::vector<Stretch> episodes_;
  ForeignDescription description_;
};

}  // namespace

std::unique_ptr<EpisodeSource> open_d4rl(const std::filesystem::path& file, int horizon) {
  return std::make_unique<FlatFile>(file, horizon);
}

}  // namespace understudy
