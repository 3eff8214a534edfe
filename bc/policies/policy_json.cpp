#include "bc/policies/policy_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bc/policies/policy_tensors.h"
#include "datasets/format/space_json.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

constexpr int kSchema = 2;
constexpr int kMostNesting = 32;
constexpr std::size_t kMostCharacters = 4000;

/// Whether a terminal would do something else with `text` than show it. C1 controls are two bytes in UTF-8.
bool has_control_characters(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 = c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c < 0x20 || c == 0x7F || c1) return true;
  }
  return false;
}

/// The text as JSON, not deeply nested, and of texts that can be shown, but for the configuration, which is
/// not.
ordered_json parse(const std::string& text, const std::string& place) {
  std::string key;
  const auto check = [&](int depth, ordered_json::parse_event_t event, ordered_json& value) {
    if (depth > kMostNesting) {
      throw Error(place + ": want at most " + std::to_string(kMostNesting) + " levels, found more");
    }
    const bool is_key = event == ordered_json::parse_event_t::key;
    if ((is_key || event == ordered_json::parse_event_t::value) && value.is_string()) {
      const auto& string = value.get_ref<const std::string&>();
      const bool shown = is_key || depth > 1 || key != "config";
      if (shown && (string.size() > kMostCharacters || has_control_characters(string))) {
        throw Error(place + ": want short texts without control characters, found another");
      }
      if (is_key) key = string;
    }
    return true;
  };
  return ordered_json::parse(text, check);
}

std::int64_t integer(const ordered_json& document, const char* name, std::int64_t low, std::int64_t high) {
  const auto& value = document.at(name);
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    if (number >= low && number <= high) return number;
  }
  throw Error(std::string(name) + ": want a whole number from " + std::to_string(low) + " to " +
              std::to_string(high) + ", found another value");
}

ordered_json shape_json(const PolicyTensor& tensor, std::size_t record) {
  return {{"name", tensor.name},
          {"record", "data/" + std::to_string(record)},
          {"shape", tensor.shape},
          {"dtype", "f32"}};
}

/// What schema 1 said of its network, which was always an MLP, in the words of schema 2.
ordered_json first_network(const ordered_json& document) {
  ordered_json network = {{"kind", "mlp"}};
  for (const char* member : {"hidden", "activation"}) network[member] = document.at("network").at(member);
  for (const char* member : {"likelihood", "squash"}) network[member] = document.at(member);
  return network;
}

void want_listed(const ordered_json& listed, const std::vector<PolicyTensor>& tensors) {
  if (!listed.is_array() || listed.size() != tensors.size()) {
    throw Error("tensors: want a list of " + std::to_string(tensors.size()) + ", found another");
  }
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (listed[i] != shape_json(tensors[i], i)) {
      throw Error("tensors: want " + shape_json(tensors[i], i).dump() + " at place " + std::to_string(i) +
                  ", found another");
    }
  }
}

PolicyDescription describe(const ordered_json& document, const std::string& place) {
  PolicyDescription description;
  const auto text = [&](const char* name) { return document.at(name).get<std::string>(); };
  description.schema = static_cast<int>(integer(document, "schema", 0, 1'000'000));
  if (description.schema != 1 && description.schema != kSchema) {
    throw Error("schema: want 1 or " + std::to_string(kSchema) + ", found " +
                std::to_string(description.schema) +
                "; it was written by another version: update this program or train again");
  }
  const bool first = description.schema == 1;
  Policy& frame = description.frame;
  frame.environment_id = text("environment");
  frame.robot_sha256 = document.value("robot_sha256", "");
  frame.learner = text("learner");
  frame.observation = space_from_json(document.at("observation").dump(), place);
  frame.action = space_from_json(document.at("action").dump(), place);
  frame.config = text("config");
  frame.dataset_sha256 = text("dataset_sha256");
  frame.program_version = text("program_version");
  if (!first) {
    description.sha256 = text("sha256");
    frame.observation_history = static_cast<int>(integer(document, "observation_history", 1, 1'000'000));
    frame.planned_actions = static_cast<int>(integer(document, "planned_actions", 1, 1'000'000));
  }
  ordered_json network = first ? first_network(document) : document.at("network");
  description.kind = network.at("kind").get<std::string>();
  network.erase("kind");
  description.network = network.dump();

  description.tensors = wanted_tensors(frame, description.kind, description.network);
  if (!first) want_listed(document.at("tensors"), description.tensors);
  return description;
}

}  // namespace

std::string policy_to_json(const Policy& policy, const std::vector<PolicyTensor>& tensors,
                           const std::string& sha256) {
  try {
    ordered_json network = {{"kind", policy.network->kind()}};
    network.update(ordered_json::parse(policy.network->description()));
    ordered_json listed = ordered_json::array();
    for (std::size_t i = 0; i < tensors.size(); ++i) listed.push_back(shape_json(tensors[i], i));
    ordered_json document = {{"schema", kSchema},
                             {"sha256", sha256},
                             {"environment", policy.environment_id},
                             {"learner", policy.learner},
                             {"observation", ordered_json::parse(space_to_json(policy.observation))},
                             {"action", ordered_json::parse(space_to_json(policy.action))},
                             {"observation_history", policy.observation_history},
                             {"planned_actions", policy.planned_actions},
                             {"network", network},
                             {"tensors", listed},
                             {"config", policy.config},
                             {"dataset_sha256", policy.dataset_sha256},
                             {"program_version", policy.program_version}};
    if (!policy.robot_sha256.empty()) document["robot_sha256"] = policy.robot_sha256;
    return document.dump(2);
  } catch (const ordered_json::exception& error) {
    throw Error(std::string("policy: cannot be described: ") + error.what());
  }
}

PolicyDescription policy_from_json(const std::string& text, const std::string& place) {
  ordered_json document;
  try {
    document = parse(text, place);
  } catch (const ordered_json::exception&) {  // its line shows bytes of the file
    throw Error(place + ": damaged: cannot be read as JSON; copy the file again or train again");
  }
  return at_place(place, [&] {
    try {
      return describe(document, place);
    } catch (const ordered_json::exception& error) {
      throw Error(std::string("damaged: ") + error.what() + "; train the policy again");
    } catch (const UsageError& error) {  // an unknown name in the file is bad data, not a wrong option
      throw Error(error.what());
    }
  });
}

}  // namespace understudy
