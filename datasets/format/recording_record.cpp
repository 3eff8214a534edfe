#include "datasets/format/recording_record.h"

#include <nlohmann/json.hpp>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {

bool replays(const RecordingRecord& record) {
  return record.replay_divergence && *record.replay_divergence <= kReplayTolerance;
}

void add_rewind(RecordingRecord& record, int step, int before) {
  std::erase_if(record.rewinds, [&](const Rewind& rewind) { return rewind.step > step; });
  record.rewinds.push_back({.step = step, .discarded = before - step});
}

std::string to_json(const RecordingRecord& record) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (record.session > 0) json["session"] = record.session;
  if (!record.policy.empty()) json["policy"] = record.policy;
  if (!record.note.empty()) json["note"] = record.note;
  for (const Rewind& rewind : record.rewinds) {
    json["rewinds"].push_back({{"step", rewind.step}, {"discarded", rewind.discarded}});
  }
  if (record.idle_head > 0) json["idle_head"] = record.idle_head;
  if (record.idle_tail > 0) json["idle_tail"] = record.idle_tail;
  if (record.replay_divergence) json["replay_divergence"] = *record.replay_divergence;
  if (json.empty()) return "";
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

RecordingRecord recording_from_json(const std::string& text, const std::string& place) {
  RecordingRecord record;
  if (text.empty()) return record;
  const auto json = parsed_json(text);
  try {
    if (!json.is_object()) throw Error("not an object");
    record.session = json.value("session", 0);
    record.policy = json.value("policy", "");
    record.note = json.value("note", "");
    if (json.contains("rewinds")) {
      for (const auto& rewind : json.at("rewinds")) {
        record.rewinds.push_back(
            {.step = rewind.at("step").get<int>(), .discarded = rewind.at("discarded").get<int>()});
      }
    }
    record.idle_head = json.value("idle_head", 0);
    record.idle_tail = json.value("idle_tail", 0);
    if (json.contains("replay_divergence"))
      record.replay_divergence = json.at("replay_divergence").get<double>();
  } catch (const std::exception&) {
    throw Error(place + ": want a JSON object that says how the episode was recorded, found '" + text + "'");
  }
  return record;
}

}  // namespace understudy
