#pragma once
/// \file The benchmark suites behind `understudy bench`: each measures one thing
/// several times, in one process.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "envs/randomisation/randomisation.h"

namespace understudy::bench {

struct Options {
  int repeats = 5;  ///< samples of each measurement
  double seconds =
      1.0;           ///< time given to each sample, s (the control-loop suite takes it as its whole length)
  double rate = 30;  ///< Hz, only for the control-loop suite
  std::uint64_t seed = 1;
  // Only for the environment suite:
  Randomisation randomisation{};  ///< of the episodes
  std::vector<std::string>
      environments{};  ///< task ids; none: all, or the usual ones of `eval`; also for that suite
  int batch = 64;      ///< environments that are stepped together
  // Only for the suites of training, acting and the window:
  std::vector<std::string> only{};  ///< words, of which a measurement's name has one; none: all
};

/// One measured quantity; the program prints median and spread of the samples.
struct Measurement {
  std::string name;  ///< e.g. "bc 17-32-32-6 batch 32"
  std::string unit;  ///< e.g. "transitions/s"
  std::vector<double> samples;
  std::string note;  ///< what else belongs beside the number; may be empty
  int threads = 1;   ///< that were measured
};

/// Whether `options.only` has a place for a measurement of this name.
inline bool wanted(const Options& options, const std::string& name) {
  return options.only.empty() || std::any_of(options.only.begin(), options.only.end(), [&](const auto& word) {
           return name.find(word) != std::string::npos;
         });
}

/// Calls of `work` per second, over at least `seconds`.
inline double rate(double seconds, const std::function<void()>& work) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  double elapsed = 0;
  int calls = 0;
  do {
    work();
    ++calls;
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (elapsed < seconds);
  return calls / elapsed;
}

std::vector<Measurement> bench_env(const Options& options);    ///< tools/bench/env.cpp
std::vector<Measurement> bench_train(const Options& options);  ///< tools/bench/train.cpp
void bench_sequences(
    const Options& options,
    std::vector<Measurement>& measurements);  ///< of bench_train: tools/bench/train_sequences.cpp
std::vector<Measurement> bench_rl(const Options& options);       ///< tools/bench/rl.cpp
std::vector<Measurement> bench_act(const Options& options);      ///< tools/bench/act.cpp
std::vector<Measurement> bench_eval(const Options& options);     ///< tools/bench/eval.cpp
std::vector<Measurement> bench_pwil(const Options& options);     ///< tools/bench/pwil.cpp
std::vector<Measurement> bench_camera(const Options& options);   ///< tools/bench/camera.cpp
std::vector<Measurement> bench_window(const Options& options);   ///< tools/bench/window.cpp
std::vector<Measurement> bench_control(const Options& options);  ///< tools/bench/control.cpp

}  // namespace understudy::bench
