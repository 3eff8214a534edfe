#include "irl/off_policy/replay.h"

#include <algorithm>
#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

std::size_t at(std::int64_t index) {
  return static_cast<std::size_t>(index);
}

/// Rows that a stream begins with; doubled when full.
constexpr std::int64_t kFirstRows = 1024;

}  // namespace

Replay::Replay(const Shape& shape)
    : shape_(shape), rows_(shape.capacity / std::max(shape.streams, 1)), streams_(at(shape.streams)) {
  if (shape.streams < 1 || rows_ < 1) {
    throw Error("replay: want room for at least one step of every environment, found " +
                std::to_string(shape.capacity) + " for " + std::to_string(shape.streams));
  }
}

std::int64_t Replay::held(const Stream& stream) const {
  return std::min(stream.added, rows_);
}

void Replay::grow(Stream& stream) const {
  const std::int64_t now = stream.rewards.size();
  if (stream.added < now || now == rows_) return;
  const std::int64_t wanted = std::min(std::max(2 * now, kFirstRows), rows_);
  stream.observations.conservativeResize(wanted, shape_.obs_dim);
  stream.actions.conservativeResize(wanted, shape_.act_dim);
  stream.next_observations.conservativeResize(wanted, shape_.obs_dim);
  stream.rewards.conservativeResize(wanted);
  for (Matrix* matrix : {&stream.observations, &stream.actions, &stream.next_observations}) {
    matrix->bottomRows(wanted - now).setZero();  // checkpoints hold them
  }
  stream.rewards.tail(wanted - now).setZero();
  stream.terminated.resize(at(wanted));
  stream.truncated.resize(at(wanted));
}

void Replay::add(const Steps& steps) {
  for (int i = 0; i < steps.size(); ++i) {
    Stream& stream = streams_[at(steps.streams[at(i)])];
    grow(stream);
    if (stream.added < rows_) ++size_;
    const std::int64_t row = stream.added++ % rows_;
    stream.observations.row(row) = steps.observations.row(i);
    stream.actions.row(row) = steps.actions.row(i);
    stream.next_observations.row(row) = steps.next_observations.row(i);
    stream.rewards(row) = steps.rewards(i);
    stream.terminated[at(row)] = steps.terminated[at(i)];
    stream.truncated[at(row)] = steps.truncated[at(i)];
  }
}

void Replay::sample(int batch, int n, double gamma, Rng& rng, TransitionBatch& out) const {
  if (size_ == 0) throw Error("replay: want at least one step to draw from, found none");
  out.resize(batch, shape_.obs_dim, shape_.act_dim);
  for (int i = 0; i < batch; ++i) {
    auto pick = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(size_)));
    const Stream* stream = streams_.data();
    while (pick >= held(*stream)) pick -= held(*stream++);
    std::int64_t step = stream->added - held(*stream) + pick;
    std::int64_t row = step % rows_;
    out.observations.row(i) = stream->observations.row(row);
    out.actions.row(i) = stream->actions.row(row);
    double discount = gamma;
    auto reward = static_cast<double>(stream->rewards(row));
    for (int k = 1; k < n && stream->terminated[at(row)] == 0 && stream->truncated[at(row)] == 0 &&
                    step + 1 < stream->added;
         ++k) {
      row = ++step % rows_;
      reward += discount * static_cast<double>(stream->rewards(row));
      discount *= gamma;
    }
    out.next_observations.row(i) = stream->next_observations.row(row);
    out.rewards(i) = static_cast<float>(reward);
    out.discounts(i) = static_cast<float>(discount);
    out.terminated[at(i)] = stream->terminated[at(row)];
  }
}

void Replay::serialise(Archive& archive) {
  archive.expect("replay streams", static_cast<std::int64_t>(streams_.size()));
  archive.expect("replay rows", rows_);
  size_ = 0;
  for (Stream& stream : streams_) {
    auto added = static_cast<std::uint64_t>(stream.added);
    archive("replay added", added);
    archive.want_count(added);
    stream.added = static_cast<std::int64_t>(added);
    archive("replay observations", stream.observations);
    const std::int64_t rows = stream.observations.rows();
    archive.want_range(rows, held(stream), rows_);
    const bool any = rows > 0;  // a stream without rows has no columns either
    archive.want_shape(stream.observations, rows, any ? shape_.obs_dim : 0);
    archive("replay actions", stream.actions);
    archive.want_shape(stream.actions, rows, any ? shape_.act_dim : 0);
    archive("replay next observations", stream.next_observations);
    archive.want_shape(stream.next_observations, rows, any ? shape_.obs_dim : 0);
    auto rewards = static_cast<int>(stream.rewards.size());
    archive("replay reward count", rewards);
    archive.want_range(rewards, rows, rows);
    stream.rewards.conservativeResize(rewards);
    archive("replay rewards", stream.rewards);
    archive("replay terminated", stream.terminated);
    archive.want_flags(stream.terminated, rows);
    archive("replay truncated", stream.truncated);
    archive.want_flags(stream.truncated, rows);
    size_ += held(stream);
  }
}

}  // namespace understudy
