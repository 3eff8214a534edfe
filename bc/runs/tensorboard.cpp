#include "bc/runs/tensorboard.h"

#include <bit>
#include <chrono>
#include <nlohmann/json.hpp>

#include "datasets/storage/crc32c.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// The little of protobuf's wire format that an Event needs. Numbers in comments are field numbers.
class Message {
 public:
  void number(int field, std::uint64_t value) {
    key(field, 0);
    varint(value);
  }
  void real(int field, double value) {
    key(field, 1);
    fixed(std::bit_cast<std::uint64_t>(value), 8);
  }
  void real(int field, float value) {
    key(field, 5);
    fixed(std::bit_cast<std::uint32_t>(value), 4);
  }
  void bytes(int field, std::string_view value) {
    key(field, 2);
    varint(value.size());
    text_ += value;
  }
  const std::string& text() const { return text_; }

 private:
  void key(int field, int wire_type) {
    varint(static_cast<std::uint64_t>(field) << 3 | static_cast<unsigned>(wire_type));
  }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
  }
  void fixed(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) text_ += static_cast<char>(value >> (8 * i));
  }

  std::string text_;
};

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string little_endian(std::uint64_t value, int size) {
  std::string text;
  for (int i = 0; i < size; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

/// Event{wall_time = 1, step = 2, ...}
Message event(std::int64_t step) {
  Message message;
  message.real(1, seconds_since_1970());
  message.number(2, static_cast<std::uint64_t>(step));
  return message;
}

}  // namespace

std::uint32_t masked_crc32c(std::string_view bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return std::rotr(crc, 15) + 0xa282ead8U;
}

EventWriter::EventWriter(const std::filesystem::path& directory, std::int64_t first_step) {
  const std::string stem =
      "events.out.tfevents." + std::to_string(static_cast<std::int64_t>(seconds_since_1970()));
  for (int n = 0; path_.empty() || std::filesystem::exists(path_); ++n) {
    path_ = directory / (stem + "." + std::to_string(n) + ".understudy");
  }
  file_.open(path_, std::ios::binary);
  Message version;
  version.real(1, seconds_since_1970());
  version.bytes(3, "brain.Event:2");  // file_version = 3
  write(version.text());
  Message start;
  start.number(1, 1);  // SessionLog{status = 1: START}
  Message session = event(first_step);
  session.bytes(7, start.text());  // session_log = 7
  write(session.text());
}

void EventWriter::scalar(std::string_view tag, std::int64_t step, float value) {
  Message entry;  // Summary.Value{tag = 1, simple_value = 2}
  entry.bytes(1, tag);
  entry.real(2, value);
  Message summary;
  summary.bytes(1, entry.text());
  Message message = event(step);
  message.bytes(5, summary.text());  // summary = 5
  write(message.text());
}

void EventWriter::begin_session(const nlohmann::ordered_json& hyperparameters) {
  Message
      session;  // SessionStartInfo{hparams = 1, a map from text to google.protobuf.Value; start_time_secs = 5}
  for (const auto& [name, value] : hyperparameters.items()) {
    if (value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty())) continue;
    Message held;  // Value{number_value = 2, string_value = 3, bool_value = 4}
    if (value.is_boolean()) {
      held.number(4, value.get<bool>() ? 1 : 0);
    } else if (value.is_number()) {
      held.real(2, value.get<double>());
    } else {
      held.bytes(3, value.is_string() ? value.get<std::string>() : value.dump());
    }
    Message entry;
    entry.bytes(1, name);
    entry.bytes(2, held.text());
    session.bytes(1, entry.text());
  }
  session.real(5, seconds_since_1970());
  Message data;
  data.bytes(3, session.text());  // HParamsPluginData{session_start_info = 3}
  hparams("_hparams_/session_start_info", data.text());
}

void EventWriter::end_session() {
  Message session;
  session.number(1, 1);  // SessionEndInfo{status = 1: STATUS_SUCCESS, end_time_secs = 2}
  session.real(2, seconds_since_1970());
  Message data;
  data.bytes(4, session.text());  // HParamsPluginData{session_end_info = 4}
  hparams("_hparams_/session_end_info", data.text());
}

/// An empty tensor whose metadata holds the data, as the plugin's own summary() makes it.
void EventWriter::hparams(std::string_view tag, std::string_view plugin_data) {
  Message plugin;  // PluginData{plugin_name = 1, content = 2}
  plugin.bytes(1, "hparams");
  plugin.bytes(2, plugin_data);
  Message metadata;
  metadata.bytes(1, plugin.text());  // SummaryMetadata{plugin_data = 1}
  Message tensor;                    // TensorProto{dtype = 1: DT_FLOAT, tensor_shape = 2}
  tensor.number(1, 1);
  tensor.bytes(2, "");
  Message value;  // Summary.Value{tag = 1, tensor = 8, metadata = 9}
  value.bytes(1, tag);
  value.bytes(8, tensor.text());
  value.bytes(9, metadata.text());
  Message summary;
  summary.bytes(1, value.text());
  Message message = event(0);
  message.bytes(5, summary.text());
  write(message.text());
}

/// A TFRecord: length, its checksum, the data, its checksum.
void EventWriter::write(const std::string& data) {
  const std::string length = little_endian(data.size(), 8);
  file_ << length << little_endian(masked_crc32c(length), 4) << data << little_endian(masked_crc32c(data), 4);
  if (!file_.flush()) throw Error(path_.string() + ": cannot be written; is the disk full?");
}

}  // namespace understudy
