#include "datasets/curation/field_statistics.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "datasets/curation/entry_moments.h"
#include "datasets/types/rng.h"

namespace understudy {
namespace {

constexpr double kLimitMargin = 5e-4;  // of the range
constexpr double kUnbounded = 1e29;

/// Every entry's field, observations first.
std::vector<const Field*> entry_fields(const DatasetHeader& header) {
  std::vector<const Field*> fields;
  for (const Space* space : {&header.observation, &header.action}) {
    for (const Field& field : space->fields())
      fields.insert(fields.end(), static_cast<std::size_t>(field.size), &field);
  }
  return fields;
}

/// Each of so many rows is kept with the same probability: algorithm R (Vitter 1985).
class RowSample {
 public:
  RowSample(Eigen::Index entries, std::uint64_t seed) : rows_(0, entries), rng_(seed) {}

  template <class Row>
  void add(const Row& row) {
    const auto place = count_ < kMostSampled
                           ? static_cast<Eigen::Index>(count_)
                           : static_cast<Eigen::Index>(rng_.below(static_cast<std::uint64_t>(count_) + 1));
    ++count_;
    if (place >= kMostSampled) return;
    if (place >= rows_.rows())
      rows_.conservativeResize(
          std::min<Eigen::Index>(kMostSampled, std::max<Eigen::Index>(256, 2 * rows_.rows())),
          Eigen::NoChange);
    rows_.row(place) = row;
  }
  Matrix take() {
    rows_.conservativeResize(static_cast<Eigen::Index>(std::min<std::int64_t>(count_, kMostSampled)),
                             Eigen::NoChange);
    return std::move(rows_);
  }

 private:
  Matrix rows_;
  std::int64_t count_ = 0;
  Rng rng_;
};

}  // namespace

std::vector<std::string> entry_names(const DatasetHeader& header) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& prefix, const Space& space) {
    for (const Field& field : space.fields()) {
      for (int i = 0; i < field.size; ++i)
        names.push_back(prefix + field.name + (field.size > 1 ? "[" + std::to_string(i) + "]" : ""));
    }
  };
  add("obs/", header.observation);
  add("action/", header.action);
  return names;
}

FieldStatistics field_statistics(const DemonstrationReader& reader, const FieldStatisticsOptions& options) {
  const DatasetHeader& header = reader.header();
  const std::vector<const Field*> fields = entry_fields(header);
  const std::vector<std::string> names = entry_names(header);
  const auto entries = static_cast<Eigen::Index>(fields.size());
  Eigen::ArrayXf low(entries), high(entries);
  for (Eigen::Index i = 0; i < entries; ++i) {
    const Field& field = *fields[static_cast<std::size_t>(i)];
    const double width = field.high - field.low;
    const bool bounded = width < kUnbounded;
    low(i) = bounded ? static_cast<float>(field.low + kLimitMargin * width) : -INFINITY;
    high(i) = bounded ? static_cast<float>(field.high - kLimitMargin * width) : INFINITY;
  }
  EntryMoments moments(entries);
  RowSample sample(entries, options.seed);
  Eigen::ArrayXd at_limit = Eigen::ArrayXd::Zero(entries), idle = at_limit;
  std::int64_t changes = 0;
  for (std::size_t i = 0; i < options.episodes.size(); ++i) {
    const Episode episode = reader.read(options.episodes[i], {.states = false, .info = false});
    Matrix rows(episode.length(), entries);
    rows << episode.observations.topRows(episode.length()), episode.actions;
    moments.add(rows);
    for (Eigen::Index t = 0; t < rows.rows(); ++t) {
      const Eigen::ArrayXf row = rows.row(t).transpose().array();
      at_limit += (row <= low || row >= high).cast<double>();
      if (t > 0) idle += (row == rows.row(t - 1).transpose().array()).cast<double>();
      sample.add(rows.row(t));
    }
    changes += std::max<std::int64_t>(0, rows.rows() - 1);
    if (options.progress)
      options.progress(static_cast<int>(i) + 1, static_cast<int>(options.episodes.size()));
  }
  FieldStatistics result{.steps = moments.count(), .entries = {}, .sample = sample.take()};
  if (result.steps == 0) return result;
  const Eigen::VectorXd deviation = moments.deviation();
  for (Eigen::Index i = 0; i < entries; ++i) {
    EntryStatistics entry{.name = names[static_cast<std::size_t>(i)],
                          .unit = fields[static_cast<std::size_t>(i)]->unit,
                          .low = moments.low()(i),
                          .mean = moments.mean()(i),
                          .high = moments.high()(i),
                          .deviation = deviation(i),
                          .at_limit = at_limit(i) / static_cast<double>(result.steps),
                          .idle = changes == 0 ? 0 : idle(i) / static_cast<double>(changes)};
    Eigen::VectorXf column = result.sample.col(i);
    std::sort(column.begin(), column.end());
    for (std::size_t q = 0; q < kQuantiles.size(); ++q) {
      entry.quantiles[q] =
          static_cast<double>(column(std::lround(kQuantiles[q] * static_cast<double>(column.size() - 1))));
    }
    result.entries.push_back(std::move(entry));
  }
  return result;
}

}  // namespace understudy
