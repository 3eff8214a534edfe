#pragma once
/// \file The one source of randomness. Every random draw takes an explicit `Rng&`; there is no global seed.

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace understudy {

/// rng_streams.h has the list.
enum class RngStream : std::uint64_t;

/// 64-bit Mersenne Twister with draws spelled out here, so that a seed gives the same numbers with every
/// standard library (the standard fixes the engine, not its distributions).
class Rng {
 public:
  explicit Rng(std::uint64_t seed) : engine_(mix(seed)) {}

  /// Independent generator for a named sub-stream: the same (seed, stream) always gives the same numbers.
  static Rng stream(std::uint64_t seed, RngStream stream) {
    return Rng(mix(seed) ^ mix(~static_cast<std::uint64_t>(stream)));
  }

  std::uint64_t bits() { return engine_(); }
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  /// Uniform in [low, high).
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform integer in [0, bound); `bound` must be positive. The bias is below 2^-32 for bounds under 2^32.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  /// Standard normal (Box-Muller; the second value is thrown away so that no hidden state is kept).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  /// The engine itself, to be saved and restored with `<<` and `>>`.
  std::mt19937_64& engine() { return engine_; }
  const std::mt19937_64& engine() const { return engine_; }

 private:
  /// SplitMix64's finaliser (Steele, Lea, Flood 2014), so that neighbouring seeds share nothing.
  static std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }

  std::mt19937_64 engine_;
};

}  // namespace understudy
