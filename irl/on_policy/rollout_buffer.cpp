#include "irl/on_policy/rollout_buffer.h"

#include <algorithm>
#include <limits>
#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

template <class Row>
float* put(float* to, const Row& row) {
  for (Eigen::Index i = 0; i < row.size(); ++i) *to++ = row(i);
  return to;
}

template <class Row>
const float* get(const float* from, Row row) {
  for (Eigen::Index i = 0; i < row.size(); ++i) row(i) = *from++;
  return from;
}

}  // namespace

float* RolloutBuffer::Queue::push() {
  if (first + count == rows.rows()) {
    if (2 * first >= rows.rows() && first > 0) {  // room enough once those that left are overwritten
      rows.topRows(count) = rows.middleRows(first, count).eval();
    } else {
      Matrix larger(std::max<Eigen::Index>(2 * rows.rows(), 64), rows.cols());
      larger.topRows(count) = rows.middleRows(first, count);
      rows.swap(larger);
    }
    first = 0;
  }
  return rows.row(first + count++).data();
}

void RolloutBuffer::Queue::pop() {
  ++first;
  if (--count == 0) first = 0;
}

void RolloutBuffer::Queue::serialise(Archive& archive) {
  const Eigen::Index width = rows.cols();
  Matrix held = rows.middleRows(first, count);
  archive("rollout rows", held);
  archive.want_range(held.rows(), 0, std::numeric_limits<int>::max());
  archive.want_shape(held, held.rows(), width);
  if (!archive.loading()) return;
  count = static_cast<int>(held.rows());
  first = 0;
  rows.swap(held);
}

RolloutBuffer::RolloutBuffer(const Shape& shape)
    : shape_(shape), acted_(at(shape.streams)), steps_(at(shape.streams)) {
  for (Queue& queue : acted_) queue.rows.resize(0, shape.act_dim + 1);
  for (Queue& queue : steps_) queue.rows.resize(0, 2 * shape.obs_dim + 2 * shape.act_dim + 4);
}

void RolloutBuffer::acted(ConstMatrixRef samples, ConstVectorRef log_density) {
  for (int stream = 0; stream < shape_.streams; ++stream) {
    *put(acted_[at(stream)].push(), samples.row(stream)) = log_density(stream);
  }
}

void RolloutBuffer::add(const Steps& steps) {
  for (int i = 0; i < steps.size(); ++i) {
    const int stream = steps.streams[at(i)];
    Queue& acted = acted_[at(stream)];
    const auto action = steps.actions.row(i);
    bool same = acted.count > 0;
    for (int c = 0; same && c < shape_.act_dim; ++c)
      same = std::clamp(acted.front()[c], -1.0F, 1.0F) == action(c);
    if (!same) {
      throw Error(
          "rollout: environment " + std::to_string(stream) +
          ": want the steps that this learner's actions led to, in their order, found another action");
    }
    float* row = steps_[at(stream)].push();
    row = put(row, steps.observations.row(i));
    row = put(row, steps.next_observations.row(i));
    row = put(row, action);
    row = std::copy_n(acted.front(), shape_.act_dim + 1, row);
    *row++ = steps.rewards(i);
    *row++ = steps.terminated[at(i)] != 0 ? 1 : 0;
    *row++ = steps.truncated[at(i)] != 0 ? 1 : 0;
    acted.pop();
    ++size_;
  }
}

void RolloutBuffer::take(double gamma, Rollout& rollout) {
  rollout.transitions.resize(size_, shape_.obs_dim, shape_.act_dim);
  rollout.transitions.discounts.setConstant(static_cast<float>(gamma));
  rollout.truncated.resize(at(size_));
  rollout.samples.resize(size_, shape_.act_dim);
  rollout.log_density.resize(size_);
  rollout.first.assign(1, 0);
  int i = 0;
  for (Queue& queue : steps_) {
    for (; queue.count > 0; queue.pop(), ++i) {
      const float* row = queue.front();
      row = get(row, rollout.transitions.observations.row(i));
      row = get(row, rollout.transitions.next_observations.row(i));
      row = get(row, rollout.transitions.actions.row(i));
      row = get(row, rollout.samples.row(i));
      rollout.log_density(i) = *row++;
      rollout.transitions.rewards(i) = *row++;
      rollout.transitions.terminated[at(i)] = *row++ != 0;
      rollout.truncated[at(i)] = *row++ != 0;
    }
    rollout.first.push_back(i);
  }
  size_ = 0;
}

void RolloutBuffer::serialise(Archive& archive) {
  archive.expect("rollout streams", shape_.streams);
  for (Queue& queue : acted_) queue.serialise(archive);
  size_ = 0;
  for (Queue& queue : steps_) {
    queue.serialise(archive);
    size_ += queue.count;
  }
}

}  // namespace understudy
