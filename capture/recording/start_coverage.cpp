#include "capture/recording/start_coverage.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr float kVaries = 1e-5F;  // deviation over the greatest size

double apart(ConstVectorRef a, ConstVectorRef b) {
  return std::sqrt(double{(a - b).squaredNorm()} / static_cast<double>(std::max<Eigen::Index>(a.size(), 1)));
}

/// "to_cube" and its second entry of three: "to cube y".
std::vector<std::string> spoken_names(const Space& space) {
  std::vector<std::string> names;
  for (const Field& field : space.fields()) {
    std::string name = field.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    for (int i = 0; i < field.size; ++i) {
      const bool axes = field.size == 2 || field.size == 3;
      names.push_back(field.size == 1 ? name : axes ? name + " " + "xyz"[i] : name + " " + std::to_string(i));
    }
  }
  return names;
}

}  // namespace

StartCoverage::StartCoverage(const Matrix& drawn, const Space& observation) {
  const Eigen::Index count = drawn.rows();
  if (count <= kReference || drawn.cols() != observation.size()) {
    throw Error("starts: want more than " + std::to_string(kReference) + " rows of " +
                std::to_string(observation.size()) + " entries, found " + std::to_string(count) + " of " +
                std::to_string(drawn.cols()));
  }
  const std::vector<std::string> names = spoken_names(observation);
  std::vector<float> scales;
  for (int entry = 0; entry < observation.size(); ++entry) {
    const Vector column = drawn.col(entry);
    const float deviation = std::sqrt((column.array() - column.mean()).square().mean());
    if (!(deviation > kVaries * std::max(1e-6F, column.cwiseAbs().maxCoeff()))) continue;
    entries_.push_back(entry);
    names_.push_back(names[static_cast<std::size_t>(entry)]);
    scales.push_back(1 / deviation);
  }
  const auto kept = static_cast<Eigen::Index>(entries_.size());
  scale_ = Eigen::Map<const Vector>(scales.data(), kept);
  drawn_.resize(count, kept);
  for (Eigen::Index row = 0; row < count; ++row)
    drawn_.row(row) = scaled(drawn.row(row).transpose()).transpose();

  thirds_.resize(kept, 2);
  for (Eigen::Index entry = 0; entry < kept; ++entry) {
    Vector values = drawn_.col(entry);
    std::sort(values.begin(), values.end());
    thirds_(entry, 0) = values[count / 3];
    thirds_(entry, 1) = values[2 * count / 3];
  }
  std::vector<double> usual;
  for (Eigen::Index row = 0; row < count; ++row) {
    double nearest = kInfinite;
    for (Eigen::Index other = 1; other <= kReference; ++other) {
      nearest = std::min(nearest,
                         apart(drawn_.row(row).transpose(), drawn_.row((row + other) % count).transpose()));
    }
    usual.push_back(nearest);
  }
  std::nth_element(usual.begin(), usual.begin() + count / 2, usual.end());
  reach_ = std::max(usual[static_cast<std::size_t>(count / 2)], 1e-9);
  nearest_.assign(static_cast<std::size_t>(count), kInfinite);
}

Vector StartCoverage::scaled(ConstVectorRef observation) const {
  Vector result(scale_.size());
  for (Eigen::Index i = 0; i < result.size(); ++i) {
    result[i] = scale_[i] * observation[entries_[static_cast<std::size_t>(i)]];
  }
  return result;
}

void StartCoverage::add(ConstVectorRef observation) {
  recorded_.push_back(scaled(observation));
  for (std::size_t i = 0; i < nearest_.size(); ++i) {
    nearest_[i] =
        std::min(nearest_[i], apart(drawn_.row(static_cast<Eigen::Index>(i)).transpose(), recorded_.back()));
  }
}

void StartCoverage::take_back() {
  if (recorded_.empty()) return;
  recorded_.pop_back();
  for (std::size_t i = 0; i < nearest_.size(); ++i) {
    nearest_[i] = kInfinite;
    for (const Vector& start : recorded_) {
      nearest_[i] = std::min(nearest_[i], apart(drawn_.row(static_cast<Eigen::Index>(i)).transpose(), start));
    }
  }
}

double StartCoverage::distance(ConstVectorRef observation) const {
  const Vector start = scaled(observation);
  double nearest = kInfinite;
  for (const Vector& other : recorded_) nearest = std::min(nearest, apart(start, other));
  return nearest / reach_;
}

double StartCoverage::share() const {
  const auto covered =
      std::count_if(nearest_.begin(), nearest_.end(), [this](double far) { return far <= reach_; });
  return static_cast<double>(covered) / static_cast<double>(nearest_.size());
}

std::string StartCoverage::missing() const {
  if (recorded() < kFewest) return "";
  int fewest = recorded();
  std::string place;
  for (Eigen::Index entry = 0; entry < drawn_.cols(); ++entry) {
    int counts[3] = {};
    for (const Vector& start : recorded_) {
      ++counts[(start[entry] >= thirds_(entry, 0) ? 1 : 0) + (start[entry] >= thirds_(entry, 1) ? 1 : 0)];
    }
    // An entry that mostly has one value, like a flag, has no thirds.
    if (!(thirds_(entry, 0) < thirds_(entry, 1))) continue;
    constexpr const char* kWords[] = {" is low", " is middling", " is high"};
    for (int third = 0; third < 3; ++third) {
      if (counts[third] >= fewest) continue;
      fewest = counts[third];
      place = names_[static_cast<std::size_t>(entry)] + kWords[third];
    }
  }
  if (6 * fewest >= recorded()) return "";
  return "few where " + place + " (" + std::to_string(fewest) + " of " + std::to_string(recorded()) + ")";
}

HudCoverage StartCoverage::look(ConstVectorRef observation) const {
  const double far = distance(observation);
  std::string here = "this start: the first";
  if (recorded() > 0) {
    char text[64];
    const char* word = far <= 1 ? "like one recorded" : far <= 2 ? "near one recorded" : "a new one";
    std::snprintf(text, sizeof text, "this start: %s (%.1f)", word, far);
    here = text;
  }
  return {.share = share(), .here = here, .missing = missing()};
}

}  // namespace understudy
