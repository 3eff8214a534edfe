// Behavioural cloning by an MLP in transitions per second, on one thread, at the sizes that other toolkits were
// measured at; and how close that is to what this machine's matrix products alone would allow.

#include <cstdio>
#include <string>
#include <vector>

#include "bc/cloning/cloning.h"
#include "bc/networks/blas.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

struct Workload {
  int inputs;
  std::vector<int> hidden;
  int outputs;
  int batch;
};

std::string label(const Workload& w) {
  std::string text = std::to_string(w.inputs);
  for (const int width : w.hidden) text.append("-").append(std::to_string(width));
  return text.append("-").append(std::to_string(w.outputs)).append(" batch ").append(std::to_string(w.batch));
}

CloningPairs random_pairs(const Workload& w, std::uint64_t seed) {
  constexpr int kTransitions = 10000;
  Rng rng(seed);
  CloningPairs pairs{Matrix(kTransitions, w.inputs), Matrix(kTransitions, w.outputs)};
  for (Eigen::Index i = 0; i < pairs.observations.size(); ++i) {
    pairs.observations.data()[i] = static_cast<float>(rng.normal());
  }
  for (Eigen::Index i = 0; i < pairs.actions.size(); ++i) {
    pairs.actions.data()[i] = static_cast<float>(rng.uniform(-1, 1));
  }
  return pairs;
}

/// The matrix products of one update and nothing else, on buffers of their own.
class Products {
 public:
  explicit Products(const Workload& w) : batch_(w.batch) {
    sizes_.push_back(w.inputs);
    sizes_.insert(sizes_.end(), w.hidden.begin(), w.hidden.end());
    sizes_.push_back(w.outputs);
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      layers_.push_back(Matrix::Constant(batch_, sizes_[i], 0.01F));
      if (i > 0) {
        weights_.push_back(Matrix::Constant(sizes_[i - 1], sizes_[i], 0.01F));
        gradients_.push_back(weights_.back());
      }
    }
  }

  /// Floating-point operations of one run().
  double flops() const {
    double total = 0;
    for (std::size_t i = 1; i < sizes_.size(); ++i) {
      total += 2.0 * batch_ * sizes_[i - 1] * sizes_[i] * (i == 1 ? 2 : 3);
    }
    return total;
  }

  void run() {
    for (std::size_t i = 1; i < sizes_.size(); ++i) {
      product(layers_[i - 1], false, weights_[i - 1], false, layers_[i]);
    }
    for (std::size_t i = sizes_.size() - 1; i > 0; --i) {
      product(layers_[i - 1], true, layers_[i], false, gradients_[i - 1]);
      if (i > 1) product(layers_[i], false, weights_[i - 1], true, layers_[i - 1]);
    }
    for (Matrix& layer : layers_) layer(0, 0) = 0.01F;  // values stay finite: weights are small
  }

 private:
  static void product(const Matrix& a, bool transpose_a, const Matrix& b, bool transpose_b, Matrix& c) {
    multiply({.rows = static_cast<int>(c.rows()),
              .columns = static_cast<int>(c.cols()),
              .inner = static_cast<int>(transpose_a ? a.rows() : a.cols()),
              .a = a.data(),
              .a_stride = static_cast<int>(a.cols()),
              .transpose_a = transpose_a,
              .b = b.data(),
              .b_stride = static_cast<int>(b.cols()),
              .transpose_b = transpose_b,
              .c = c.data(),
              .c_stride = static_cast<int>(c.cols()),
              .alpha = 0.1F});
  }

  int batch_;
  std::vector<int> sizes_;
  std::vector<Matrix> layers_;
  std::vector<Matrix> weights_;
  std::vector<Matrix> gradients_;
};

}  // namespace

std::vector<Measurement> bench_train(const Options& options) {
  const std::vector<Workload> workloads = {
      {17, {32, 32}, 6, 32}, {17, {256, 256}, 6, 256}, {23, {1024, 1024}, 7, 100}, {23, {256, 256}, 7, 100}};
  const int threads_before = blas_threads();
  set_blas_threads(1);
  std::vector<Measurement> measurements;
  for (const Workload& w : workloads) {
    const std::string name = "bc " + label(w);
    if (!wanted(options, name)) continue;
    CloningConfig config;
    config.hidden = w.hidden;
    config.batch = w.batch;
    config.seed = options.seed;
    config.epochs = 1'000'000;  // the learning rate stays at its start
    Cloning cloning(config, random_pairs(w, options.seed));
    Products products(w);
    Measurement training{name, "transitions/s", {}, ""};
    Measurement limit{"  its matrix products alone", "GFLOP/s", {}, ""};
    for (int repeat = 0; repeat < options.repeats; ++repeat) {  // interleaved, for the machine may drift
      training.samples.push_back(w.batch * rate(options.seconds / 2, [&] { cloning.update(); }));
      limit.samples.push_back(products.flops() * 1e-9 * rate(options.seconds / 2, [&] { products.run(); }));
    }
    double share = 0;
    for (std::size_t i = 0; i < training.samples.size(); ++i) {
      share += training.samples[i] / w.batch * products.flops() * 1e-9 / limit.samples[i];
    }
    char note[64];
    std::snprintf(note, sizeof note, "%.0f %% of what its matrix products allow",
                  100 * share / static_cast<double>(training.samples.size()));
    training.note = note;
    measurements.push_back(std::move(training));
    measurements.push_back(std::move(limit));
  }
  bench_sequences(options, measurements);
  set_blas_threads(threads_before);
  return measurements;
}

}  // namespace understudy::bench
