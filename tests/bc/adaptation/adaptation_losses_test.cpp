#include "bc/adaptation/adaptation_losses.h"

#include <algorithm>
#include <cmath>

#include "bc/adaptation/detector.h"
#include "tests/support/catch.h"

using namespace understudy;

namespace {

/// The value of an expression of x and y, and its gradient by a parameter w [n] that stands in x = w.
struct Value {
  double value = 0;
  std::vector<float> gradient;
};

Value value_of(const std::string& expression, std::vector<float> w, const std::vector<float>& y,
               const std::vector<std::int64_t>& shape) {
  const std::vector<ScriptTensor> parameters{{.name = "w", .shape = shape, .values = w.data()}};
  const auto network =
      make_script_network("test",
                          adaptation_losses() +
                              "\ndef loss(self, y: Tensor, total: float, batch: float, train: bool) -> "
                              "Tensor:\n    return " +
                              expression + "\n",
                          parameters, {});
  Value result;
  result.gradient.assign(w.size(), 0);
  result.value = network->loss({{.shape = shape, .values = y.data()}}, 1, 1, true, 0, result.gradient.data());
  return result;
}

double logit(double p) {
  return std::log(p / (1 - p));
}

}  // namespace

TEST_CASE("a discriminator that says one half everywhere loses a quarter, and so does its generator") {
  const std::vector<float> half(4, 0.5F);
  const std::vector<std::int64_t> shape{1, 1, 2, 2};
  // Half of both sides, Zhu et al. 2017: (0.25 + 0.25) / 2.
  CHECK(value_of("0.5 * (self.lsgan(self.w, 1.0) + self.lsgan(y, 0.0))", half, half, shape).value == 0.25);
  CHECK(value_of("self.lsgan(self.w, 1.0) + 0.0 * y.sum()", half, half, shape).value == 0.25);
}

TEST_CASE("PMSE is 0 for a constant difference, whatever the constant, and 1 for differences of 1 and -1") {
  const std::vector<float> x{0.5F, -0.25F, 1, 0.125F};
  const std::vector<std::int64_t> shape{1, 1, 2, 2};
  for (const float constant : {0.0F, 0.5F, -2.0F}) {
    std::vector<float> y = x;
    for (float& value : y) value += constant;
    CHECK(std::abs(value_of("self.pmse(self.w, y)", x, y, shape).value) < 1e-12);
  }
  CHECK(value_of("self.pmse(self.w, y)", {1, 0, 1, 0}, {0, 1, 0, 1}, shape).value == 1);
}

TEST_CASE("the focal consistency is 0 at equal predictions and the focal loss at hard targets") {
  const std::vector<std::int64_t> shape{1, 1, 2, 2};
  const std::vector<float> logits{-2, 0, 1, 3};
  CHECK(value_of("self.focal(torch.sigmoid(y), self.w)", logits, logits, shape).value < 1e-12);
  // Lin et al. 2017: -alpha_t (1 - p_t)^2 log p_t, alpha = 0.25, over one positive.
  const std::vector<double> p{0.2, 0.6, 0.9, 0.4};
  const std::vector<float> hard{0, 1, 0, 0};
  std::vector<float> w;
  double expected = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    w.push_back(static_cast<float>(logit(p[i])));
    const double right = hard[i] == 1 ? p[i] : 1 - p[i];
    expected -= (hard[i] == 1 ? 0.25 : 0.75) * (1 - right) * (1 - right) * std::log(right);
  }
  CHECK(std::abs(value_of("self.focal(y, self.w)", w, hard, shape).value - expected) < 1e-6);
}

TEST_CASE("perception is 0 between equal pictures, and its first argument gets no gradient") {
  const std::vector<std::int64_t> shape{1, 3, 2, 2};
  const std::vector<float> a{-1, 0, 2, 1, 0.3F, 0.1F, -0.2F, 0.4F, 0, 0.1F, 0.2F, 0.3F};
  std::vector<float> b = a;
  CHECK(value_of("self.perception(y, self.w)", a, b, shape).value < 1e-12);
  b[0] = 1;
  b[6] = 1.5F;
  const Value second = value_of("self.perception(y, self.w)", a, b, shape);
  CHECK(second.value > 0.01);
  CHECK(std::any_of(second.gradient.begin(), second.gradient.end(), [](float g) { return g != 0; }));
  const Value first = value_of("self.perception(self.w, y) + 0.0 * self.w.sum()", a, b, shape);
  CHECK(first.value > 0.01);
  CHECK(std::all_of(first.gradient.begin(), first.gradient.end(), [](float g) { return g == 0; }));
}

TEST_CASE("generators that change nothing give no cycle, no identity and no perception loss") {
  AdaptationConfig config = default_adaptation(AdaptationMethod::kRetinaGan);
  config.identity = 5;
  const std::vector<std::int64_t> shape{1, 3, 8, 8};
  std::vector<float> x(192), y(192), fakes(192), parts(4), none{0};
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = std::sin(static_cast<float>(i));
    y[i] = std::cos(static_cast<float>(2 * i));
  }
  const std::string stubs = R"(
def g(self, x: Tensor) -> Tensor:
    return x + 0.0 * self.w

def f(self, x: Tensor) -> Tensor:
    return x

def dx(self, x: Tensor) -> Tensor:
    return torch.zeros_like(x) + 0.5

def dy(self, x: Tensor) -> Tensor:
    return torch.zeros_like(x) + 0.5

def detect(self, x: Tensor) -> Tensor:
    return 3.0 * x
)";
  const auto network = make_script_network("test", stubs + adaptation_losses() + generator_loss(config),
                                           {{.name = "w", .shape = {1}, .values = none.data()}},
                                           {{.name = "fake_y", .shape = shape, .values = fakes.data()},
                                            {.name = "fake_x", .shape = shape, .values = fakes.data()},
                                            {.name = "parts", .shape = {4}, .values = parts.data()}});
  std::vector<float> gradient(1);
  const double loss =
      network->loss({{.shape = shape, .values = x.data()}, {.shape = shape, .values = y.data()}}, 1, 1, true,
                    0, gradient.data());
  CHECK(parts[0] == 0.5F);  // a quarter for each of two generators
  CHECK(parts[1] == 0);
  CHECK(parts[2] == 0);
  CHECK(std::abs(parts[3]) < 1e-9F);
  CHECK(std::abs(loss - 0.5) < 1e-8);
}

TEST_CASE("a detector's target is 1 in the object's cell alone and tells its place by the offset there") {
  Vector places(4);
  places << 21, 42, NAN, NAN;  // the second object is not in the picture
  const std::vector<float> target = detector_target(places, 2, 64, 48);
  REQUIRE(target.size() == 6 * 8 * 6);
  const std::size_t cell = 5 * 8 + 2;  // row 42 / 8, column 21 / 8
  for (std::size_t i = 0; i < 48; ++i) {
    CHECK((target[i] == 1) == (i == cell));
    CHECK(target[48 + i] == 0);
  }
  CHECK(std::abs(8 * (2.5F + target[2 * 48 + cell]) - 21) < 1e-5F);
  CHECK(std::abs(8 * (5.5F + target[4 * 48 + cell]) - 42) < 1e-5F);
}
