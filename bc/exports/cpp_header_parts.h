#pragma once
/// \file Private to this room: the text that every generated header has, whatever the policy.

namespace understudy {

/// Goes into the policy's namespace.
inline constexpr const char* kHeaderFunctions = R"(namespace detail {

// Elementary functions, relative errors of some 1e-7, of one number or of as many as a register holds.
inline std::int32_t whole_of(float x) { return static_cast<std::int32_t>(x); }
inline float real_of(std::int32_t x) { return static_cast<float>(x); }
#if defined(__GNUC__)
#if defined(__AVX2__)
constexpr int kWidth = 8;
#else
constexpr int kWidth = 4;
#endif
typedef float Vector __attribute__((vector_size(4 * kWidth)));
typedef std::int32_t Integers __attribute__((vector_size(4 * kWidth)));
inline Integers whole_of(Vector x) { return __builtin_convertvector(x, Integers); }
inline Vector real_of(Integers x) { return __builtin_convertvector(x, Vector); }
#endif

struct Exp {
  template <class V>
  V operator()(V x) const {
    const V zero = x - x, low = zero - 87.0f, high = zero + 88.0f, half = zero + 0.5f;
    x = x < low ? low : x;
    x = x > high ? high : x;
    const V scaled = x * 1.44269504f;
    const auto power = whole_of(scaled + (scaled < zero ? -half : half));
    const V whole = real_of(power);
    const V r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    V y = r * 1.9875691500e-4f + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = y * r * r + r + 1.0f;
    const auto bits = (power + 127) << 23;
    V two_to_power;
    std::memcpy(&two_to_power, &bits, sizeof two_to_power);
    return y * two_to_power;
  }
};
struct Tanh {
  template <class V>
  V operator()(V x) const { return 1.0f - 2.0f / (Exp()(2.0f * x) + 1.0f); }
};
struct Sigmoid {
  template <class V>
  V operator()(V x) const { return 1.0f / (1.0f + Exp()(-x)); }
};
// max(x, 0) + log(1 + exp(-|x|)), the logarithm as 2 atanh(z / (2 + z)).
struct Softplus {
  template <class V>
  V operator()(V x) const {
    const V zero = x - x, size = x < zero ? -x : x, z = Exp()(-size), s = z / (2.0f + z), u = s * s;
    V series = u * (1.0f / 11) + 1.0f / 9;
    series = series * u + 1.0f / 7;
    series = series * u + 1.0f / 5;
    series = series * u + 1.0f / 3;
    return (x < zero ? zero : x) + 2.0f * s * (series * u + 1.0f);
  }
};
template <class Function>
inline void map(const float* x, float* y, int count, Function function) {
  int i = 0;
#if defined(__GNUC__)
  for (; i + kWidth <= count; i += kWidth) {
    Vector v;
    std::memcpy(&v, x + i, sizeof v);
    v = function(v);
    std::memcpy(y + i, &v, sizeof v);
  }
#endif
  for (; i < count; ++i) y[i] = function(x[i]);
}

// Eight numbers, in the widest registers there are.
#if defined(__GNUC__) && defined(__AVX__)
typedef float Lane __attribute__((vector_size(32)));
inline void add_product(Lane& sum, const Lane& a, float b) { sum += a * b; }
inline void add(Lane& sum, const Lane& a) { sum += a; }
constexpr bool kManyRegisters = true;
#elif defined(__GNUC__)
typedef float Half __attribute__((vector_size(16)));
struct Lane { Half low, high; };
inline void add_product(Lane& sum, const Lane& a, float b) { sum.low += a.low * b, sum.high += a.high * b; }
inline void add(Lane& sum, const Lane& a) { sum.low += a.low, sum.high += a.high; }
constexpr bool kManyRegisters = false;
#else
struct Lane { float values[8]; };
inline void add_product(Lane& sum, const Lane& a, float b) {
  for (int i = 0; i < 8; ++i) sum.values[i] += a.values[i] * b;
}
inline void add(Lane& sum, const Lane& a) {
  for (int i = 0; i < 8; ++i) sum.values[i] += a.values[i];
}
constexpr bool kManyRegisters = false;
#endif
inline void load(Lane& lane, const float* from) { std::memcpy(&lane, from, sizeof lane); }
inline void store(const Lane& lane, float* to) { std::memcpy(to, &lane, sizeof lane); }

// 32 outputs of a layer, in registers; weights [kIn][32].
template <int kIn>
inline void outputs32(const float* x, const float* weights, const float* bias, float* y) {
  Lane a0, a1, a2, a3, w;
  Lane c0 = {}, c1 = {}, c2 = {}, c3 = {};  // of every other input, where there are registers for them
  Lane &b0 = kManyRegisters ? c0 : a0, &b1 = kManyRegisters ? c1 : a1;
  Lane &b2 = kManyRegisters ? c2 : a2, &b3 = kManyRegisters ? c3 : a3;
  load(a0, bias);
  load(a1, bias + 8);
  load(a2, bias + 16);
  load(a3, bias + 24);
  for (int k = 0; k + 1 < kIn; k += 2, weights += 64) {
    const float even = x[k], odd = x[k + 1];
    load(w, weights), add_product(a0, w, even);
    load(w, weights + 8), add_product(a1, w, even);
    load(w, weights + 16), add_product(a2, w, even);
    load(w, weights + 24), add_product(a3, w, even);
    load(w, weights + 32), add_product(b0, w, odd);
    load(w, weights + 40), add_product(b1, w, odd);
    load(w, weights + 48), add_product(b2, w, odd);
    load(w, weights + 56), add_product(b3, w, odd);
  }
  if constexpr (kIn % 2 == 1) {
    load(w, weights), add_product(a0, w, x[kIn - 1]);
    load(w, weights + 8), add_product(a1, w, x[kIn - 1]);
    load(w, weights + 16), add_product(a2, w, x[kIn - 1]);
    load(w, weights + 24), add_product(a3, w, x[kIn - 1]);
  }
  if (kManyRegisters) add(a0, c0), add(a1, c1), add(a2, c2), add(a3, c3);
  store(a0, y), store(a1, y + 8), store(a2, y + 16), store(a3, y + 24);
}
// 8 of them; weights [kIn][8].
template <int kIn>
inline void outputs8(const float* x, const float* weights, const float* bias, float* y) {
  Lane a, b = {}, w;
  load(a, bias);
  for (int k = 0; k + 1 < kIn; k += 2, weights += 16) {
    load(w, weights), add_product(a, w, x[k]);
    load(w, weights + 8), add_product(b, w, x[k + 1]);
  }
  if constexpr (kIn % 2 == 1) load(w, weights), add_product(a, w, x[kIn - 1]);
  add(a, b);
  store(a, y);
}
// y [kOut] = weights x + bias; outputs in blocks of 32, then of 8, the last filled up with zeros.
template <int kIn, int kOut>
inline void layer(const float* x, const float* weights, const float* bias, float* y) {
  constexpr int kWide = kOut / 32 * 32, kWhole = kOut / 8 * 8;
  for (int from = 0; from < kWide; from += 32)
    outputs32<kIn>(x, weights + from * kIn, bias + from, y + from);
  if constexpr (kWide < kWhole) {
    for (int from = kWide; from < kWhole; from += 8)
      outputs8<kIn>(x, weights + from * kIn, bias + from, y + from);
  }
  if constexpr (kWhole < kOut) {
    float rest[8];
    outputs8<kIn>(x, weights + kWhole * kIn, bias + kWhole, rest);
    for (int i = kWhole; i < kOut; ++i) y[i] = rest[i - kWhole];
  }
}

}  // namespace detail

)";

/// The class, with places in braces to be filled in.
inline constexpr const char* kHeaderClass = R"(
class Policy {
 public:
  static constexpr int kObservations = {observations};  // numbers of an observation
  static constexpr int kActions = {actions};       // of an action
  static constexpr int kNoise = {noise};         // of what is random in a step

  explicit Policy(std::uint64_t seed = 1) noexcept { reset(seed); }

  /// A new episode begins. The seed chooses what is random, if something is.
  void reset(std::uint64_t seed = 1) noexcept {
    for (float& number : state_) number = 0;
    random_ = seed;
    steps_ = 0;
  }

  /// From a raw observation [kObservations] the action [kActions] in [-1, 1]. Sets no memory aside, throws nothing.
  void act(const float* observation, float* action) noexcept {
    float noise[{noise_size}] = {};
    if (kNoise > 0 && steps_++ % {noise_every} == 0)
      for (int i = 0; i < kNoise; ++i) noise[i] = normal();
    step(observation, noise, action);
  }

  /// The same with noise [kNoise] of one's own, standard normal.
  void step(const float* observation, const float* noise, float* action) noexcept {
    (void)noise;
{body}  }

 private:
  static void detail_matmul(const float* a, const float* b, float* y, int m, int k, int n) noexcept {
    for (int i = 0; i < m; ++i, y += n) {
      for (int j = 0; j < n; ++j) y[j] = 0;
      for (int l = 0; l < k; ++l) {
        const float factor = a[i * k + l];
        const float* const row = b + l * n;
        for (int j = 0; j < n; ++j) y[j] += factor * row[j];
      }
    }
  }
  static void detail_softmax(const float* x, float* y, int count, int stride) noexcept {
    float most = x[0], sum = 0;
    for (int i = 1; i < count; ++i) most = x[i * stride] > most ? x[i * stride] : most;
    for (int i = 0; i < count; ++i) sum += y[i * stride] = detail::Exp()(x[i * stride] - most);
    for (int i = 0; i < count; ++i) y[i * stride] /= sum;
  }
  static void detail_normalise(const float* x, const float* scale, const float* shift, float* y, int count,
                               float epsilon) noexcept {
    float mean = 0, square = 0;
    for (int i = 0; i < count; ++i) mean += x[i];
    mean /= static_cast<float>(count);
    for (int i = 0; i < count; ++i) square += (x[i] - mean) * (x[i] - mean);
    const float factor = 1.0f / std::sqrt(square / static_cast<float>(count) + epsilon);
    for (int i = 0; i < count; ++i) y[i] = (x[i] - mean) * factor * scale[i] + shift[i];
  }

  /// Box and Muller 1958, of numbers by SplitMix64 (Steele et al. 2014).
  float normal() noexcept {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return static_cast<float>(radius * std::cos(6.283185307179586 * uniform()));
  }
  double uniform() noexcept {
    std::uint64_t z = random_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }

  std::uint64_t random_ = 0;
  std::uint64_t steps_ = 0;
  float state_[{state_size}];
{members}};
)";

}  // namespace understudy
