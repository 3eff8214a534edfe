#include "irl/rewards/discriminator.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace understudy {

Discrimination discriminate(ConstVectorRef logits, ConstVectorRef weights, int experts, double entropy,
                            VectorRef gradient) {
  Discrimination result;
  const auto rows = static_cast<int>(logits.size());
  for (int i = 0; i < rows; ++i) {
    const bool expert = i < experts;
    const auto l = static_cast<double>(logits(i));
    const double tail = std::exp(-std::abs(l));  // so that nothing overflows
    const double probability = (l >= 0 ? 1 : tail) / (1 + tail);
    const double opposite = (l >= 0 ? tail : 1) / (1 + tail);  // 1 - probability, without cancellation
    // -log D = softplus(-l), -log(1 - D) = softplus(l).
    const double cross_entropy = std::max(expert ? -l : l, 0.0) + std::log1p(tail);
    const auto weight = static_cast<double>(weights(i));
    result.loss += weight * cross_entropy;
    if (expert && l > 0) result.expert_accuracy += 1;
    if (!expert && l < 0) result.agent_accuracy += 1;
    // H = softplus(l) - l D, so dH/dl = -l D (1 - D).
    gradient(i) = static_cast<float>(
        weight * ((expert ? -opposite : probability) + entropy * l * probability * opposite));
  }
  result.expert_accuracy /= experts;
  result.agent_accuracy /= rows - experts;
  return result;
}

int mix_rows(ConstMatrixRef inputs, int experts, Rng& rng, MatrixRef mixed) {
  const int agents = static_cast<int>(inputs.rows()) - experts;
  const int rows = std::max(experts, agents);
  for (int i = 0; i < rows; ++i) {
    const auto u = static_cast<float>(rng.uniform());
    mixed.row(i) = u * inputs.row(i % experts) + (1 - u) * inputs.row(experts + i % agents);
  }
  return rows;
}

Discriminator::Discriminator(const DiscriminatorConfig& config, int features, int most_rows, Rng& rng,
                             std::shared_ptr<MlpDevice> device)
    : config_(config),
      network_({.inputs = features,
                .hidden = config.hidden,
                .outputs = 1,
                .activation = parse_activation(config.activation)}),
      parameters_(network_.initial_parameters(rng, 1)),
      adam_(network_.parameter_count()),
      workspace_(std::move(device)),
      penalty_(network_),
      mixed_(most_rows, features),
      gradient_(network_.parameter_count()) {
  if (!config.spectral) return;
  spectral_.emplace(network_, parameters_, rng);
  normalised_.resize(parameters_.size());
  spectral_->normalise(parameters_, normalised_);
}

Eigen::Map<const Vector> Discriminator::logits(ConstMatrixRef features) {
  network_.forward(effective(), features, workspace_);
  return {workspace_.outputs().data(), features.rows()};
}

Discrimination Discriminator::update(ConstMatrixRef features, ConstVectorRef weights, int experts, Rng& rng) {
  const Eigen::Map<const Vector> logits(workspace_.outputs().data(), features.rows());
  Eigen::Map<Vector> logit_gradient(workspace_.output_gradient().data(), features.rows());
  const Discrimination result = discriminate(logits, weights, experts, config_.entropy, logit_gradient);
  network_.backward(effective(), features, workspace_, gradient_);
  if (config_.penalty > 0) {
    const int rows = mix_rows(features, experts, rng, mixed_);
    last_penalty_ = penalty_.add(effective(), mixed_.topRows(rows), config_.penalty, gradient_);
  }
  if (spectral_) spectral_->backward(normalised_, gradient_);
  adam_step({.learning_rate = config_.learning_rate}, gradient_, adam_, parameters_);
  if (spectral_) {
    spectral_->follow(parameters_);
    spectral_->normalise(parameters_, normalised_);
  }
  return result;
}

void Discriminator::serialise(Archive& archive) {
  archive("discriminator", parameters_);
  archive.want_finite(parameters_);
  serialise_adam(archive, adam_);
  if (!spectral_) return;
  spectral_->serialise(archive);
  spectral_->normalise(parameters_, normalised_);
}

}  // namespace understudy
