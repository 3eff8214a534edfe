#include "bc/cloning/sequence_cloning.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "bc/cloning/picture_batch.h"
#include "bc/networks/blas.h"
#include "bc/policies/sequence_policy.h"
#include "datasets/types/error.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

constexpr double kAveragePower = 0.75;   // Chi et al. 2023
constexpr double kMostAverage = 0.9999;  // likewise
constexpr int kLossBatch = 256;          // of them without pictures
constexpr int kSeenLossBatch = 32;       // with
constexpr std::int64_t kMostSeenJudged =
    512;  // windows that a loss without training is of, where there are pictures

/// Of the fields; a policy's own goes on to its pictures.
Normaliser first_normaliser(const Matrix& observations, const Policy* warm_start) {
  if (warm_start == nullptr) return fit_normaliser(observations);
  const Normaliser& known = warm_start->normaliser;
  const Eigen::Index fields = observations.cols();
  if (known.size() < fields)
    throw Error("warm start: want a policy of " + std::to_string(fields) + " observed numbers, found " +
                std::to_string(known.size()));
  return {known.mean.head(fields), known.scale.head(fields)};
}

/// Standard normal numbers, both of each Box-Muller pair.
void draw_normal(Rng& rng, std::vector<float>& values) {
  for (std::size_t i = 0; i < values.size(); i += 2) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - rng.uniform()));
    const double angle = 2.0 * std::numbers::pi * rng.uniform();
    values[i] = static_cast<float>(radius * std::cos(angle));
    if (i + 1 < values.size()) values[i + 1] = static_cast<float>(radius * std::sin(angle));
  }
}

bool sees(const SequenceCloningConfig& config) {
  return !config.design.vision.cameras.empty();
}

double sum(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

SequenceCloning::SequenceCloning(SequenceCloningConfig config, CloningPairs training, int obs_dim,
                                 int act_dim, const Policy* warm_start, std::shared_ptr<Ranks> ranks)
    : config_(std::move(config)),
      design_(make_design(config_.kind, config_.design, obs_dim, act_dim)),
      pairs_(checked_pairs(std::move(training))),
      data_(pairs_, design_),
      normaliser_(first_normaliser(pairs_.observations, warm_start)),
      act_dim_(act_dim),
      seen_(normaliser_.size() + cropped_numbers(config_.design.vision)),
      rng_(Rng::stream(config_.seed, RngStream::kSequenceBatches)),
      shards_(config_.shards, std::move(ranks)),
      pool_(shards_.split() ? 1 : std::min(config_.threads, kParts)) {
  set_blas_threads(1);  // parts of a batch are what runs on several
  Rng initial = Rng::stream(config_.seed, RngStream::kSequenceParameters);
  parameters_ = initial_parameters(design_, initial);
  if (warm_start != nullptr)
    parameters_ = begun(parameters_, dynamic_cast<const SequencePolicy&>(*warm_start->network).parameters());
  averaged_ = parameters_;
  adam_ = AdamState(static_cast<int>(parameters_.size()));
  gradient_.setZero(parameters_.size());
  for (int i = 0; i < kParts; ++i) {
    Part part;
    part.network =
        make_script_network(config_.kind, design_.source, script_parameters(design_, parameters_.data()),
                            normaliser_tensors(normaliser_));
    part.gradient.setZero(parameters_.size());
    parts_.push_back(std::move(part));
  }
  judge_ = make_script_network(config_.kind, design_.source, script_parameters(design_, averaged_.data()),
                               normaliser_tensors(normaliser_));
  batches_ =
      BatchRows(rows_by_dataset(pairs_, [&](int row) { return data_.has_label(row); }), config_.shares);
  rows_.resize(static_cast<std::size_t>(config_.batch));
  config_.augmentation.crop = config_.design.vision.crop;
  for (const SightCamera& camera : config_.design.vision.cameras)
    check_augmentation(config_.augmentation, camera);
  if (sees(config_)) check_middle();
}

/// Throws Error unless a policy that is given a whole picture takes its middle.
void SequenceCloning::check_middle() {
  const VisionConfig& vision = config_.design.vision;
  const auto planned = [&](const std::vector<float>& observation) {
    std::vector<float> window, actions(static_cast<std::size_t>(design_.planned * act_dim_));
    for (int i = 0; i < design_.history; ++i)
      window.insert(window.end(), observation.begin(), observation.end());
    const std::vector<float> noise(static_cast<std::size_t>(std::max(1, design_.plan_noise)), 0.5F);
    std::vector<float> state(static_cast<std::size_t>(std::max(1, design_.state))), next(state.size());
    judge_->plan({{"", {1, design_.history, static_cast<std::int64_t>(observation.size())}, window.data()},
                  {"", {1, static_cast<std::int64_t>(state.size())}, state.data()},
                  {"", {1, static_cast<std::int64_t>(noise.size())}, noise.data()}},
                 actions, next);
    return actions;
  };
  std::vector<float> whole(static_cast<std::size_t>(normaliser_.size())), middle = whole;
  Rng rng(1);
  for (const SightCamera& camera : vision.cameras) {
    std::vector<std::uint8_t> picture(static_cast<std::size_t>(camera.size()));
    for (std::uint8_t& level : picture) level = static_cast<std::uint8_t>(rng.below(256));
    whole.insert(whole.end(), picture.begin(), picture.end());
    const std::size_t begin = middle.size();
    middle.resize(begin +
                  static_cast<std::size_t>((camera.width - vision.crop) * (camera.height - vision.crop) * 3));
    write_picture(picture.data(), camera, vision.crop, no_change(config_.augmentation),
                  middle.data() + begin);
  }
  if (planned(whole) != planned(middle))
    throw Error("crop of " + number(vision.crop) +
                ": want the middle of a picture taken when acting, found another part");
}

/// Has the pictures of this batch and the next read ahead.
void SequenceCloning::expect_next() {
  std::vector<int> rows = rows_;
  const std::vector<int> next = batches_.ahead(config_.batch);
  rows.insert(rows.end(), next.begin(), next.end());
  expect_pictures(pairs_, data_.observation_rows(rows.data(), static_cast<int>(rows.size())));
}

void SequenceCloning::disturb(WindowBatch& batch, Rng& rng) {
  if (config_.observation_noise <= 0) return;
  std::vector<float> noise(batch.observations.size());
  draw_normal(rng, noise);
  const auto obs_dim = static_cast<std::size_t>(normaliser_.size());
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const float scale = normaliser_.scale[static_cast<Eigen::Index>(i % obs_dim)];
    if (scale > 0) batch.observations[i] += static_cast<float>(config_.observation_noise) * noise[i] / scale;
  }
}

double SequenceCloning::part_loss(Part& part, int count, double total, double samples, bool train,
                                  bool differentiate) {
  const std::int64_t size = count;
  ScriptNetwork& network = differentiate ? *part.network : *judge_;
  return network.loss({{"", {size, design_.window, seen_}, part.batch.observations.data()},
                       {"", {size, design_.targets, act_dim_}, part.batch.actions.data()},
                       {"", {size, design_.targets}, part.batch.weights.data()},
                       {"", {size, std::max(1, design_.loss_noise)}, part.noise.data()}},
                      total, samples, train, part.seed, differentiate ? part.gradient.data() : nullptr);
}

void SequenceCloning::fill(Part& part, const int* rows, int count, Rng& rng) {
  data_.gather(rows, count, part.batch);
  disturb(part.batch, rng);
  if (sees(config_))
    add_pictures(pairs_, data_.observation_rows(rows, count), config_.design.vision, config_.augmentation,
                 design_.window, &rng, part.batch);
  part.noise.resize(static_cast<std::size_t>(count) *
                    static_cast<std::size_t>(std::max(1, design_.loss_noise)));
  if (design_.loss_noise > 0) draw_normal(rng, part.noise);
}

double SequenceCloning::gradient_by_parts() {
  const auto first = [&](int part) { return part * config_.batch / kParts; };
  double total = 0;
  for (int i = 0; i < kParts; ++i) {
    Part& part = parts_[static_cast<std::size_t>(i)];
    fill(part, rows_.data() + first(i), first(i + 1) - first(i), rng_);
    part.seed = config_.seed + updates();
    total += sum(part.batch.weights);
  }
  const auto work = [&](int i) {
    Part& part = parts_[static_cast<std::size_t>(i)];
    part.gradient.setZero();
    part.loss = 0;
    if (const int count = first(i + 1) - first(i); count > 0)
      part.loss = part_loss(part, count, total, config_.batch, true, true);
  };
  if (config_.design.dropout > 0) {  // whose dice are LibTorch's, one for all threads
    for (int i = 0; i < kParts; ++i) work(i);
  } else {
    pool_.run(kParts, work);
  }
  gradient_ = parts_[0].gradient + parts_[1].gradient;
  return parts_[0].loss + parts_[1].loss;
}

double SequenceCloning::gradient_by_shards() {
  // What the whole batch weighs is known without its pictures.
  Part& part = parts_.front();
  data_.gather(rows_.data(), config_.batch, part.batch);
  const double total = sum(part.batch.weights);
  Figures figures{};
  shards_.sum(
      [&](int shard, Vector& gradient, Figures& own) {
        const ShardRange rows = shards_.rows(config_.batch, shard);
        Rng rng = Shards::rng(config_.seed, updates(), shard);
        fill(part, rows_.data() + rows.first, rows.count(), rng);
        part.seed = rng.bits();
        part.gradient.setZero();
        own[0] = part_loss(part, rows.count(), total, config_.batch, true, true);
        gradient = part.gradient;
      },
      gradient_, figures);
  return figures[0];
}

CloningMetrics SequenceCloning::update() {
  CloningMetrics metrics{.mean_absolute_error = std::numeric_limits<double>::quiet_NaN()};
  metrics.learning_rate = learning_rate_at({.full = config_.learning_rate,
                                            .final_share = config_.final_learning_rate,
                                            .warm_up = config_.warm_up,
                                            .updates = 1.0 * config_.epochs * config_.epoch_updates},
                                           updates());
  batches_.next(rng_, rows_.data(), config_.batch);
  if (sees(config_)) expect_next();
  metrics.loss = shards_.split() ? gradient_by_shards() : gradient_by_parts();
  take_step({.clip_gradient = config_.clip_gradient, .weight_decay = config_.weight_decay}, gradient_, adam_,
            parameters_, metrics);
  if (config_.average) {
    const double decay =
        std::clamp(1 - std::pow(static_cast<double>(updates()), -kAveragePower), 0.0, kMostAverage);
    averaged_ += static_cast<float>(1 - decay) * (parameters_ - averaged_);
  } else {
    averaged_ = parameters_;
  }
  return metrics;
}

double SequenceCloning::loss(const CloningPairs& pairs) {
  const WindowData data(pairs, design_);
  const std::int64_t all = data.size(), judged = sees(config_) ? std::min(all, kMostSeenJudged) : all;
  std::vector<int> rows;
  for (std::int64_t i = 0; i < judged; ++i) rows.push_back(static_cast<int>(i * all / judged));
  Rng rng(config_.seed);
  Part part;
  double losses = 0, weights = 0;
  const int most = sees(config_) ? kSeenLossBatch : kLossBatch;
  for (int at = 0; at < static_cast<int>(judged); at += most) {
    const int count = std::min(most, static_cast<int>(judged) - at);
    data.gather(rows.data() + at, count, part.batch);
    if (sees(config_)) {
      const std::vector<int> seen = data.observation_rows(rows.data() + at, count);
      expect_pictures(pairs, seen);
      add_pictures(pairs, seen, config_.design.vision, config_.augmentation, design_.window, nullptr,
                   part.batch);
    }
    part.noise.assign(
        static_cast<std::size_t>(count) * static_cast<std::size_t>(std::max(1, design_.loss_noise)), 0);
    if (design_.loss_noise > 0) draw_normal(rng, part.noise);
    const double total = sum(part.batch.weights);
    if (total <= 0) continue;
    losses += total * part_loss(part, count, total, count, false, false);
    weights += total;
  }
  return losses / weights;
}

Policy SequenceCloning::policy() const {
  Policy policy;
  // Pictures are the encoder's to normalise; for readers of the file their numbers go from 0 to 1.
  const int pictures = picture_numbers(config_.design.vision), all = normaliser_.size() + pictures;
  policy.normaliser = {Vector::Zero(all), Vector::Constant(all, 1 / 255.0F)};
  policy.normaliser.mean.head(normaliser_.size()) = normaliser_.mean;
  policy.normaliser.scale.head(normaliser_.size()) = normaliser_.scale;
  policy.observation_history = design_.history;
  policy.planned_actions = design_.planned;
  const auto with = [&](const DesignConfig& design) {
    policy.network = std::make_shared<const SequencePolicy>(config_.kind, design, all, act_dim_, averaged_);
  };
  with(config_.design);
  if (design_.doubts && design_.history == 1 && pictures == 0 && pairs_.takeovers.rows() > 0) {
    policy.action = Space({{"action", act_dim_, "-", -1, 1, ""}});  // whose size alone matters
    DesignConfig doubting = config_.design;
    doubting.doubt = doubt_threshold(doubts(policy, pairs_.takeovers));
    with(doubting);
  }
  return policy;
}

void SequenceCloning::serialise(Archive& archive) {
  // Networks look at these numbers where they lie.
  for (Vector* numbers : {&parameters_, &averaged_}) {
    Vector loaded = *numbers;
    archive("sequence parameters", loaded);
    archive.want_finite(loaded);
    numbers->array() = loaded.array();
  }
  serialise_adam(archive, adam_);
  archive.want_range(static_cast<std::int64_t>(adam_.steps), 0,
                     std::int64_t{config_.epochs} * config_.epoch_updates);
  batches_.serialise(archive);
  archive("sequence rng", rng_);
}

}  // namespace understudy
