#include "datasets/format/space_json.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "datasets/types/error.h"

namespace understudy {
namespace {

using Json = nlohmann::ordered_json;

Json box(const std::vector<float>& low, const std::vector<float>& high) {
  return {{"type", "Box"}, {"dtype", "float32"}, {"shape", {low.size()}}, {"low", low}, {"high", high}};
}

}  // namespace

std::string space_to_json(const Space& space) {
  Json fields = Json::array();
  for (const Field& field : space.fields()) {
    fields.push_back({{"name", field.name},
                      {"size", field.size},
                      {"unit", field.unit},
                      {"low", field.low},
                      {"high", field.high},
                      {"meaning", field.meaning}});
  }
  return fields.dump();
}

Space space_from_json(const std::string& text, const std::string& place) {
  try {
    std::vector<Field> fields;
    for (const auto& json : Json::parse(text)) {
      fields.push_back({.name = json.at("name").get<std::string>(),
                        .size = json.at("size").get<int>(),
                        .unit = json.at("unit").get<std::string>(),
                        .low = json.at("low").get<double>(),
                        .high = json.at("high").get<double>(),
                        .meaning = json.at("meaning").get<std::string>()});
    }
    return Space(std::move(fields));
  } catch (const nlohmann::json::exception& error) {
    throw Error(place + ": want a list of fields, found something else (" + error.what() + ")");
  } catch (const Error& error) {
    throw Error(place + ": " + error.what());
  }
}

std::string observation_space_to_minari(const Space& space) {
  Json subspaces = Json::object();
  for (const Field& field : space.fields()) {
    const auto entries = static_cast<std::size_t>(field.size);
    subspaces[field.name] = box(std::vector<float>(entries, static_cast<float>(field.low)),
                                std::vector<float>(entries, static_cast<float>(field.high)));
  }
  return Json{{"type", "Dict"}, {"subspaces", subspaces}}.dump();
}

std::string action_space_to_minari(const Space& space) {
  std::vector<float> low;
  std::vector<float> high;
  for (const Field& field : space.fields()) {
    low.insert(low.end(), static_cast<std::size_t>(field.size), static_cast<float>(field.low));
    high.insert(high.end(), static_cast<std::size_t>(field.size), static_cast<float>(field.high));
  }
  return box(low, high).dump();
}

}  // namespace understudy
