#include "bc/adaptation/adaptation_config.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

/// Calls `with(name, field, least, most)` for every number of a config.
template <class Config, class With>
void each_field(Config& config, const With& with) {
  with("steps", config.steps, 1, 10000000);
  with("batch", config.batch, 1, 256);
  with("learning_rate", config.learning_rate, 1e-12, 1);
  with("beta1", config.beta1, 0, 0.999);
  with("weight_decay", config.weight_decay, 0, 1);
  for (auto& [name, field] : {std::pair{"cycle", &config.cycle},
                              {"identity", &config.identity},
                              {"perception", &config.perception},
                              {"content", &config.content},
                              {"mask", &config.mask},
                              {"features", &config.features},
                              {"task", &config.task}})
    with(name, *field, 0, 1e6);
  with("pool", config.pool, 0, 100000);
  with("detector_steps", config.detector_steps, 1, 1000000);
  with("every", config.every, 1, 1000000);
}

}  // namespace

const std::vector<std::string>& adaptation_methods() {
  static const std::vector<std::string> names{"cyclegan", "retinagan", "graspgan"};
  return names;
}

AdaptationConfig default_adaptation(AdaptationMethod method) {
  AdaptationConfig config;
  config.method = method;
  if (method == AdaptationMethod::kRetinaGan) {
    config.learning_rate = 1e-4;
    config.beta1 = 0.1;
    config.weight_decay = 7e-5;
    config.identity = 0;
    config.perception = 0.1;
  }
  return config;
}

void validate(const AdaptationConfig& config) {
  each_field(config, [](const char* name, auto value, double least, double most) {
    const auto number = static_cast<double>(value);
    if (number >= least && number <= most) return;
    nlohmann::json found = number;
    throw UsageError(std::string(name) + ": want " + nlohmann::json(least).dump() + " to " +
                     nlohmann::json(most).dump() + ", found " + found.dump());
  });
}

std::string to_json(const AdaptationConfig& config) {
  nlohmann::ordered_json json{{"method", adaptation_methods()[static_cast<std::size_t>(config.method)]}};
  each_field(config, [&](const char* name, auto value, double, double) { json[name] = value; });
  return json.dump();
}

AdaptationConfig adaptation_from_json(const std::string& text, const std::string& place) {
  try {
    const auto json = parsed_json(text);
    AdaptationConfig config;
    const auto& names = adaptation_methods();
    const auto method = std::find(names.begin(), names.end(), json.at("method").get<std::string>());
    if (method == names.end()) throw Error(place + ": want a method of adaptation, found another");
    config.method = static_cast<AdaptationMethod>(method - names.begin());
    each_field(config, [&](const char* name, auto& value, double, double) { json.at(name).get_to(value); });
    validate(config);
    return config;
  } catch (const nlohmann::json::exception& error) {
    throw Error(place + ": want the settings of an adaptation, found something else (" + reason_of(error) +
                ")");
  } catch (const UsageError& error) {
    throw Error(place + ": " + error.what());
  }
}

}  // namespace understudy
