#include "bc/adaptation/adapter.h"

#include <algorithm>
#include <cmath>

#include "bc/adaptation/adaptation_losses.h"
#include "bc/networks/divergence_error.h"
#include "datasets/storage/archive.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

constexpr int kColumns = 8;  // of a sheet

std::string plan_of(const std::string& method) {
  return "def plan(self, x: Tensor) -> Tuple[Tensor, Tensor]:\n    return self." + method +
         "(x)[:, :3], x[:1, :1, 0, 0]\n";
}

}  // namespace

void FakePool::exchange(float* picture, std::size_t numbers, Rng& rng) {
  if (size_ == 0) return;
  Eigen::Map<Vector> present(picture, static_cast<Eigen::Index>(numbers));
  if (kept_.size() < static_cast<std::size_t>(size_)) {
    kept_.emplace_back(present);
  } else if (rng.uniform() < 0.5) {
    Vector& chosen = kept_[rng.below(kept_.size())];
    const Vector old = chosen;
    chosen = present;
    present = old;
  }
}

void FakePool::serialise(Archive& archive, const std::string& name) {
  int count = static_cast<int>(kept_.size());
  archive(name + " count", count);
  if (archive.loading()) {
    archive.want_range(count, 0, size_);
    kept_.resize(static_cast<std::size_t>(count));
  }
  for (Vector& picture : kept_) {
    Matrix row = picture.transpose();
    archive(name, row);
    if (archive.loading()) picture = row.row(0).transpose();
  }
}

Adapter::Adapter(const AdaptationConfig& config, const AdaptationFrames& sim, const AdaptationFrames& real,
                 const Detector& detector, std::uint64_t seed)
    : config_(config),
      sim_(sim),
      real_(real),
      detector_(detector),
      two_way_(config.method != AdaptationMethod::kGraspGan),
      channels_(two_way_ ? 3 : 4),
      names_(two_way_
                 ? std::vector<std::string>{"discriminators", "gan", "cycle", "identity", "perception"}
                 : std::vector<std::string>{"discriminators", "gan", "content", "mask", "features", "task"}),
      rng_(Rng::stream(seed, RngStream::kAdaptation)),
      generators_(generator_part("g", channels_)),
      discriminators_(discriminator_part("dy")),
      pool_y_(config.pool),
      pool_x_(config.pool),
      parts_(names_.size() - 1) {
  validate(config);
  if (two_way_) {
    generators_.add(generator_part("f"));
    discriminators_.add(discriminator_part("dx"));
  } else {
    generators_.add(task_part(static_cast<int>(sim.actions.cols())));
    discriminators_.add(discriminator_part("dy2"));
    discriminators_.add(discriminator_part("dy4"));
  }
  generator_numbers_ = drawn_numbers(generators_, rng_);
  discriminator_numbers_ = drawn_numbers(discriminators_, rng_);
  generator_gradient_ = Vector::Zero(generator_numbers_.size());
  discriminator_gradient_ = Vector::Zero(discriminator_numbers_.size());
  generator_adam_ = AdamState(static_cast<int>(generator_numbers_.size()));
  discriminator_adam_ = AdamState(static_cast<int>(discriminator_numbers_.size()));
  const std::int64_t batch = config.batch, height = sim.height, width = sim.width;
  const std::size_t numbers = static_cast<std::size_t>(batch * 3 * height * width);
  for (std::vector<float>* pictures : {&x_, &y_, &fake_y_, &fake_x_}) pictures->resize(numbers);
  masks_.resize(numbers / 3);
  actions_.resize(static_cast<std::size_t>(batch * std::max<std::int64_t>(1, sim.actions.cols())));

  std::vector<ScriptTensor> fixed = tensors_in(discriminators_, discriminator_numbers_);
  for (ScriptTensor& tensor : tensors_in(detector.part(), detector.numbers()))
    fixed.push_back(std::move(tensor));
  fixed.push_back({.name = "fake_y", .shape = {batch, 3, height, width}, .values = fake_y_.data()});
  fixed.push_back({.name = "fake_x", .shape = {batch, 3, height, width}, .values = fake_x_.data()});
  fixed.push_back(
      {.name = "parts", .shape = {static_cast<std::int64_t>(parts_.size())}, .values = parts_.data()});
  const std::string loss = generator_loss(config);
  generator_network_ = make_script_network(
      "adaptation",
      generators_.source + discriminators_.source + detector.part().source + adaptation_losses() + loss,
      tensors_in(generators_, generator_numbers_), fixed);
  discriminator_network_ = make_script_network(
      "discriminators", discriminators_.source + adaptation_losses() + discriminator_loss(config.method),
      tensors_in(discriminators_, discriminator_numbers_), {});
  forward_ = make_script_network("generator", generators_.source + plan_of("g"),
                                 tensors_in(generators_, generator_numbers_), {});
  if (two_way_)
    backward_ = make_script_network("generator", generators_.source + plan_of("f"),
                                    tensors_in(generators_, generator_numbers_), {});
}

Adapter::~Adapter() = default;

void Adapter::draw(const AdaptationFrames& frames, std::vector<int>& rows, std::vector<float>& pictures) {
  rows.clear();
  const std::size_t numbers = pictures.size() / static_cast<std::size_t>(config_.batch);
  for (int i = 0; i < config_.batch; ++i) {
    rows.push_back(static_cast<int>(rng_.below(static_cast<std::uint64_t>(frames.count()))));
    frames.write(rows.back(), pictures.data() + static_cast<std::size_t>(i) * numbers);
  }
}

double Adapter::rate() const {
  const double done = static_cast<double>(generator_adam_.steps) / config_.steps;
  return config_.learning_rate * std::clamp(2 * (1 - done), 0.0, 1.0);
}

std::vector<double> Adapter::step() {
  draw(sim_, x_rows_, x_);
  draw(real_, y_rows_, y_);
  const AdamConfig adam{
      .learning_rate = std::max(rate(), 1e-12), .beta1 = config_.beta1, .weight_decay = config_.weight_decay};
  step_generators();
  adam_step(adam, generator_gradient_, generator_adam_, generator_numbers_);
  step_discriminators();
  adam_step(adam, discriminator_gradient_, discriminator_adam_, discriminator_numbers_);
  std::vector<double> losses{discriminator_loss_};
  losses.insert(losses.end(), parts_.begin(), parts_.end());
  for (std::size_t i = 0; i < losses.size(); ++i)
    if (!std::isfinite(losses[i])) throw DivergenceError(generator_adam_.steps, names_[i]);
  return losses;
}

void Adapter::step_generators() {
  const std::vector<std::int64_t> shape{config_.batch, 3, sim_.height, sim_.width};
  std::vector<ScriptTensor> arguments{{.shape = shape, .values = x_.data()}};
  if (two_way_) {
    arguments.push_back({.shape = shape, .values = y_.data()});
  } else {
    const std::size_t pixels = masks_.size() / x_rows_.size();
    const auto actions = static_cast<std::size_t>(sim_.actions.cols());
    for (std::size_t i = 0; i < x_rows_.size(); ++i) {
      const auto row = static_cast<std::size_t>(x_rows_[i]);
      std::copy_n(sim_.masks.data() + row * pixels, pixels, masks_.data() + i * pixels);
      std::copy_n(sim_.actions.data() + row * actions, actions, actions_.data() + i * actions);
    }
    arguments.push_back({.shape = {config_.batch, 1, sim_.height, sim_.width}, .values = masks_.data()});
    arguments.push_back({.shape = {config_.batch, sim_.actions.cols()}, .values = actions_.data()});
  }
  generator_gradient_.setZero();
  generator_network_->loss(arguments, 1, config_.batch, true, 0, generator_gradient_.data());
}

void Adapter::step_discriminators() {
  const std::size_t numbers = x_.size() / x_rows_.size();
  for (std::size_t i = 0; i < x_rows_.size(); ++i) {
    pool_y_.exchange(fake_y_.data() + i * numbers, numbers, rng_);
    if (two_way_) pool_x_.exchange(fake_x_.data() + i * numbers, numbers, rng_);
  }
  const std::vector<std::int64_t> shape{config_.batch, 3, sim_.height, sim_.width};
  std::vector<ScriptTensor> arguments{{.shape = shape, .values = y_.data()},
                                      {.shape = shape, .values = fake_y_.data()}};
  if (two_way_) {
    arguments.push_back({.shape = shape, .values = x_.data()});
    arguments.push_back({.shape = shape, .values = fake_x_.data()});
  }
  discriminator_gradient_.setZero();
  discriminator_loss_ =
      discriminator_network_->loss(arguments, 1, config_.batch, true, 0, discriminator_gradient_.data());
}

std::vector<float> Adapter::adapted(const std::vector<float>& pictures) const {
  std::vector<float> result(pictures.size()), none(1);
  const std::int64_t count = static_cast<std::int64_t>(pictures.size()) / (3 * sim_.height * sim_.width);
  forward_->plan({{.shape = {count, 3, sim_.height, sim_.width}, .values = pictures.data()}}, result, none);
  return result;
}

std::vector<std::uint8_t> Adapter::sheet(int& rows) const {
  const std::size_t numbers = 3 * static_cast<std::size_t>(sim_.height * sim_.width);
  const auto eight = [&](const AdaptationFrames& frames) {
    std::vector<float> pictures(kColumns * numbers);
    for (int i = 0; i < kColumns; ++i)
      frames.write(static_cast<int>(static_cast<std::int64_t>(i) * frames.count() / kColumns),
                   pictures.data() + static_cast<std::size_t>(i) * numbers);
    return pictures;
  };
  const auto back = [&](const std::vector<float>& pictures) {
    std::vector<float> result(pictures.size()), none(1);
    backward_->plan({{.shape = {kColumns, 3, sim_.height, sim_.width}, .values = pictures.data()}}, result,
                    none);
    return result;
  };
  std::vector<std::vector<float>> lines{eight(sim_)};
  lines.push_back(adapted(lines.front()));
  if (two_way_) lines.push_back(back(lines[1]));
  lines.push_back(eight(real_));
  if (two_way_) lines.push_back(back(lines.back()));
  rows = static_cast<int>(lines.size());
  const auto height = static_cast<std::size_t>(sim_.height), width = static_cast<std::size_t>(sim_.width);
  std::vector<std::uint8_t> rgb(lines.size() * height * kColumns * width * 3);
  for (std::size_t line = 0; line < lines.size(); ++line)
    for (std::size_t i = 0; i < kColumns; ++i)
      for (std::size_t c = 0; c < 3; ++c)
        for (std::size_t y = 0; y < height; ++y)
          for (std::size_t x = 0; x < width; ++x)
            rgb[(((line * height + y) * kColumns + i) * width + x) * 3 + c] =
                picture_byte(lines[line][((i * 3 + c) * height + y) * width + x]);
  return rgb;
}

AdaptationPart Adapter::generator() const {
  return generator_part("g", channels_);
}

Vector Adapter::generator_numbers() const {
  return generator_numbers_.head(generator().size());
}

void Adapter::serialise(Archive& archive) {
  archive("rng", rng_);
  archive("generators", generator_numbers_);
  archive.want_finite(generator_numbers_);
  serialise_adam(archive, generator_adam_);
  archive("discriminators", discriminator_numbers_);
  archive.want_finite(discriminator_numbers_);
  serialise_adam(archive, discriminator_adam_);
  pool_y_.serialise(archive, "pool y");
  pool_x_.serialise(archive, "pool x");
}

}  // namespace understudy
