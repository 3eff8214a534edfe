#include "irl/rewards/pwil_reward.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <utility>

#include "datasets/types/error.h"
#include "irl/couplings/coupling_loops.h"
#include "irl/couplings/ground_cost.h"

namespace understudy {
namespace {

constexpr int kBlock = static_cast<int>(kernels::kAtomBlock);
constexpr double kGuard = 1e-6;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

int blocks(int atoms) {
  return (atoms + kBlock - 1) / kBlock;
}

[[noreturn]] void refuse(const char* field, const char* want, double found) {
  std::ostringstream line;
  line << "pwil " << field << ": want " << want << ", found " << found;
  throw UsageError(line.str());
}

}  // namespace

void validate(const PwilConfig& config) {
  if (!(config.alpha > 0 && std::isfinite(config.alpha))) refuse("alpha", "a number above 0", config.alpha);
  if (!(config.beta >= 0 && std::isfinite(config.beta)))
    refuse("beta", "a number of at least 0", config.beta);
  if (config.horizon < 1 || config.horizon > 100000) {
    refuse("horizon", "steps of a full episode in [1, 100000]", config.horizon);
  }
}

PwilReward::PwilReward(const ExpertAtoms& atoms, const PwilConfig& config)
    : config_(config),
      obs_dim_(atoms.obs_dim),
      act_dim_(atoms.act_dim),
      atoms_(atoms.size()),
      standardiser_(atom_standardiser(atoms.values)),
      query_(atoms.dim()) {
  validate(config);
  sigma_ = config.beta * config.horizon / std::sqrt(atoms.dim());
  step_mass_ = 1.0 / config.horizon - kGuard;
  const int slots = blocks(atoms_) * kBlock;
  values_ = Vector::Zero(static_cast<Eigen::Index>(slots) * atoms.dim());
  squared_.assign(static_cast<std::size_t>(slots), kInfinity);
  mass_left_.assign(static_cast<std::size_t>(slots), 0);
  rank_.resize(static_cast<std::size_t>(slots));
  std::iota(rank_.begin(), rank_.end(), 0);
  slot_of_ = rank_;
  Matrix standardised = atoms.values;
  standardiser_.apply(standardised);
  for (int atom = 0; atom < atoms_; ++atom) {
    for (int d = 0; d < atoms.dim(); ++d) entry(atom, d) = standardised(atom, d);
  }
  reset();
}

void PwilReward::reset() {
  std::fill(mass_left_.begin(), mass_left_.begin() + atoms_, 1.0 / atoms_);
  live_ = atoms_;
  exhausted_ = false;
  episode_cost_ = 0;
}

double PwilReward::reward(ConstVectorRef observation, ConstVectorRef action) {
  if (exhausted_) return 0;
  query_.head(obs_dim_) =
      (observation - standardiser_.mean.head(obs_dim_)).cwiseProduct(standardiser_.scale.head(obs_dim_));
  if (act_dim_ > 0) {
    query_.tail(act_dim_) =
        (action - standardiser_.mean.tail(act_dim_)).cwiseProduct(standardiser_.scale.tail(act_dim_));
  }
  kernels::squared_distances(values_.data(), query_.data(), squared_.data(),
                             static_cast<std::size_t>(query_.size()),
                             static_cast<std::size_t>(blocks(live_)));
  std::fill(squared_.begin() + live_, squared_.begin() + blocks(live_) * kBlock, kInfinity);
  double mass = step_mass_;
  double cost = 0;
  while (mass > 0 && live_ > 0) {
    const int slot = nearest();
    double& left = mass_left_[static_cast<std::size_t>(slot)];
    const double given = std::min(mass, left);
    cost += given * std::sqrt(static_cast<double>(squared_[static_cast<std::size_t>(slot)]));
    mass -= given;
    left -= given;
    if (left == 0) remove(slot);
  }
  episode_cost_ += cost;
  exhausted_ = mass > 0;
  return exhausted_ ? 0 : config_.alpha * std::exp(-sigma_ * cost);
}

/// Slot of the live atom at the smallest distance, of lowest index among equals.
int PwilReward::nearest() const {
  const auto count = static_cast<std::size_t>(blocks(live_) * kBlock);
  const float smallest = kernels::smallest(squared_.data(), count);
  if (!(smallest < kInfinity)) {
    throw Error(
        "pwil reward: want a finite observation and action, found NaN, infinity or a number too large to "
        "square");
  }
  return slot_of_[static_cast<std::size_t>(
      kernels::lowest_rank(squared_.data(), rank_.data(), smallest, count))];
}

/// Swaps an atom with the last live one, which takes its slot.
void PwilReward::remove(int slot) {
  const int last = --live_;
  if (slot != last) {
    for (int d = 0; d < query_.size(); ++d) std::swap(entry(slot, d), entry(last, d));
    const auto a = static_cast<std::size_t>(slot);
    const auto b = static_cast<std::size_t>(last);
    std::swap(squared_[a], squared_[b]);
    std::swap(mass_left_[a], mass_left_[b]);
    std::swap(rank_[a], rank_[b]);
    slot_of_[static_cast<std::size_t>(rank_[a])] = slot;
    slot_of_[static_cast<std::size_t>(rank_[b])] = last;
  }
  squared_[static_cast<std::size_t>(last)] = kInfinity;
}

float& PwilReward::entry(int slot, int dimension) {
  const Eigen::Index block = slot / kBlock;
  return values_((block * query_.size() + dimension) * kBlock + slot % kBlock);
}

}  // namespace understudy
