#include "datasets/recording/journal.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "datasets/format/recording_record.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/start_thread.h"

namespace understudy {
namespace {

constexpr std::string_view kMagic = "USJRNL1\n";
constexpr std::uint8_t kBegin = 'B';
constexpr std::uint8_t kStep = 'S';
constexpr std::uint8_t kRewind = 'R';
constexpr std::uint8_t kEnd = 'E';
/// length and CRC-32, four bytes each; the checksum covers the payload, whose first byte is the kind.
constexpr std::size_t kPrefixBytes = 8;
constexpr auto kSyncPeriod = std::chrono::milliseconds(500);

std::uint32_t checksum(const char* data, std::size_t bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(data), bytes));
}

void put(std::vector<char>& record, const void* data, std::size_t bytes) {
  const auto* begin = static_cast<const char*>(data);
  record.insert(record.end(), begin, begin + bytes);
}

template <class Value>
void put(std::vector<char>& record, Value value) {
  put(record, &value, sizeof value);
}

template <class Derived>
void put_entries(std::vector<char>& record, const Eigen::DenseBase<Derived>& values) {
  put(record, values.derived().data(),
      static_cast<std::size_t>(values.size()) * sizeof(typename Derived::Scalar));
}

/// Takes values off the front of a payload; `ok` turns false, for good, once it is too short.
struct Cursor {
  std::string_view rest;
  bool ok = true;

  bool take(void* data, std::size_t bytes) {
    if (!ok || rest.size() < bytes) return ok = false;
    if (bytes > 0) std::memcpy(data, rest.data(), bytes);
    rest.remove_prefix(bytes);
    return true;
  }
  template <class Value>
  Value take() {
    Value value{};
    take(&value, sizeof value);
    return value;
  }
};

/// The steps of an episode while their number is not known yet.
struct Steps {
  std::vector<float> observations;
  std::vector<float> actions;
  std::vector<double> states;
  std::vector<float> axes;
  std::vector<float> buttons;
  std::size_t axis_count = 0;
  std::size_t button_count = 0;
};

constexpr std::size_t kStepFixedBytes = 2 * sizeof(double) + sizeof(float) + 2 + 2 * sizeof(std::uint16_t);

/// Payload of a step record, its kind included.
std::size_t step_payload_bytes(const Journal& journal, std::size_t axes, std::size_t buttons) {
  const DatasetHeader& header = journal.header;
  const auto floats = static_cast<std::size_t>(header.action.size() + header.observation.size()) + axes +
                      buttons + (journal.doubts ? 1 : 0);
  return 1 + kStepFixedBytes + floats * sizeof(float) +
         static_cast<std::size_t>(header.state_dim) * sizeof(double);
}

template <class Entry>
bool take_row(Cursor& cursor, std::vector<Entry>& rows, std::size_t entries) {
  const std::size_t old = rows.size();
  if (!cursor.ok || cursor.rest.size() < entries * sizeof(Entry)) return cursor.ok = false;
  rows.resize(old + entries);
  return cursor.take(rows.data() + old, entries * sizeof(Entry));
}

bool read_begin(Cursor cursor, Journal& journal, Steps& steps, const std::string& place) {
  const auto length = cursor.take<std::uint32_t>();
  if (!cursor.ok || cursor.rest.size() < length) return false;
  const auto json = parsed_json(cursor.rest.substr(0, length));
  cursor.rest.remove_prefix(length);
  if (!json.is_object()) return false;
  try {
    journal.header = header_from_json(json.at("header").dump(), place);
    journal.episode.seed = json.at("seed").get<std::uint64_t>();
    journal.episode.operator_name = json.at("operator").get<std::string>();
    journal.episode.variation = json.value("variation", "");
    journal.episode.recording = json.value("recording", "");
    journal.doubts = json.value("doubts", false);
  } catch (const std::exception&) {
    return false;
  }
  return take_row(cursor, steps.observations, static_cast<std::size_t>(journal.header.observation.size())) &&
         take_row(cursor, steps.states, static_cast<std::size_t>(journal.header.state_dim)) &&
         cursor.rest.empty();
}

bool read_step(Cursor cursor, Journal& journal, Steps& steps) {
  StepInfo& info = journal.episode.info;
  const auto timestamp = cursor.take<double>();
  const auto input_age = cursor.take<double>();
  const auto reward = cursor.take<float>();
  const auto overrun = cursor.take<std::uint8_t>();
  const auto intervention = cursor.take<std::uint8_t>();
  const std::size_t axis_count = cursor.take<std::uint16_t>();
  const std::size_t button_count = cursor.take<std::uint16_t>();
  const auto act_dim = static_cast<std::size_t>(journal.header.action.size());
  const auto obs_dim = static_cast<std::size_t>(journal.header.observation.size());
  const auto state_dim = static_cast<std::size_t>(journal.header.state_dim);
  // Before anything is stored: a record of another size must not leave half a row behind.
  const std::size_t bytes = step_payload_bytes(journal, axis_count, button_count);
  if (!cursor.ok || 1 + kStepFixedBytes + cursor.rest.size() != bytes) return false;
  if (info.timestamp.empty()) {
    steps.axis_count = axis_count;
    steps.button_count = button_count;
  } else if (steps.axis_count != axis_count || steps.button_count != button_count) {
    return false;
  }
  take_row(cursor, steps.actions, act_dim);
  take_row(cursor, steps.observations, obs_dim);
  take_row(cursor, steps.axes, axis_count);
  take_row(cursor, steps.buttons, button_count);
  take_row(cursor, steps.states, state_dim);
  if (journal.doubts) info.doubt.push_back(cursor.take<float>());
  info.timestamp.push_back(timestamp);
  info.input_age.push_back(input_age);
  info.overrun.push_back(overrun);
  info.intervention.push_back(intervention);
  journal.episode.rewards.push_back(reward);
  return true;
}

/// Forgets the steps that the operator went back over, and notes it.
bool read_rewind(Cursor cursor, Journal& journal, Steps& steps) {
  StepInfo& info = journal.episode.info;
  const std::size_t kept = cursor.take<std::uint32_t>();
  const std::size_t before = info.timestamp.size();
  if (!cursor.ok || !cursor.rest.empty() || kept > before) return false;
  steps.observations.resize((kept + 1) * static_cast<std::size_t>(journal.header.observation.size()));
  steps.states.resize((kept + 1) * static_cast<std::size_t>(journal.header.state_dim));
  steps.actions.resize(kept * static_cast<std::size_t>(journal.header.action.size()));
  steps.axes.resize(kept * steps.axis_count);
  steps.buttons.resize(kept * steps.button_count);
  for (auto* times : {&info.timestamp, &info.input_age}) times->resize(kept);
  for (auto* flags : {&info.overrun, &info.intervention}) flags->resize(kept);
  if (journal.doubts) info.doubt.resize(kept);
  journal.episode.rewards.resize(kept);
  try {
    RecordingRecord record = recording_from_json(journal.episode.recording, "");
    add_rewind(record, static_cast<int>(kept), static_cast<int>(before));
    journal.episode.recording = to_json(record);
  } catch (const Error&) {
    return false;
  }
  return true;
}

/// True when `rest` is what a crash can leave behind the last intact record: nothing, the front of one more
/// record, or zeros (blocks that a power cut left allocated but not written).
bool is_torn_record(std::string_view rest, const Journal& journal) {
  if (std::all_of(rest.begin(), rest.end(), [](char byte) { return byte == 0; })) return true;
  if (!journal.begun || rest.size() < kPrefixBytes + 1 + kStepFixedBytes) return true;
  // So far written, a step's record says twice how long it will be: in front, and by its axes and buttons.
  Cursor cursor{rest};
  const std::size_t length = cursor.take<std::uint32_t>();
  cursor.rest.remove_prefix(kPrefixBytes - sizeof(std::uint32_t) + 1 + kStepFixedBytes -
                            2 * sizeof(std::uint16_t));
  const std::size_t axes = cursor.take<std::uint16_t>();
  const std::size_t buttons = cursor.take<std::uint16_t>();
  return rest.size() < kPrefixBytes + length && length == step_payload_bytes(journal, axes, buttons);
}

template <class Target, class Entry>
Target to_matrix(const std::vector<Entry>& values, std::size_t rows, std::size_t columns) {
  return Eigen::Map<const Target>(values.data(), static_cast<Eigen::Index>(rows),
                                  static_cast<Eigen::Index>(columns));
}

void fill_matrices(Journal& journal, const Steps& steps) {
  Episode& episode = journal.episode;
  const std::size_t count = episode.rewards.size();
  const auto act_dim = static_cast<std::size_t>(journal.header.action.size());
  const auto obs_dim = static_cast<std::size_t>(journal.header.observation.size());
  const auto state_dim = static_cast<std::size_t>(journal.header.state_dim);
  episode.observations = to_matrix<Matrix>(steps.observations, count + 1, obs_dim);
  episode.actions = to_matrix<Matrix>(steps.actions, count, act_dim);
  if (state_dim > 0) episode.states = to_matrix<StateMatrix>(steps.states, count + 1, state_dim);
  if (steps.axis_count > 0) episode.info.axes = to_matrix<Matrix>(steps.axes, count, steps.axis_count);
  if (steps.button_count > 0)
    episode.info.buttons = to_matrix<Matrix>(steps.buttons, count, steps.button_count);
}

}  // namespace

JournalWriter::JournalWriter(std::filesystem::path file, const DatasetHeader& header, std::uint64_t seed,
                             ConstVectorRef observation, ConstStateRef state,
                             const std::string& operator_name, const std::string& variation,
                             const std::string& recording, bool doubts)
    : file_(std::move(file)) {
  descriptor_ = FileDescriptor(::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!descriptor_) throw_errno(file_, "cannot be created", errno);
  nlohmann::ordered_json json;
  json["header"] = nlohmann::ordered_json::parse(header_to_json(header));
  json["seed"] = seed;
  json["operator"] = operator_name;
  if (!variation.empty()) json["variation"] = variation;
  if (!recording.empty()) json["recording"] = recording;
  if (doubts) json["doubts"] = true;
  const std::string text = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  try {
    record_.assign(kMagic.begin(), kMagic.end());
    record_.resize(kMagic.size() + kPrefixBytes + 1);
    put(record_, static_cast<std::uint32_t>(text.size()));
    put(record_, text.data(), text.size());
    put_entries(record_, observation);
    put_entries(record_, state);
    append(kBegin);
    sync_file(file_.parent_path());
    syncer_ = start_thread("saving the recording", [this] { sync_loop(); });
  } catch (...) {
    ::unlink(file_.c_str());
    throw;
  }
}

JournalWriter::~JournalWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  syncer_.join();
  ::fdatasync(descriptor_.get());
}

void JournalWriter::append_step(const StepRecord& step) {
  record_.resize(kPrefixBytes + 1);
  put(record_, step.timestamp);
  put(record_, step.input_age);
  put(record_, step.reward);
  put(record_, static_cast<std::uint8_t>(step.overrun));
  put(record_, static_cast<std::uint8_t>(step.intervention));
  put(record_, static_cast<std::uint16_t>(step.axes.size()));
  put(record_, static_cast<std::uint16_t>(step.buttons.size()));
  put_entries(record_, step.action);
  put_entries(record_, step.next_observation);
  put_entries(record_, step.axes);
  put_entries(record_, step.buttons);
  put_entries(record_, step.next_state);
  if (step.doubt) put(record_, *step.doubt);
  append(kStep);
}

void JournalWriter::append_rewind(int step) {
  record_.resize(kPrefixBytes + 1);
  put(record_, static_cast<std::uint32_t>(step));
  append(kRewind);
}

void JournalWriter::append_end(const EpisodeEnd& end) {
  if (bytes_before_end_ != 0 && !cut_to(bytes_before_end_)) throw_errno(file_, "cannot be shortened", errno);
  bytes_before_end_ = 0;
  record_.resize(kPrefixBytes + 1);
  put(record_, static_cast<std::uint8_t>(end.terminated));
  put(record_, static_cast<std::uint8_t>(end.truncated));
  put(record_, static_cast<std::uint8_t>(end.success));
  put(record_, end.recording.data(), end.recording.size());
  const std::uint64_t before = bytes_;
  append(kEnd);
  if (::fdatasync(descriptor_.get()) != 0) {
    const int error = errno;
    cut_to(before);
    throw_errno(file_, "cannot be synced to disk", error);
  }
  bytes_before_end_ = before;
}

bool JournalWriter::cut_to(std::uint64_t bytes) {
  const auto offset = static_cast<off_t>(bytes);
  if (::ftruncate(descriptor_.get(), offset) != 0 || ::lseek(descriptor_.get(), offset, SEEK_SET) < 0)
    return false;
  bytes_ = bytes;
  return true;
}

/// `record_` holds the payload behind room for prefix and kind; the first record has the magic in front.
void JournalWriter::append(std::uint8_t kind) {
  {
    const std::lock_guard lock(mutex_);
    if (sync_error_ != 0) throw_errno(file_, "cannot be synced to disk", std::exchange(sync_error_, 0));
  }
  char* const prefix = record_.data() + (bytes_ == 0 ? kMagic.size() : 0);
  char* const payload = prefix + kPrefixBytes;
  *payload = static_cast<char>(kind);
  const auto length = static_cast<std::uint32_t>(record_.data() + record_.size() - payload);
  const std::uint32_t crc = checksum(payload, length);
  std::memcpy(prefix, &length, sizeof length);
  std::memcpy(prefix + sizeof length, &crc, sizeof crc);

  std::string_view rest(record_.data(), record_.size());
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor_.get(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      // A torn record in the middle would hide every record after it. Truncating needs no space.
      cut_to(bytes_);
      throw_errno(file_, "the live episode cannot be written", error);
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  bytes_ += record_.size();
  const std::lock_guard lock(mutex_);
  unsynced_ = true;
}

void JournalWriter::sync_loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kSyncPeriod, [this] { return stopping_; });
    if (stopping_ || !unsynced_) continue;
    unsynced_ = false;
    lock.unlock();
    const int error = ::fdatasync(descriptor_.get()) == 0 ? 0 : errno;
    lock.lock();
    if (error != 0) sync_error_ = error;
  }
}

Journal read_journal(const std::filesystem::path& file) {
  const std::string content = read_file(file);
  Journal journal;
  journal.file_bytes = content.size();
  Steps steps;
  std::string_view rest = content;
  if (rest.substr(0, kMagic.size()) != kMagic) {
    // A beginning cut short is what a crash leaves; anything else was never a journal of ours.
    journal.damaged = kMagic.substr(0, rest.size()) != rest;
    return journal;
  }
  rest.remove_prefix(kMagic.size());

  while (!rest.empty() && !journal.ended) {
    Cursor prefix{rest};
    const auto length = prefix.take<std::uint32_t>();
    const auto crc = prefix.take<std::uint32_t>();
    if (!prefix.ok || length == 0 || prefix.rest.size() < length) break;
    if (checksum(prefix.rest.data(), length) != crc) break;
    const auto kind = static_cast<std::uint8_t>(prefix.rest.front());
    const Cursor payload{prefix.rest.substr(1, length - 1)};
    if (!journal.begun) {
      if (kind != kBegin || !read_begin(payload, journal, steps, file.string())) break;
      journal.begun = true;
    } else if (kind == kStep) {
      if (!read_step(payload, journal, steps)) break;
    } else if (kind == kRewind) {
      if (!read_rewind(payload, journal, steps)) break;
    } else if (kind == kEnd && payload.rest.size() >= 3) {
      journal.ended = true;
      journal.episode.terminated = payload.rest[0] != 0;
      journal.episode.truncated = payload.rest[1] != 0;
      journal.episode.success = payload.rest[2] != 0;
      if (payload.rest.size() > 3) journal.episode.recording = payload.rest.substr(3);
    } else {
      break;
    }
    rest.remove_prefix(kPrefixBytes + length);
  }
  journal.intact_bytes = content.size() - rest.size();
  journal.damaged = !is_torn_record(rest, journal);
  if (journal.begun) fill_matrices(journal, steps);
  return journal;
}

}  // namespace understudy
