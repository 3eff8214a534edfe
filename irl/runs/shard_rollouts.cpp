#include "irl/runs/shard_rollouts.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace understudy {

ShardRollouts::ShardRollouts(std::shared_ptr<Shards> shards, int environments, int obs_dim, int act_dim)
    : shards_(std::move(shards)), environments_(environments), obs_dim_(obs_dim), act_dim_(act_dim) {
  for (int rank = 0; rank < shards_->ranks().size(); ++rank) {
    const ShardRange block = shards_->rows_of(environments_, rank);
    for (int e = block.first; e < block.end; ++e) {
      row_of_.push_back(static_cast<std::size_t>(block.first));
      block_of_.push_back(block.count());
      place_of_.push_back(e - block.first);
    }
  }
}

const float* ShardRollouts::row(int t, int environment) const {
  const auto e = static_cast<std::size_t>(environment);
  const std::size_t before = row_of_[e] * static_cast<std::size_t>(count_) +
                             static_cast<std::size_t>(t * block_of_[e] + place_of_[e]);
  return steps_.data() + before * static_cast<std::size_t>(width());
}

float* ShardRollouts::row(int t, int environment) {
  return const_cast<float*>(std::as_const(*this).row(t, environment));
}

void ShardRollouts::collect(int count, BatchedEnvironment& own, const Normaliser& normaliser,
                            RolloutActor& actor, Matrix& observations) {
  count_ = count;
  Ranks& ranks = shards_->ranks();
  const ShardRange mine = shards_->of(ranks.rank());
  const ShardRange block = shards_->rows_of(environments_, ranks.rank());
  steps_.resize(static_cast<Eigen::Index>(environments_) * count * width());
  samples_.resize(block.count(), act_dim_);
  log_density_.resize(block.count());
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (int t = 0; t < count; ++t) {
    ranks.tick();
    actor.draw(noise_);
    for (int shard = mine.first; shard < mine.end; ++shard) {
      const ShardRange rows = shards_->rows(environments_, shard);
      const int first = rows.first - block.first;
      actor.sample(observations.middleRows(first, rows.count()), noise_.middleRows(rows.first, rows.count()),
                   samples_.middleRows(first, rows.count()), log_density_.segment(first, rows.count()));
    }
    actions_ = samples_.cwiseMax(-1.0F).cwiseMin(1.0F);
    const BatchStep& step = own.step(actions_);
    next_ = step.final_observations;
    normaliser.apply(next_);
    for (int i = 0; i < block.count(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      float* to = row(t, block.first + i);
      to = std::copy_n(observations.row(i).data(), obs_dim_, to);
      to = std::copy_n(next_.row(i).data(), obs_dim_, to);
      to = std::copy_n(samples_.row(i).data(), act_dim_, to);
      *to++ = log_density_(i);
      *to++ = step.rewards(i);
      *to++ = step.terminated[at] != 0 ? 1 : 0;
      *to = step.truncated[at] != 0 ? 1 : 0;
    }
    observations = step.observations;
    normaliser.apply(observations);
  }
  ranks.worked(std::chrono::duration<double>(Clock::now() - start).count());
  std::vector<std::size_t> firsts;
  const std::size_t environment_bytes = static_cast<std::size_t>(count * width()) * sizeof(float);
  for (int rank = 0; rank < ranks.size(); ++rank)
    firsts.push_back(static_cast<std::size_t>(shards_->rows_of(environments_, rank).first) *
                     environment_bytes);
  firsts.push_back(static_cast<std::size_t>(environments_) * environment_bytes);
  ranks.all_gather(std::as_writable_bytes(std::span(steps_.data(), static_cast<std::size_t>(steps_.size()))),
                   firsts);
}

void ShardRollouts::take(int t, Steps& steps, Matrix& samples, Vector& log_density) const {
  samples.resize(environments_, act_dim_);
  log_density.resize(environments_);
  for (int e = 0; e < environments_; ++e) {
    const auto at = static_cast<std::size_t>(e);
    const float* from = row(t, e);
    std::copy_n(from, obs_dim_, steps.observations.row(e).data());
    std::copy_n(from += obs_dim_, obs_dim_, steps.next_observations.row(e).data());
    std::copy_n(from += obs_dim_, act_dim_, samples.row(e).data());
    from += act_dim_;
    log_density(e) = *from++;
    steps.rewards(e) = *from++;
    steps.terminated[at] = *from++ != 0 ? 1 : 0;
    steps.truncated[at] = *from != 0 ? 1 : 0;
  }
  steps.actions = samples.cwiseMax(-1.0F).cwiseMin(1.0F);
}

}  // namespace understudy
