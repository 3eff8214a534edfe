#include "datasets/format/space_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

using Json = nlohmann::ordered_json;

Json box(const std::vector<float>& low, const std::vector<float>& high) {
  return {{"type", "Box"}, {"dtype", "float32"}, {"shape", {low.size()}}, {"low", low}, {"high", high}};
}

constexpr std::size_t kMostFields = 10'000;

/// Entries of a field; more than any task has would overflow their sum.
int size_of(const Json& size) {
  constexpr std::int64_t kMost = 100'000;
  if (size.is_number_integer()) {
    const auto number = size.get<std::int64_t>();
    if (number >= 1 && number <= kMost) return static_cast<int>(number);
  }
  throw Error("field size: want a whole number from 1 to " + std::to_string(kMost) + ", found another value");
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
    const auto list = parsed_json<Json>(text);
    if (list.size() > kMostFields) throw Error("want at most 10000 fields, found more");
    for (const auto& json : list) {
      fields.push_back({.name = json.at("name").get<std::string>(),
                        .size = size_of(json.at("size")),
                        .unit = json.at("unit").get<std::string>(),
                        .low = json.at("low").get<double>(),
                        .high = json.at("high").get<double>(),
                        .meaning = json.at("meaning").get<std::string>()});
    }
    return Space(std::move(fields));
  } catch (const nlohmann::json::exception& error) {
    throw Error(place + ": want a list of fields, found something else (" + reason_of(error) + ")");
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
