#include "tools/sweeps/sweep_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/toml.h"

namespace understudy::tools {
namespace {

constexpr std::size_t kMostConfigurations = 100'000;

[[noreturn]] void refuse(const TomlValue& value, const std::string& want, const std::string& found = "") {
  throw Error(value.place + ": " + value.path + ": want " + want + ", found " +
              (found.empty() ? value.found() : found));
}

template <class Choice>
Choice choice(const TomlValue& value, const std::vector<std::pair<const char*, Choice>>& known) {
  std::vector<std::string> names;
  for (const auto& [name, meaning] : known) {
    if (value.kind == TomlValue::Kind::kString && value.text == name) return meaning;
    names.emplace_back(name);
  }
  throw Error(value.place + ": " + unknown_name(value.path, value.text, names));
}

double number(const TomlValue& value) {
  if (value.kind != TomlValue::Kind::kInteger && value.kind != TomlValue::Kind::kFloat)
    refuse(value, "a number");
  return std::strtod(value.text.c_str(), nullptr);
}

int whole(const TomlValue& value, int low, int high) {
  const double given = value.kind == TomlValue::Kind::kInteger ? number(value) : NAN;
  if (!(given >= low && given <= high))
    refuse(value, "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
           value.text.empty() ? "" : value.text);
  return static_cast<int>(given);
}

std::vector<std::string> words(const TomlValue& value) {
  std::vector<std::string> list;
  for (const TomlValue& item : value.items) list.push_back(item.text);
  if (value.kind != TomlValue::Kind::kArray || list.empty()) refuse(value, "a list of at least one");
  return list;
}

SweepOption option(const TomlValue& table) {
  if (table.kind != TomlValue::Kind::kTable)
    refuse(table, "a table like { values = [...] } or { log_uniform = [low, high] }");
  SweepOption option{.name = table.key};
  bool given = false;
  for (const TomlValue& value : table.items) {
    if (value.key == "points") {
      option.points = whole(value, 2, 1000);
      continue;
    }
    using Kind = SweepOption::Kind;
    if (given) refuse(value, "one way to choose values", "a second one");
    given = true;
    if (value.key == "values") {
      option.values = words(value);
      continue;
    }
    if (value.key == "uniform") {
      option.kind = Kind::kUniform;
    } else if (value.key == "log_uniform") {
      option.kind = Kind::kLogUniform;
    } else if (value.key == "integer") {
      option.kind = Kind::kInteger;
    } else {
      throw Error(value.key_place + ": " +
                  unknown_name("key", value.key, {"values", "uniform", "log_uniform", "integer", "points"}));
    }
    if (value.items.size() != 2) refuse(value, "[low, high]");
    option.low = number(value.items[0]);
    option.high = number(value.items[1]);
    if (!(option.low < option.high))
      refuse(value, "the lower end first", "[" + value.items[0].text + ", " + value.items[1].text + "]");
    if (option.kind == Kind::kLogUniform && !(option.low > 0))
      refuse(value, "ends above 0, for it is drawn by its logarithm", value.items[0].text);
    if (option.kind == Kind::kInteger &&
        (option.low != std::floor(option.low) || option.high != std::floor(option.high)))
      refuse(value, "whole ends", "[" + value.items[0].text + ", " + value.items[1].text + "]");
  }
  if (!given) refuse(table, "values, uniform, log_uniform or integer", "none of them");
  return option;
}

SweepBudget budget(const TomlValue& table) {
  SweepBudget budget;
  if (table.kind != TomlValue::Kind::kTable) refuse(table, "a table");
  for (const TomlValue& value : table.items) {
    if (value.key == "option") {
      budget.option =
          choice<std::string>(value, {{"steps", "steps"}, {"epochs", "epochs"}, {"rounds", "rounds"}});
    } else if (value.key == "least") {
      budget.least = whole(value, 1, 2'000'000'000);
    } else if (value.key == "most") {
      budget.most = whole(value, 1, 2'000'000'000);
    } else if (value.key == "factor") {
      budget.factor = whole(value, 2, 100);
    } else {
      throw Error(value.key_place + ": " +
                  unknown_name("key", value.key, {"option", "least", "most", "factor"}));
    }
  }
  if (budget.option.empty() || budget.least == 0 || budget.most <= budget.least)
    refuse(table, "option, least and a greater most", "not all of them");
  return budget;
}

/// Whether the command has `--name`, with its value or before it.
bool says(const std::vector<std::string>& command, const std::string& name) {
  return std::any_of(command.begin(), command.end(), [&](const std::string& word) {
    return word == "--" + name || word.starts_with("--" + name + "=");
  });
}

std::string text_of(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

/// `share` in [0, 1] of the way from low to high.
std::string value_at(const SweepOption& option, double share) {
  switch (option.kind) {
    case SweepOption::Kind::kValues:
      break;
    case SweepOption::Kind::kInteger:
      return std::to_string(std::llround(option.low + share * (option.high - option.low)));
    case SweepOption::Kind::kUniform:
      return text_of(option.low + share * (option.high - option.low));
    case SweepOption::Kind::kLogUniform:
      return text_of(option.low * std::pow(option.high / option.low, share));
  }
  return option
      .values[static_cast<std::size_t>(std::lround(share * static_cast<double>(option.values.size() - 1)))];
}

std::string drawn(const SweepOption& option, Rng& rng) {
  if (option.kind == SweepOption::Kind::kValues) return option.values[rng.below(option.values.size())];
  if (option.kind == SweepOption::Kind::kInteger) {
    const auto width = static_cast<std::uint64_t>(option.high - option.low) + 1;
    return std::to_string(static_cast<std::int64_t>(option.low) +
                          static_cast<std::int64_t>(rng.below(width)));
  }
  return value_at(option, rng.uniform());
}

void check(const SweepPlan& plan, const std::string& place) {
  const auto want = [&](bool holds, const std::string& line) {
    if (!holds) throw Error(place + ": " + line);
  };
  want(plan.command.size() >= 2 && plan.command[0] == "train",
       "command: want [\"train\", LEARNER, ...], found " +
           (plan.command.empty() ? "none" : "'" + plan.command[0] + "'"));
  want(!plan.options.empty() || plan.seeds.size() > 1,
       "options: want at least one option that varies, or several seeds, found neither");
  for (const char* name : {"out", "seed", "force", "config"})
    want(!says(plan.command, name),
         std::string("command: want no --") + name + ", which is the sweep's to say");
  for (const SweepOption& option : plan.options) {
    for (const char* name : {"out", "seed", "force", "config"})
      want(option.name != name, "options." + option.name + ": is the sweep's to say" +
                                    (option.name == "seed" ? "; seeds = [...] lists them" : ""));
    want(!says(plan.command, option.name),
         "options." + option.name + ": want it there or in the command, found it in both");
    want(plan.method != SweepMethod::kGrid || option.kind == SweepOption::Kind::kValues || option.points > 0,
         "options." + option.name + ": want points = N for a grid of this range, found none");
  }
  if (plan.method == SweepMethod::kGrid) return;
  want(plan.trials > 0, "trials: want how many configurations to draw, found none");
  if (plan.method != SweepMethod::kHalving) return;
  want(!plan.budget.option.empty(), "budget: want option, least and most for halving, found none");
  want(!says(plan.command, plan.budget.option),
       "command: want no --" + plan.budget.option + ", which is the budget's to say");
}

}  // namespace

std::string metric_name(SweepMetric metric) {
  return metric == SweepMetric::kSuccess ? "success" : metric == SweepMetric::kReturn ? "return" : "distance";
}

SweepPlan read_sweep(const std::filesystem::path& file) {
  std::string text;
  try {
    text = read_file(file);
  } catch (const SystemError& error) {
    throw UsageError(std::string(error.what()) + "; check the path");
  }
  return parse_sweep(text, file.string());
}

SweepPlan parse_sweep(const std::string& content, const std::string& place) {
  SweepPlan plan;
  for (const TomlValue& value : parse_toml(content, place)) {
    if (value.key == "command") {
      plan.command = words(value);
    } else if (value.key == "method") {
      plan.method = choice<SweepMethod>(value, {{"grid", SweepMethod::kGrid},
                                                {"random", SweepMethod::kRandom},
                                                {"halving", SweepMethod::kHalving}});
    } else if (value.key == "metric") {
      plan.metric = choice<SweepMetric>(value, {{"success", SweepMetric::kSuccess},
                                                {"return", SweepMetric::kReturn},
                                                {"distance", SweepMetric::kDistance}});
    } else if (value.key == "seeds") {
      words(value);  // complains
      plan.seeds.clear();
      for (const TomlValue& item : value.items)
        plan.seeds.push_back(static_cast<std::uint64_t>(whole(item, 0, 9999)));
    } else if (value.key == "trials") {
      plan.trials = whole(value, 1, 10'000);
    } else if (value.key == "draw_seed") {
      plan.draw_seed = static_cast<std::uint64_t>(whole(value, 0, 2'000'000'000));
    } else if (value.key == "jobs") {
      plan.jobs = whole(value, 1, 1024);
    } else if (value.key == "budget") {
      plan.budget = budget(value);
    } else if (value.key == "options") {
      if (value.kind != TomlValue::Kind::kTable) refuse(value, "a table of options");
      for (const TomlValue& each : value.items) plan.options.push_back(option(each));
    } else {
      throw Error(value.key_place + ": " +
                  unknown_name("key", value.key,
                               {"command", "method", "metric", "seeds", "trials", "draw_seed", "jobs",
                                "budget", "options"}));
    }
  }
  check(plan, place);
  return plan;
}

std::vector<Configuration> configurations(const SweepPlan& plan) {
  std::vector<Configuration> list;
  std::set<Configuration> seen;
  const auto add = [&](const Configuration& each) {
    if (seen.insert(each).second) list.push_back(each);
  };
  if (plan.method != SweepMethod::kGrid) {
    Rng rng(plan.draw_seed);
    // Of few values there may be fewer combinations than were asked for.
    for (int i = 0; static_cast<int>(list.size()) < plan.trials && i < 100 * plan.trials; ++i) {
      Configuration each;
      for (const SweepOption& option : plan.options) each.push_back(drawn(option, rng));
      add(each);
    }
    return list;
  }
  std::vector<Configuration> partial{{}};
  for (const SweepOption& option : plan.options) {
    const std::size_t count = option.kind == SweepOption::Kind::kValues
                                  ? option.values.size()
                                  : static_cast<std::size_t>(option.points);
    std::vector<Configuration> longer;
    if (partial.size() * count > kMostConfigurations)
      throw Error("options: want at most " + std::to_string(kMostConfigurations) +
                  " combinations, found more; draw some with method = \"random\"");
    for (const Configuration& each : partial) {
      for (std::size_t i = 0; i < count; ++i) {
        longer.push_back(each);
        longer.back().push_back(
            count == 1 ? value_at(option, 0)
                       : value_at(option, static_cast<double>(i) / static_cast<double>(count - 1)));
      }
    }
    partial = std::move(longer);
  }
  for (const Configuration& each : partial) add(each);
  return list;
}

std::vector<std::optional<int>> budgets(const SweepPlan& plan) {
  if (plan.method != SweepMethod::kHalving) return {std::nullopt};
  std::vector<std::optional<int>> list;
  for (std::int64_t each = plan.budget.least; each < plan.budget.most; each *= plan.budget.factor)
    list.emplace_back(static_cast<int>(each));
  list.emplace_back(plan.budget.most);
  return list;
}

}  // namespace understudy::tools
