#include "bc/cloning/window_data.h"

#include <algorithm>

#include "datasets/types/error.h"

namespace understudy {

WindowData::WindowData(const CloningPairs& pairs, const SequenceDesign& design)
    : pairs_(&pairs),
      window_(design.window),
      before_(design.before),
      targets_(design.targets),
      first_target_(design.first_target),
      pads_count_(design.pads_count) {
  int row = 0;
  for (const int length : pairs.lengths) {
    first_.insert(first_.end(), static_cast<std::size_t>(length), row);
    row += length;
    last_.insert(last_.end(), static_cast<std::size_t>(length), row - 1);
  }
  if (row != pairs.actions.rows()) {
    throw Error("cloning data: want the lengths of all episodes, found " + std::to_string(row) +
                " steps of " + std::to_string(pairs.actions.rows()));
  }
}

float WindowData::weight(int row, int step) const {
  const auto index = static_cast<std::size_t>(row);
  if (step < first_[index] || (step > last_[index] && !pads_count_)) return 0;
  const int real = std::min(step, last_[index]);
  return pairs_->weights.empty() ? 1 : pairs_->weights[static_cast<std::size_t>(real)];
}

bool WindowData::has_label(int row) const {
  for (int k = 0; k < targets_; ++k) {
    if (weight(row, row - before_ + first_target_ + k) > 0) return true;
  }
  return false;
}

void WindowData::gather(const int* rows, int count, WindowBatch& batch) const {
  const Eigen::Index obs_dim = pairs_->observations.cols(), act_dim = pairs_->actions.cols();
  const auto size = static_cast<std::size_t>(count);
  batch.observations.resize(size * static_cast<std::size_t>(window_ * obs_dim));
  batch.actions.resize(size * static_cast<std::size_t>(targets_ * act_dim));
  batch.weights.resize(size * static_cast<std::size_t>(targets_));
  float* observation = batch.observations.data();
  float* action = batch.actions.data();
  float* target_weight = batch.weights.data();
  for (int i = 0; i < count; ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    const int first = first_[row], last = last_[row], start = rows[i] - before_;
    for (int k = start; k < start + window_; ++k, observation += obs_dim) {
      std::copy_n(&pairs_->observations.coeffRef(std::clamp(k, first, last), 0), obs_dim, observation);
    }
    for (int k = start + first_target_; k < start + first_target_ + targets_; ++k, action += act_dim) {
      if (k < first) {
        std::fill_n(action, act_dim, 0.0F);
      } else {
        std::copy_n(&pairs_->actions.coeffRef(std::min(k, last), 0), act_dim, action);
      }
      *target_weight++ = weight(rows[i], k);
    }
  }
}

std::vector<int> WindowData::observation_rows(const int* rows, int count) const {
  std::vector<int> all;
  all.reserve(static_cast<std::size_t>(count * window_));
  for (int i = 0; i < count; ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    for (int k = rows[i] - before_; k < rows[i] - before_ + window_; ++k)
      all.push_back(std::clamp(k, first_[row], last_[row]));
  }
  return all;
}

}  // namespace understudy
