#include "datasets/format/dataset_header.h"

#include <nlohmann/json.hpp>

#include "datasets/format/space_json.h"
#include "datasets/types/error.h"

#include "datasets/format/robot_record.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

template <class Value>
std::string want_found(const char* what, const Value& want, const Value& found) {
  const nlohmann::json w = want;
  const nlohmann::json f = found;
  return std::string("want ") + what + " " + w.dump() + ", found " + f.dump();
}

}  // namespace

std::string header_mismatch(const DatasetHeader& want, const DatasetHeader& found) {
  if (!same_task(want.environment_id, want.robot_sha256, found.environment_id, found.robot_sha256)) {
    if (without_folder(want.environment_id) == without_folder(found.environment_id)) {
      return "another version of the robot's file: " +
             want_found("SHA-256", want.robot_sha256, found.robot_sha256) +
             "; record into another dataset, or bring the file back";
    }
    return want_found("task", want.environment_id, found.environment_id);
  }
  const std::string observation = space_mismatch(want.observation, found.observation);
  if (!observation.empty()) return "observation: " + observation;
  const std::string action = space_mismatch(want.action, found.action);
  if (!action.empty()) return "action: " + action;
  if (want.state_dim != found.state_dim) return want_found("state_dim", want.state_dim, found.state_dim);
  if (want.control_rate != found.control_rate) {
    return want_found("control_rate", want.control_rate, found.control_rate);
  }
  if (want.substeps != found.substeps) return want_found("substeps", want.substeps, found.substeps);
  if (want.horizon != found.horizon) return want_found("horizon", want.horizon, found.horizon);
  if (want.action_scale != found.action_scale) {
    const auto text = [](const std::string& scale) { return scale.empty() ? "none" : scale; };
    return "actions were rescaled: want " + text(want.action_scale) + ", found " + text(found.action_scale) +
           "; convert one of them again with --rescale-as the other";
  }
  if (want.images.fields != found.images.fields) {
    return "one holds " + images_text(want.images.fields) + ", the other " +
           images_text(found.images.fields) +
           "; record into the dataset that images were rendered from, and render them again";
  }
  return "";
}

std::string header_to_json(const DatasetHeader& header) {
  nlohmann::ordered_json json;
  json["environment_id"] = header.environment_id;
  json["observation"] = nlohmann::ordered_json::parse(space_to_json(header.observation));
  json["action"] = nlohmann::ordered_json::parse(space_to_json(header.action));
  json["state_dim"] = header.state_dim;
  json["control_rate"] = header.control_rate;
  json["substeps"] = header.substeps;
  json["horizon"] = header.horizon;
  json["device"] = header.device;
  json["binding"] = header.binding;
  json["program_version"] = header.program_version;
  if (!header.robot_sha256.empty()) json["robot_sha256"] = header.robot_sha256;
  if (!header.source.empty()) json["source"] = header.source;
  if (!header.action_scale.empty()) json["action_scale"] = header.action_scale;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

DatasetHeader header_from_json(const std::string& text, const std::string& place) {
  try {
    const auto json = parsed_json(text);
    DatasetHeader header;
    header.environment_id = json.at("environment_id").get<std::string>();
    header.observation = space_from_json(json.at("observation").dump(), place + "/observation");
    header.action = space_from_json(json.at("action").dump(), place + "/action");
    header.state_dim = json.at("state_dim").get<int>();
    header.control_rate = json.at("control_rate").get<double>();
    header.substeps = json.at("substeps").get<int>();
    header.horizon = json.at("horizon").get<int>();
    header.device = json.at("device").get<std::string>();
    header.binding = json.at("binding").get<std::string>();
    header.program_version = json.at("program_version").get<std::string>();
    header.robot_sha256 = json.value("robot_sha256", "");
    header.source = json.value("source", "");
    header.action_scale = json.value("action_scale", "");
    return header;
  } catch (const nlohmann::json::exception& error) {
    throw Error(place + ": want a dataset header, found something else (" + reason_of(error) + ")");
  }
}

}  // namespace understudy
