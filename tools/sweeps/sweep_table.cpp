#include "tools/sweeps/sweep_table.h"

#include <algorithm>
#include <cstdio>

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

std::optional<SweepFigure> figure_of(const std::vector<ordered_json>& results, const char* value,
                                     const char* interval) {
  std::vector<double> values;
  const ordered_json* last = nullptr;
  for (const ordered_json& result : results) {
    if (!result.contains(value) || !result.at(value).is_number()) continue;
    values.push_back(result.at(value).get<double>());
    last = &result;
  }
  if (values.empty()) return std::nullopt;
  if (values.size() > 1) {
    const InterquartileMean middle = interquartile_mean(values);
    return SweepFigure{middle.value, middle.interval};
  }
  SweepFigure single{values[0], {values[0], values[0]}};
  if (last->contains(interval) && last->at(interval).size() == 2)
    single.interval = {last->at(interval)[0].get<double>(), last->at(interval)[1].get<double>()};
  return single;
}

std::string printed(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\n") == std::string::npos) return cell;
  std::string text = "\"";
  for (const char c : cell) text.append(c == '"' ? "\"\"" : std::string(1, c));
  return text + "\"";
}

}  // namespace

const std::optional<SweepFigure>& SweepRow::figure(SweepMetric metric) const {
  return metric == SweepMetric::kSuccess  ? success
         : metric == SweepMetric::kReturn ? episode_return
                                          : distance;
}

SweepRow sweep_row(const Configuration& configuration, std::optional<int> budget,
                   const std::vector<SweepTask>& tasks) {
  std::vector<ordered_json> results;
  for (const SweepTask& task : tasks) {
    if (auto result = result_of(task)) results.push_back(std::move(*result));
  }
  return {.configuration = configuration,
          .budget = budget,
          .seeds = static_cast<int>(results.size()),
          .success = figure_of(results, "success_rate", "success_interval"),
          .episode_return = figure_of(results, "mean_return", "return_interval"),
          .distance = figure_of(results, "distance", "")};
}

void sort_rows(std::vector<SweepRow>& rows, SweepMetric metric) {
  std::stable_sort(rows.begin(), rows.end(), [metric](const SweepRow& a, const SweepRow& b) {
    if (a.budget != b.budget) return a.budget > b.budget;
    const auto& x = a.figure(metric);
    const auto& y = b.figure(metric);
    if (!x || !y) return x.has_value() && !y.has_value();
    return metric == SweepMetric::kDistance ? x->value < y->value : x->value > y->value;
  });
}

std::string table_csv(const SweepPlan& plan, const std::vector<SweepRow>& rows) {
  std::string text = "rank";
  for (const SweepOption& option : plan.options) text += "," + quoted(option.name);
  if (!plan.budget.option.empty()) text += "," + plan.budget.option;
  text +=
      ",seeds,success,success_low,success_high,return,return_low,return_high,distance,distance_low,distance_"
      "high\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const SweepRow& row = rows[i];
    text += std::to_string(i + 1);
    for (const std::string& value : row.configuration) text += "," + quoted(value);
    if (row.budget) text += "," + std::to_string(*row.budget);
    text += "," + std::to_string(row.seeds);
    for (const auto* figure : {&row.success, &row.episode_return, &row.distance}) {
      if (*figure) {
        text += "," + printed((*figure)->value) + "," + printed((*figure)->interval.low) + "," +
                printed((*figure)->interval.high);
      } else {
        text += ",,,";
      }
    }
    text += "\n";
  }
  return text;
}

void print_table(const SweepPlan& plan, const std::vector<SweepRow>& rows, std::size_t most) {
  std::vector<std::vector<std::string>> lines{{"rank"}};
  for (const SweepOption& option : plan.options) lines[0].push_back(option.name);
  if (!plan.budget.option.empty()) lines[0].push_back(plan.budget.option);
  for (const char* head : {"seeds", "success %", "return"}) lines[0].emplace_back(head);
  const bool distance =
      std::any_of(rows.begin(), rows.end(), [](const SweepRow& row) { return row.distance.has_value(); });
  if (distance) lines[0].emplace_back("W1");
  const auto figure = [](const std::optional<SweepFigure>& value, double scale, const char* format) {
    if (!value) return std::string("-");
    char text[96];
    std::snprintf(text, sizeof text, format, scale * value->value, scale * value->interval.low,
                  scale * value->interval.high);
    return std::string(text);
  };
  for (std::size_t i = 0; i < std::min(most, rows.size()); ++i) {
    const SweepRow& row = rows[i];
    std::vector<std::string> line{std::to_string(i + 1)};
    line.insert(line.end(), row.configuration.begin(), row.configuration.end());
    if (!plan.budget.option.empty()) line.push_back(row.budget ? std::to_string(*row.budget) : "");
    line.push_back(std::to_string(row.seeds));
    line.push_back(figure(row.success, 100, "%.1f [%.1f, %.1f]"));
    line.push_back(figure(row.episode_return, 1, "%.2f [%.2f, %.2f]"));
    if (distance) line.push_back(figure(row.distance, 1, "%.3f [%.3f, %.3f]"));
    lines.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(lines[0].size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i)
      text += line[i] + (i + 1 < line.size() ? std::string(widths[i] - line[i].size() + 2, ' ') : "");
    std::printf("%s\n", text.c_str());
  }
  if (rows.size() > most) std::printf("and %zu more in table.csv\n", rows.size() - most);
}

}  // namespace understudy::tools
