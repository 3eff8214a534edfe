#pragma once
/// \file Named numbers for the terminal, CSV and TensorBoard.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace understudy {

/// In the order in which they were set. A part of a run reports the same names every time; NaN where it has
/// nothing to say yet.
class Metrics {
 public:
  void set(std::string name, double value) { values_.emplace_back(std::move(name), value); }
  /// With the tag of its events for TensorBoard; empty: it has none.
  void set(const std::string& name, double value, std::string tag) {
    tags_[name] = std::move(tag);
    set(name, value);
  }
  const std::vector<std::pair<std::string, double>>& values() const { return values_; }
  /// Where none was set "rollout/NAME" for names that begin with "eval_", "train/NAME" for others.
  std::string tag(const std::string& name) const {
    if (const auto tag = tags_.find(name); tag != tags_.end()) return tag->second;
    return (name.rfind("eval_", 0) == 0 ? "rollout/" : "train/") + name;
  }

 private:
  std::vector<std::pair<std::string, double>> values_;
  std::map<std::string, std::string> tags_;
};

/// A mean that is taken and begun again. NaN of nothing.
class RunningMean {
 public:
  void add(double value) {
    sum_ += value;
    ++count_;
  }
  double take() {
    const double mean = sum_ / count_;
    sum_ = 0;
    count_ = 0;
    return mean;
  }
  template <class Archive>
  void serialise(Archive& archive) {
    archive("mean sum", sum_);
    archive("mean count", count_);
  }

 private:
  double sum_ = 0;
  double count_ = 0;
};

}  // namespace understudy
