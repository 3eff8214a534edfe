// Unity ML-Agents' recordings (.demo): messages of Protocol Buffers, each with its length before it. First a
// DemonstrationMetaProto, from byte 33 on a BrainParametersProto, then an AgentInfoActionPairProto for every decision
// (protobuf-definitions/proto/mlagents_envs/communicator_objects). As ML-Agents' own loader has it, the reward and the
// end that a record tells belong to the action of the record before.

#include <algorithm>
#include <array>
#include <fstream>

#include "datasets/foreign/episode_source.h"
#include "datasets/foreign/wire_format.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kAfterMetadata = 33;  // where the second message begins
constexpr std::int64_t kNewestVersion = 1;
constexpr std::size_t kMostEntries = 100'000;  // of an observation or an action
constexpr std::size_t kMostSensors = 1'000;

struct Observation {
  std::string name;
  std::vector<double> values;
  bool numbers = false;  ///< false: a picture, packed or not
};

struct Record {
  std::vector<Observation> observations;
  std::vector<double> action;
  bool discrete = false;
  double reward = 0;
  bool done = false;
  bool cut = false;  ///< the end came from outside
  std::int64_t agent = 0;
};

/// The messages of a file, one after the other.
class Messages {
 public:
  explicit Messages(const fs::path& file) : name_(file.string()), size_(fs::file_size(file)) {
    stream_.open(file, std::ios::binary);
    if (!stream_) throw Error(name_ + ": cannot be opened");
  }

  std::uint64_t at() const { return at_; }
  bool at_end() const { return at_ >= size_; }
  void go_to(std::uint64_t at) {
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(at));
    at_ = at;
  }
  std::string place() const { return name_ + ": byte " + std::to_string(at_); }

  std::string take() {
    const std::string where = place();
    std::uint64_t length = 0;
    for (unsigned shift = 0;; shift += 7) {
      const int byte = stream_.get();
      if (byte < 0 || shift > 28)
        throw Error(where +
                    ": want the length of a message, found none: the file was cut or is damaged here");
      ++at_;
      length |= (static_cast<std::uint64_t>(byte) & 0x7FU) << shift;
      if (byte < 0x80) break;
    }
    if (length > size_ - at_) {
      throw Error(where + ": want a message of " + std::to_string(length) + " bytes, found " +
                  std::to_string(size_ - at_) + " to the end of the file: it was cut or is damaged here");
    }
    std::string message(length, '\0');
    stream_.read(message.data(), static_cast<std::streamsize>(length));
    if (!stream_) throw Error(where + ": cannot be read");
    at_ += length;
    return message;
  }

 private:
  std::string name_;
  std::uint64_t size_ = 0;
  std::ifstream stream_;
  std::uint64_t at_ = 0;
};

Observation parse_observation(std::string_view message, const std::string& place) {
  Observation observation;
  std::vector<std::int64_t> shape;
  WireReader reader(message, place);
  while (const auto field = reader.next()) {
    if (field->number == 1) add_integers(*field, place, shape);
    if (field->number == 8) observation.name = field->bytes;
    if (field->number != 4) continue;
    WireReader data(field->bytes, place);
    observation.numbers = true;
    while (const auto inner = data.next()) {
      if (inner->number == 1) add_floats(*inner, place, observation.values);
    }
  }
  if (shape.size() > 2 || observation.values.empty() || observation.values.size() > kMostEntries)
    observation.numbers = false;
  if (!observation.numbers) observation.values.clear();
  return observation;
}

void parse_info(std::string_view message, const std::string& place, Record& record) {
  WireReader reader(message, place);
  std::vector<double> stacked;  // of ML-Agents before 1.0
  while (const auto field = reader.next()) {
    if (field->number == 1) add_floats(*field, place, stacked);
    if (field->number == 7) record.reward = static_cast<double>(field->as_float());
    if (field->number == 8) record.done = field->value != 0;
    if (field->number == 9) record.cut = field->value != 0;
    if (field->number == 10) record.agent = static_cast<std::int64_t>(field->value);
    if (field->number == 13) {
      if (record.observations.size() >= kMostSensors)
        throw Error(place + ": want at most 1000 sensors, found more");
      record.observations.push_back(parse_observation(field->bytes, place));
    }
  }
  if (!stacked.empty() && stacked.size() <= kMostEntries)
    record.observations.push_back({"", std::move(stacked), true});
}

void parse_action(std::string_view message, const std::string& place, Record& record) {
  std::vector<double> older;
  std::vector<std::int64_t> discrete;
  WireReader reader(message, place);
  while (const auto field = reader.next()) {
    if (field->number == 1) add_floats(*field, place, older);
    if (field->number == 6) add_floats(*field, place, record.action);
    if (field->number == 7) add_integers(*field, place, discrete);
  }
  if (record.action.empty()) record.action = std::move(older);
  record.discrete = !discrete.empty();
  if (record.action.size() > kMostEntries)
    throw Error(place + ": want at most 100000 action entries, found more");
}

Record parse_record(std::string_view message, const std::string& place) {
  Record record;
  WireReader reader(message, place);
  while (const auto field = reader.next()) {
    if (field->number == 1) parse_info(field->bytes, place, record);
    if (field->number == 2) parse_action(field->bytes, place, record);
  }
  return record;
}

class DemoFile : public EpisodeSource {
 public:
  explicit DemoFile(const fs::path& file) : file_(file) {
    want_regular_file(file);
    if (!fs::exists(file)) throw Error(file.string() + ": no such file; check the path");
    description_.format = "mlagents";
    Messages messages(file);
    read_metadata(messages);
    messages.go_to(kAfterMetadata);
    if (messages.at_end())
      throw Error(file.string() + ": want a behaviour's parameters at byte 33, found no more");
    read_parameters(messages);
    index(messages);
  }

  const ForeignDescription& description() const override { return description_; }
  int size() const override { return static_cast<int>(episodes_.size()); }

  ForeignEpisode read(int index) const override {
    const Stretch& stretch = episodes_.at(static_cast<std::size_t>(index));
    ForeignEpisode episode{.place = file_.string() + ": episode " + std::to_string(index)};
    // Each record has to hold its numbers: what cannot be in the file is given no memory.
    const auto entries =
        static_cast<std::uint64_t>(stretch.records) * static_cast<std::uint64_t>(observation_size_);
    if (entries > fs::file_size(file_) / sizeof(float)) {
      throw Error(episode.place + ": want " + std::to_string(entries) +
                  " numbers observed, found a file that is too small for them: it is damaged");
    }
    const auto steps = static_cast<Eigen::Index>(stretch.records - 1);
    episode.observations.resize(steps + 1, observation_size_);
    episode.actions.resize(steps, action_size_);
    episode.rewards.resize(static_cast<std::size_t>(steps));
    Messages messages(file_);
    messages.go_to(stretch.at);
    for (Eigen::Index t = 0; t <= steps; ++t) {
      const std::string place = messages.place();
      const Record record = parse_record(messages.take(), place);
      put(record, place, episode.observations.row(t));
      if (t > 0) episode.rewards[static_cast<std::size_t>(t - 1)] = record.reward;
      if (t == steps) break;
      if (static_cast<int>(record.action.size()) != action_size_) {
        throw Error(place + ": want " + std::to_string(action_size_) + " action entries, found " +
                    std::to_string(record.action.size()));
      }
      episode.actions.row(t) = Eigen::Map<const Eigen::RowVectorXd>(record.action.data(), action_size_);
    }
    episode.terminated = stretch.terminated;
    episode.truncated = !stretch.terminated;
    return episode;
  }

 private:
  struct Stretch {
    std::uint64_t at = 0;
    std::int64_t records = 0;
    bool terminated = false;
  };

  void read_metadata(Messages& messages) {
    const std::string place = messages.place();
    WireReader reader(metadata_ = messages.take(), place);
    std::int64_t version = 0;
    while (const auto field = reader.next()) {
      if (field->number == 1) version = static_cast<std::int64_t>(field->value);
      if (field->number == 3) records_ = static_cast<std::int64_t>(field->value);
    }
    if (messages.at() > kAfterMetadata || version < 0 || version > kNewestVersion) {
      throw Error(file_.string() + ": want a recording of ML-Agents of version 0 or 1 (.demo), found " +
                  (messages.at() > kAfterMetadata ? "something else" : "version " + std::to_string(version)));
    }
  }

  void read_parameters(Messages& messages) {
    const std::string place = messages.place();
    const std::string message = messages.take();
    WireReader reader(message, place);
    bool discrete = false;
    while (const auto field = reader.next()) {
      if (field->number == 7) description_.task = field->bytes;
      if (field->number != 9) continue;
      WireReader actions(field->bytes, place);
      while (const auto inner = actions.next())
        discrete = discrete || (inner->number == 2 && inner->value != 0);
    }
    if (discrete) refuse_discrete(place);
  }

  [[noreturn]] static void refuse_discrete(const std::string& place) {
    throw Error(place +
                ": want actions that are numbers between bounds, found some that choose among kinds "
                "(discrete): they cannot be brought in");
  }

  /// Finds the episodes, and what the first record has.
  void index(Messages& messages) {
    Stretch stretch;
    std::int64_t agent = 0;
    std::int64_t found = 0;
    int too_short = 0;
    const auto end = [&](bool terminated) {
      stretch.terminated = terminated;
      if (stretch.records > 1) episodes_.push_back(stretch);
      if (stretch.records == 1) ++too_short;
      stretch = {};
    };
    while (!messages.at_end() && (records_ == 0 || found < records_)) {
      const std::uint64_t at = messages.at();
      const std::string place = messages.place();
      const Record record = parse_record(messages.take(), place);
      if (record.discrete) refuse_discrete(place);
      if (++found == 1) describe(record, place);
      if (stretch.records > 0 && record.agent != agent) end(false);
      if (stretch.records == 0) stretch.at = at;
      agent = record.agent;
      ++stretch.records;
      if (record.done) end(!record.cut);
    }
    if (found < records_) {
      throw Error(file_.string() + ": want " + std::to_string(records_) + " records, found " +
                  std::to_string(found) + ": the file was cut");
    }
    end(false);
    if (episodes_.empty())
      throw Error(file_.string() + ": want at least one action and what it led to, found none");
    if (too_short > 0)
      description_.words.push_back("left out: " + std::to_string(too_short) + " episodes without an action");
  }

  void describe(const Record& first, const std::string& place) {
    std::vector<std::string> pictures;
    description_.has_names = false;
    for (std::size_t i = 0; i < first.observations.size(); ++i) {
      const Observation& sensor = first.observations[i];
      std::string name = sensor.name.empty() ? "observation_" + std::to_string(i) : sensor.name;
      used_.push_back(sensor.numbers);
      if (!sensor.numbers) {
        pictures.push_back(name);
        continue;
      }
      const auto same = [&](const ForeignField& field) { return field.name == name; };
      if (std::any_of(description_.observation.begin(), description_.observation.end(), same))
        name += "_" + std::to_string(i);
      description_.has_names = description_.has_names || !sensor.name.empty();
      description_.observation.push_back({name, static_cast<int>(sensor.values.size())});
      observation_size_ += static_cast<int>(sensor.values.size());
    }
    action_size_ = static_cast<int>(first.action.size());
    if (observation_size_ == 0 || action_size_ == 0 || observation_size_ > static_cast<int>(kMostEntries)) {
      throw Error(place + ": want observations and actions of numbers, found " +
                  std::to_string(observation_size_) + " and " + std::to_string(action_size_) + " of them");
    }
    description_.action = {{"action", action_size_}};
    if (pictures.empty()) return;
    std::string list;
    for (std::size_t i = 0; i < std::min<std::size_t>(pictures.size(), 8); ++i)
      list += (list.empty() ? "" : ", ") + pictures[i];
    description_.words.push_back("left out, as they are no lists of numbers (pictures): " + list);
  }

  template <class Row>
  void put(const Record& record, const std::string& place, Row&& row) const {
    Eigen::Index offset = 0;
    std::size_t field = 0;
    for (std::size_t i = 0; i < used_.size() && i < record.observations.size(); ++i) {
      if (!used_[i]) continue;
      const std::vector<double>& values = record.observations[i].values;
      const int want = description_.observation[field++].size;
      if (static_cast<int>(values.size()) != want) {
        throw Error(place + ": want " + std::to_string(want) + " entries of " +
                    description_.observation[field - 1].name + ", found " + std::to_string(values.size()));
      }
      row.segment(offset, want) = Eigen::Map<const Eigen::RowVectorXd>(values.data(), want);
      offset += want;
    }
    if (offset != observation_size_) {
      throw Error(place + ": want " + std::to_string(observation_size_) +
                  " entries of an observation, found " + std::to_string(offset));
    }
  }

  fs::path file_;
  std::string metadata_;
  std::int64_t records_ = 0;  ///< 0: not said, as when recording was cut
  std::vector<bool> used_;    ///< of the sensors, those that are lists of numbers
  int observation_size_ = 0;
  int action_size_ = 0;
  std::vector<Stretch> episodes_;
  ForeignDescription description_;
};

}  // namespace

std::unique_ptr<EpisodeSource> open_mlagents(const fs::path& file) {
  return std::make_unique<DemoFile>(file);
}

}  // namespace understudy
