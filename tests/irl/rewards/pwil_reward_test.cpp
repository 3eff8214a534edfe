// The fast reward against the pseudo-code of the paper written out plainly, and against arithmetic.

#include "irl/rewards/pwil_reward.h"

#include <cmath>

#include "datasets/types/error.h"
#include "irl/couplings/exact_coupling.h"
#include "irl/couplings/greedy_coupling.h"
#include "irl/couplings/ground_cost.h"
#include "tests/support/catch.h"
#include "tests/support/measures.h"
#include "tests/support/random_matrices.h"

namespace understudy {
using namespace tests;
namespace {

/// Algorithm 1 of the paper in double precision, atom by atom.
class PlainPwil {
 public:
  PlainPwil(const Matrix& atoms, const PwilConfig& config) : config_(config), atoms_(atoms.cast<double>()) {
    const Eigen::RowVectorXd mean = atoms_.colwise().mean();
    deviation_ = (atoms_.rowwise() - mean).array().square().colwise().mean().sqrt();
    for (double& value : deviation_) value = value < 1e-6 ? 1 : value;
    atoms_.array().rowwise() /= deviation_.array();
    reset();
  }
  void reset() {
    left_.assign(static_cast<std::size_t>(atoms_.rows()), 1.0 / static_cast<double>(atoms_.rows()));
    exhausted_ = false;
    cost = 0;
  }
  double reward(const Eigen::VectorXf& step) {
    if (exhausted_) return 0;
    const Eigen::RowVectorXd x = step.cast<double>().transpose().cwiseQuotient(deviation_);
    double mass = 1.0 / config_.horizon - 1e-6;
    double c = 0;
    while (mass > 0) {
      int nearest = -1;
      double least = 0;
      for (int j = 0; j < atoms_.rows(); ++j) {
        if (left_[static_cast<std::size_t>(j)] <= 0) continue;
        const double distance = (atoms_.row(j) - x).norm();
        if (nearest < 0 || distance < least) {
          nearest = j;
          least = distance;
        }
      }
      if (nearest < 0) {
        exhausted_ = true;
        return 0;
      }
      double& left = left_[static_cast<std::size_t>(nearest)];
      const double given = std::min(mass, left);
      c += given * least;
      mass -= given;
      left -= given;
    }
    cost += c;
    const double sigma = config_.beta * config_.horizon / std::sqrt(static_cast<double>(atoms_.cols()));
    return config_.alpha * std::exp(-sigma * c);
  }
  double cost = 0;

 private:
  PwilConfig config_;
  CostMatrix atoms_;
  Eigen::RowVectorXd deviation_;
  std::vector<double> left_;
  bool exhausted_ = false;
};

ExpertAtoms split_atoms(const Matrix& values, int act_dim) {
  const auto obs_dim = values.cols() - act_dim;
  return pair_atoms(values.leftCols(obs_dim), values.rightCols(act_dim), act_dim == 0);
}

double reward_of(PwilReward& pwil, const Vector& step, int act_dim) {
  return pwil.reward(step.head(step.size() - act_dim), step.tail(act_dim));
}

}  // namespace

TEST_CASE("the fast reward equals the paper's pseudo-code to 1e-5, episode after episode", "[irl]") {
  struct Case {
    int atoms;
    int dim;
    int act_dim;
    int horizon;
  };
  const Case c = GENERATE(Case{1, 1, 0, 7}, Case{50, 23, 6, 1000}, Case{33, 4, 1, 40}, Case{550, 119, 8, 300},
                          Case{64, 11, 0, 64}, Case{900, 5, 2, 100});
  CAPTURE(c.atoms, c.dim, c.horizon);
  Rng rng(1);
  Matrix atoms = random_matrix(c.atoms, c.dim, rng);
  Vector offset(c.dim);
  Vector scale(c.dim);
  for (int d = 0; d < c.dim; ++d) {  // entries in different units and places
    offset(d) = static_cast<float>(rng.uniform(-20, 20));
    scale(d) = static_cast<float>(std::exp(rng.uniform(-3, 3)));
  }
  const auto place = [&](Matrix& values) {
    values = ((values.array().rowwise() * scale.transpose().array()).rowwise() + offset.transpose().array())
                 .matrix();
  };
  place(atoms);
  if (c.dim > 3) atoms.col(2).setConstant(0.75F);
  const PwilConfig config{.beta = 2, .horizon = c.horizon};
  PwilReward pwil(split_atoms(atoms, c.act_dim), config);
  PlainPwil plain(atoms, config);
  for (int episode = 0; episode < 3; ++episode) {
    Matrix steps = random_matrix(c.horizon + 5, c.dim, rng) * 0.7F;
    place(steps);
    if (c.dim > 3) steps.col(2).setConstant(0.5F);
    pwil.reset();
    plain.reset();
    double worst = 0;
    for (int t = 0; t < steps.rows(); ++t) {
      const Vector step = steps.row(t).transpose();
      worst = std::max(worst, std::abs(reward_of(pwil, step, c.act_dim) - plain.reward(step)));
    }
    CHECK(worst < 1e-5);
    CHECK(plain.cost > 0);
    if (!pwil.exhausted()) CHECK(pwil.episode_cost() == Approx(plain.cost).epsilon(1e-5));
  }
}

TEST_CASE("the paper's regretted greedy choice earns 5 e^-5 and 5 e^-15", "[irl]") {
  // Steps 0, 1; atoms 1, -2: costs 0.5 and 1.5, sigma 5 * 2. The atoms' deviation 1.5 divides
  // distances, so beta is 7.5.
  PwilReward pwil(split_atoms(on_line({1, -2}), 0), {.beta = 7.5, .horizon = 2});
  const Vector none(0);
  CHECK(pwil.reward(Vector::Constant(1, 0.0F), none) == Approx(0.0336897).epsilon(1e-4));
  CHECK(pwil.reward(Vector::Constant(1, 1.0F), none) == Approx(1.5295e-6).epsilon(1e-3));
  CHECK(pwil.episode_cost() == Approx(2.0 / 1.5).epsilon(1e-5));
}

TEST_CASE("sigma of known tasks: a step at standardised distance delta per entry earns alpha e^(-beta delta)",
          "[irl]") {
  // sigma = beta T / sqrt(dim): all mass 1/T moves delta sqrt(dim).
  Rng rng(2);
  for (const auto& [dim, horizon] : {std::pair{14, 1000}, {36, 1000}, {11, 150}}) {
    Matrix atoms = random_matrix(30, dim, rng);
    const Normaliser standard = atom_standardiser(atoms);
    for (const float delta : {0.0F, 0.1F, 0.2F, 0.5F}) {
      PwilReward pwil(split_atoms(atoms, 3), {.horizon = horizon});
      // From a lone atom outwards, so that no other is nearer.
      Eigen::Index far = 0;
      ((atoms.rowwise() - standard.mean.transpose()).array().rowwise() * standard.scale.transpose().array())
          .matrix()
          .rowwise()
          .squaredNorm()
          .maxCoeff(&far);
      const Vector away = (atoms.row(far).transpose() - standard.mean).cwiseSign();
      const Vector step = atoms.row(far).transpose() + delta * away.cwiseQuotient(standard.scale);
      const double moved = 1 - 1e-6 * horizon;  // of the step's mass
      const double want = 5 * std::exp(-5 * static_cast<double>(delta) * moved);
      CHECK(reward_of(pwil, step, 3) == Approx(want).epsilon(1e-5));
      if (delta == 0) CHECK(reward_of(pwil, step, 3) == 5.0);
    }
  }
}

TEST_CASE("replaying the expert with as many steps as atoms costs nothing and earns alpha throughout",
          "[irl]") {
  Rng rng(3);
  const Matrix atoms = random_matrix(120, 6, rng);
  PwilReward pwil(split_atoms(atoms, 2), {.alpha = 3, .horizon = 120});
  for (int t = 0; t < 120; ++t) CHECK(reward_of(pwil, atoms.row(t).transpose(), 2) == 3.0);
  CHECK(pwil.episode_cost() == 0.0);
}

TEST_CASE("an episode's cost is that of the greedy coupling and never below the exact one", "[irl]") {
  Rng rng(4);
  const int horizon = 100;
  const Matrix atoms = random_matrix(70, 4, rng);
  const Matrix steps = random_matrix(horizon, 4, rng);
  PwilReward pwil(split_atoms(atoms, 1), {.horizon = horizon});
  for (int t = 0; t < horizon; ++t) reward_of(pwil, steps.row(t).transpose(), 1);
  Matrix x = steps;
  Matrix y = atoms;
  const Normaliser standard = atom_standardiser(atoms);
  standard.apply(x);
  standard.apply(y);
  const CostMatrix cost = ground_cost(GroundCost::kEuclidean, x, y);
  const double greedy = greedy_coupling(cost, uniform_weights(horizon), uniform_weights(70)).cost;
  // 1e-6 of every 1/100 of mass stays behind: at most 1e-4 of the cost, with what it shifts.
  CHECK(pwil.episode_cost() == Approx(greedy).epsilon(1e-3));
  CHECK(pwil.episode_cost() > exact_coupling(cost, uniform_weights(horizon), uniform_weights(70)).cost);
}

TEST_CASE("T steps use T (1/T - 1e-6) of the mass: one more step finds enough, the next none", "[irl]") {
  Rng rng(5);
  const int horizon = 1000;
  PwilReward pwil(split_atoms(random_matrix(37, 3, rng), 1), {.beta = 0.01, .horizon = horizon});
  // 1001 steps take 1001 (0.001 - 1e-6) = 0.999999.
  for (int t = 0; t < horizon + 1; ++t) {
    CHECK(reward_of(pwil, random_matrix(1, 3, rng).row(0).transpose(), 1) > 0);
  }
  CHECK_FALSE(pwil.exhausted());
  CHECK(reward_of(pwil, Vector::Zero(3), 1) == 0.0);
  CHECK(pwil.exhausted());
  CHECK(pwil.live_atoms() == 0);
  pwil.reset();
  CHECK(pwil.live_atoms() == 37);
  CHECK(reward_of(pwil, Vector::Zero(3), 1) > 0);
}

TEST_CASE("the unit of an entry does not matter", "[irl]") {
  Rng rng(6);
  Matrix atoms = random_matrix(40, 3, rng);
  Matrix steps = random_matrix(80, 3, rng);
  const auto rewards = [&] {
    PwilReward pwil(split_atoms(atoms, 1), {.horizon = 80});
    Eigen::VectorXd all(80);
    for (int t = 0; t < 80; ++t) all(t) = reward_of(pwil, steps.row(t).transpose(), 1);
    return all;
  };
  const Eigen::VectorXd before = rewards();
  atoms.col(1) *= 1000;
  steps.col(1) *= 1000;
  CHECK((rewards() - before).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("of equally near atoms the first is used up first, wherever earlier steps have moved it", "[irl]") {
  // A 1-D lattice whose deviation is exactly 2: standardised distances are exact.
  const Matrix atoms = on_line({2, -2, 2, -2, 2, -2, 2, -2});
  const Vector none(0);
  const PwilConfig config{.horizon = 16};
  PwilReward pwil(split_atoms(atoms, 0), config);
  PlainPwil plain(atoms, config);
  Rng rng(7);
  for (int episode = 0; episode < 20; ++episode) {
    pwil.reset();
    plain.reset();
    for (int t = 0; t < 16; ++t) {
      const Vector step =
          Vector::Constant(1, static_cast<float>(rng.below(3)) - 1.0F);  // 0: all are equally near
      CHECK(pwil.reward(step, none) == Approx(plain.reward(step)).epsilon(1e-6));
    }
  }
}

TEST_CASE("PWIL refuses settings out of range and steps that are not finite", "[irl]") {
  const ExpertAtoms atoms = split_atoms(on_line({1, -2}), 0);
  const auto make = [&](const PwilConfig& config) { PwilReward(atoms, config).reset(); };
  CHECK_THROWS_WITH(make({.alpha = 0}), ContainsSubstring("pwil alpha: want a number above 0, found 0"));
  CHECK_THROWS_WITH(make({.beta = -1}), ContainsSubstring("pwil beta"));
  CHECK_THROWS_WITH(make({.horizon = 0}), ContainsSubstring("pwil horizon"));
  PwilReward pwil(atoms, {});
  const Vector none(0);
  CHECK_THROWS_WITH(pwil.reward(Vector::Constant(1, std::nanf("")), none),
                    ContainsSubstring("want a finite"));
}

}  // namespace understudy
