#pragma once
/// \file Scalars and hyperparameters for TensorBoard, written without it: TFRecord frames around protobuf Event
/// messages.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace understudy {

/// Appends to one event file. A run that is resumed opens another file in the same directory, whose first
/// event tells TensorBoard to forget what came after the step it resumes from.
class EventWriter {
 public:
  /// Creates `directory/events.out.tfevents.<seconds since 1970>.<n>.understudy`. `first_step`: the step that
  /// the run continues from. Throws Error when the file cannot be created.
  EventWriter(const std::filesystem::path& directory, std::int64_t first_step);

  /// Records `value` of `tag` at `step`. Throws Error when the disk is full.
  void scalar(std::string_view tag, std::int64_t step, float value);

  /// What the HPARAMS tab lists this run by (HParamsPluginData of TensorBoard's plugins/hparams/plugin_data.proto):
  /// an object of numbers, flags and texts, the empty ones left out.
  void begin_session(const nlohmann::ordered_json& hyperparameters);
  /// Tells it that the run came to its end.
  void end_session();

  const std::filesystem::path& path() const { return path_; }

 private:
  void write(const std::string& event);
  void hparams(std::string_view tag, std::string_view plugin_data);

  std::filesystem::path path_;
  std::ofstream file_;
};

/// CRC-32C as TFRecord stores it: rotated right by 15 bits plus 0xa282ead8.
std::uint32_t masked_crc32c(std::string_view bytes);

}  // namespace understudy
