// Cloning of policies that plan or remember, in updates per second on one thread and two, at sizes that other toolkits
// have too; and how close that is to what this machine's matrix products alone would allow.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "bc/cloning/sequence_cloning.h"
#include "bc/networks/blas.h"
#include "datasets/types/random_matrix.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

constexpr int kObs = 23, kAct = 7;

/// The matrix products of one update and nothing else, all on the same buffers.
class Products {
 public:
  /// [rows, inner] by [inner, columns] with both gradients, `times` over.
  void add(int rows, int inner, int columns, int times = 1) {
    list_.push_back({rows, inner, columns, times});
    flops_ += 6.0 * rows * inner * columns * times;
    size_ = std::max(
        {size_, Eigen::Index{rows} * inner, Eigen::Index{inner} * columns, Eigen::Index{rows} * columns});
  }

  double flops() const { return flops_; }

  void run() {
    if (left_.size() != size_) left_ = right_ = result_ = Vector::Constant(size_, 0.01F);
    for (const Product& p : list_) {
      for (int i = 0; i < p.times; ++i) {
        product(p.rows, p.columns, p.inner, false, false);
        product(p.inner, p.columns, p.rows, true, false);
        product(p.rows, p.inner, p.columns, false, true);
      }
    }
  }

 private:
  struct Product {
    int rows, inner, columns, times;
  };

  void product(int rows, int columns, int inner, bool transpose_a, bool transpose_b) {
    multiply({.rows = rows,
              .columns = columns,
              .inner = inner,
              .a = left_.data(),
              .a_stride = transpose_a ? rows : inner,
              .transpose_a = transpose_a,
              .b = right_.data(),
              .b_stride = transpose_b ? inner : columns,
              .transpose_b = transpose_b,
              .c = result_.data(),
              .c_stride = columns});
  }

  std::vector<Product> list_;
  double flops_ = 0;
  Eigen::Index size_ = 0;
  Vector left_, right_, result_;
};

struct Workload {
  std::string name;
  SequenceCloningConfig config;
  Products products;
};

SequenceCloningConfig config_of(const std::string& kind, int batch, const Options& options) {
  SequenceCloningConfig config;
  config.kind = kind;
  config.design = default_design(kind);
  config.batch = batch;
  config.seed = options.seed;
  config.epochs = 1'000'000;  // the learning rate stays at its start
  return config;
}

Workload recurrent(const Options& options) {
  constexpr int kBatch = 100, kWidth = 400, kSteps = 10;
  Workload w{"rnn lstm 2x400 over 10 gmm 5 23/7 batch 100", config_of("recurrent", kBatch, options), {}};
  w.config.design.width = kWidth;
  for (const int inputs : {kObs, kWidth}) {
    w.products.add(kBatch * kSteps, inputs, 4 * kWidth);
    w.products.add(kBatch, kWidth, 4 * kWidth, kSteps);
  }
  w.products.add(kBatch * kSteps, kWidth, head_outputs(w.config.design.head, kAct));
  return w;
}

Workload act(int layers, int width, int wide, int plan, int batch, const Options& options) {
  Workload w{"act " + std::to_string(layers) + "x" + std::to_string(width) + " wide " + std::to_string(wide) +
                 " plan " + std::to_string(plan) + " 23/7 batch " + std::to_string(batch),
             config_of("act", batch, options),
             {}};
  DesignConfig& design = w.config.design;
  design.layers = layers;
  design.width = width;
  design.feedforward = wide;
  design.horizon = plan;
  const int heads = design.attention_heads, depth = width / heads;
  const auto attention = [&](int queries, int keys) {
    w.products.add(batch * queries, width, width, 2);
    w.products.add(batch * keys, width, width, 2);
    w.products.add(queries, depth, keys, batch * heads);
    w.products.add(queries, keys, depth, batch * heads);
  };
  const auto feedforward = [&](int tokens) {
    w.products.add(batch * tokens, width, wide);
    w.products.add(batch * tokens, wide, width);
  };
  for (const int tokens : {plan + 2, 2}) {
    for (int layer = 0; layer < layers; ++layer) {
      attention(tokens, tokens);
      feedforward(tokens);
    }
  }
  attention(plan, plan);
  attention(plan, 2);
  feedforward(plan);
  return w;
}

/// A convolution's products are those of its rearranged inputs.
Workload diffusion(const std::vector<int>& widths, int batch, const Options& options) {
  constexpr int kKernel = 5, kTimeWidth = 64;
  std::string name = "diffusion";
  for (const int width : widths) name += (name == "diffusion" ? " " : "-") + std::to_string(width);
  Workload w{
      name + " plan 16 23/7 batch " + std::to_string(batch), config_of("diffusion", batch, options), {}};
  w.config.design.widths = widths;
  int steps = w.config.design.horizon * batch;
  const auto residual = [&](int in, int out) {
    w.products.add(batch, kTimeWidth + w.config.design.history * kObs, 2 * out);
    w.products.add(steps, kKernel * in, out);
    w.products.add(steps, kKernel * out, out);
    if (in != out) w.products.add(steps, in, out);
  };
  int in = kAct;
  for (std::size_t level = 0; level < widths.size(); ++level) {
    residual(in, widths[level]);
    residual(in = widths[level], widths[level]);
    if (level + 1 < widths.size()) w.products.add(steps /= 2, 3 * in, in);
  }
  residual(in, in);
  residual(in, in);
  for (std::size_t level = widths.size() - 1; level > 0; --level) {
    residual(2 * in, widths[level - 1]);
    residual(in = widths[level - 1], widths[level - 1]);
    w.products.add(steps, in, 4 * in);
    steps *= 2;
  }
  w.products.add(steps, kKernel * in, in);
  return w;
}

CloningPairs random_pairs(std::uint64_t seed) {
  constexpr int kEpisodes = 50, kSteps = 200;
  Rng rng(seed);
  CloningPairs pairs{Matrix(kEpisodes * kSteps, kObs), Matrix(kEpisodes * kSteps, kAct),
                     std::vector<int>(kEpisodes, kSteps)};
  fill_normal(rng, pairs.observations);
  for (float& action : pairs.actions.reshaped()) action = static_cast<float>(rng.uniform(-1, 1));
  return pairs;
}

void bench_sequence(Workload& w, const Options& options, std::vector<Measurement>& measurements) {
  Measurement one{w.name, "updates/s", {}, "", 1};
  Measurement two{w.name, "updates/s", {}, "", 2};
  Measurement limit{"  its matrix products alone", "GFLOP/s", {}, ""};
  w.config.threads = 1;
  SequenceCloning single(w.config, random_pairs(options.seed), kObs, kAct);
  w.config.threads = 2;
  SequenceCloning both(w.config, random_pairs(options.seed), kObs, kAct);
  double share = 0, gain = 0;
  for (int repeat = 0; repeat < options.repeats; ++repeat) {  // interleaved, for the machine may drift
    one.samples.push_back(rate(options.seconds / 3, [&] { single.update(); }));
    two.samples.push_back(rate(options.seconds / 3, [&] { both.update(); }));
    limit.samples.push_back(w.products.flops() * 1e-9 * rate(options.seconds / 3, [&] { w.products.run(); }));
    share += one.samples.back() * w.products.flops() * 1e-9 / limit.samples.back() / options.repeats;
    gain += two.samples.back() / one.samples.back() / options.repeats;
  }
  char note[96];
  std::snprintf(note, sizeof note,
                "1 thread; %.2g GFLOP an update, %.0f %% of what its matrix products allow",
                w.products.flops() * 1e-9, 100 * share);
  one.note = note;
  std::snprintf(note, sizeof note, "2 threads; %.2f times one", gain);
  two.note = note;
  for (Measurement* measured : {&one, &two, &limit}) measurements.push_back(std::move(*measured));
}

}  // namespace

void bench_sequences(const Options& options, std::vector<Measurement>& measurements) {
  for (Workload& w : std::vector<Workload>{
           recurrent(options), act(2, 128, 512, 20, 64, options), act(4, 256, 1024, 50, 16, options),
           diffusion({64, 128}, 64, options), diffusion({128, 256}, 64, options)}) {
    if (wanted(options, w.name)) bench_sequence(w, options, measurements);
  }
}

}  // namespace understudy::bench
