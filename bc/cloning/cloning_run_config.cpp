#include "bc/cloning/cloning_run_config.h"

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "bc/networks/mlp_device.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

/// One entry per option of `train bc`, under the option's own name.
ordered_json options_of(const CloningRunConfig& config) {
  const CloningConfig& c = config.cloning;
  ordered_json options{{"data", config.data},
                       {"env", config.environment},
                       {"out", config.out},
                       {"seed", c.seed},
                       {"hidden", hidden_text(c.hidden)},
                       {"activation", activation_name(c.activation)},
                       {"likelihood", likelihood_name(c.likelihood)},
                       {"linear-output", !c.squash},
                       {"no-normalise", !c.normalise},
                       {"learning-rate", c.learning_rate},
                       {"final-learning-rate", c.final_learning_rate},
                       {"weight-decay", c.weight_decay},
                       {"observation-noise", c.observation_noise},
                       {"batch", c.batch},
                       {"epochs", c.epochs},
                       {"epoch-updates", c.epoch_updates},
                       {"all-episodes", !config.demonstrations.successful_only},
                       {"episodes", config.demonstrations.episodes},
                       {"subsample", config.demonstrations.subsample},
                       {"validation", config.demonstrations.validation_share},
                       {"eval-every", config.evaluate_every},
                       {"eval-episodes", config.evaluation_episodes},
                       {"candidates", config.candidates},
                       {"final-episodes", config.final_episodes},
                       {"threads", config.threads},
                       {"blas-threads", config.blas_threads}};
  if (config.device != "cpu") options["device"] = config.device;
  if (!config.randomise.empty()) options["randomise"] = config.randomise;
  return options;
}

/// Shortest text that reads back as the same number.
std::string number_text(double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

std::string string_text(const std::string& value) {
  // A literal string where a basic one would need escapes, which not every reader of TOML undoes.
  const char quote = value.find_first_of("\"\\") == std::string::npos ? '"' : '\'';
  return quote + value + quote;
}

std::string toml(const ordered_json& options) {
  std::string text;
  for (const auto& [name, value] : options.items()) {
    text += name;
    text += " = ";
    if (value.is_string()) {
      text += string_text(value.get<std::string>());
    } else if (value.is_number_float()) {
      text += number_text(value.get<double>());
    } else {
      text += value.dump();
    }
    text += '\n';
  }
  return text;
}

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

void want_range(const char* option, int value, int low, int high) {
  if (value >= low && value <= high) return;
  throw UsageError(std::string(option) + ": want a number from " + std::to_string(low) + " to " +
                   std::to_string(high) + ", found " + std::to_string(value));
}

}  // namespace

void validate(const CloningRunConfig& config) {
  if (config.data.empty()) throw UsageError("data: want the file of demonstrations, found nothing");
  if (config.environment.empty()) throw UsageError("env: want a task, found nothing (see: understudy envs)");
  if (config.out.empty()) throw UsageError("out: want the run directory to make, found nothing");
  validate(config.cloning);
  validate(config.demonstrations);
  if (config.cloning.seed > 9999)
    throw UsageError("seed: want a number from 0 to 9999, found " + std::to_string(config.cloning.seed));
  want_range("eval-every", config.evaluate_every, 1, 1'000'000'000);
  want_range("eval-episodes", config.evaluation_episodes, 1, 10'000);
  want_range("candidates", config.candidates, 1, 1000);
  want_range("final-episodes", config.final_episodes, 1, 50'000);
  want_range("threads", config.threads, 0, 1024);
  want_range("blas-threads", config.blas_threads, 1, 1024);
  make_mlp_device(config.device);
}

std::string hidden_text(const std::vector<int>& widths) {
  std::string text;
  for (const int width : widths) {
    if (!text.empty()) text += ',';
    text += std::to_string(width);
  }
  return text.empty() ? "none" : text;
}

std::vector<int> parse_hidden(const std::string& text) {
  std::vector<int> widths;
  if (text == "none") return widths;
  const char* next = text.data();
  const char* const end = next + text.size();
  while (true) {
    int width = 0;
    const auto [after, error] = std::from_chars(next, end, width);
    if (error != std::errc() || (after != end && *after != ',')) {
      throw UsageError("hidden: want widths like 256,256 or 'none', found '" + text + "'");
    }
    widths.push_back(width);
    if (after == end) return widths;
    next = after + 1;
  }
}

std::string to_toml(const CloningRunConfig& config) {
  return toml(options_of(config));
}

std::string to_policy_toml(const CloningRunConfig& config) {
  ordered_json options = options_of(config);
  options.erase("out");
  options.erase("threads");
  for (const char* file : {"data", "randomise"}) {
    if (options.contains(file)) options[file] = file_name(options[file].get<std::string>());
  }
  return toml(options);
}

std::string to_json(const CloningRunConfig& config) {
  ordered_json options = options_of(config);
  if (!config.randomisation.empty()) options["randomisation"] = config.randomisation;
  return options.dump(2);
}

CloningRunConfig run_config_from_json(const std::string& text, const std::string& place) {
  CloningRunConfig config;
  CloningConfig& c = config.cloning;
  try {
    const auto options = ordered_json::parse(text);
    const auto read = [&](const char* name, auto& value) { options.at(name).get_to(value); };
    const auto text_of = [&](const char* name) { return options.at(name).get<std::string>(); };
    read("data", config.data);
    read("env", config.environment);
    read("out", config.out);
    read("seed", c.seed);
    c.hidden = parse_hidden(text_of("hidden"));
    c.activation = parse_activation(text_of("activation"));
    c.likelihood = parse_likelihood(text_of("likelihood"));
    c.squash = !options.at("linear-output").get<bool>();
    c.normalise = !options.at("no-normalise").get<bool>();
    read("learning-rate", c.learning_rate);
    read("final-learning-rate", c.final_learning_rate);
    read("weight-decay", c.weight_decay);
    read("observation-noise", c.observation_noise);
    read("batch", c.batch);
    read("epochs", c.epochs);
    read("epoch-updates", c.epoch_updates);
    config.demonstrations.successful_only = !options.at("all-episodes").get<bool>();
    read("episodes", config.demonstrations.episodes);
    read("subsample", config.demonstrations.subsample);
    read("validation", config.demonstrations.validation_share);
    read("eval-every", config.evaluate_every);
    read("eval-episodes", config.evaluation_episodes);
    read("candidates", config.candidates);
    read("final-episodes", config.final_episodes);
    read("threads", config.threads);
    read("blas-threads", config.blas_threads);
    config.device = options.value("device", "cpu");
    config.randomise = options.value("randomise", "");
    config.randomisation = options.value("randomisation", "");
  } catch (const ordered_json::exception& error) {
    throw Error(place + ": options of the run cannot be read: " + error.what());
  }
  return config;
}

}  // namespace understudy
