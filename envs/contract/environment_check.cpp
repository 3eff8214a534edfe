#include "envs/contract/environment_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "envs/contract/time_limit.h"

namespace understudy {
namespace {

using Maker = std::function<std::unique_ptr<Environment>()>;

/// One run of the checks against one maker; every method is an axiom of environment_check.h.
class Checker {
 public:
  Checker(const Maker& make, const CheckOptions& options)
      : make_(make), options_(options), first_(make()), spec_(first_->spec()) {
    want(options.episodes > 0 && options.steps > 1, "options", "want at least 1 episode of 2 steps");
  }

  void run() {
    check_spec();
    check_contract();
    for (int episode = 0; episode < options_.episodes; ++episode) {
      const std::uint64_t seed = options_.seed + static_cast<std::uint64_t>(episode);
      check_observations(seed);
      check_determinism(seed);
      check_restore(seed);
      check_clamping(seed);
      check_state(seed);
      check_scene(seed);
    }
    check_end();
  }

 private:
  /// What an environment returned over some steps, to be compared bit for bit.
  struct Trace {
    std::vector<Vector> observations;
    std::vector<State> states;
    std::vector<StepResult> results;
  };

  [[noreturn]] void fail(const std::string& axiom, const std::string& line) const {
    throw Error("check " + (spec_.id.empty() ? "environment" : spec_.id) + ": " + axiom + ": " + line);
  }
  void want(bool good, const std::string& axiom, const std::string& line) const {
    if (!good) fail(axiom, line);
  }
  template <typename Call>
  void want_error(Call&& call, const std::string& axiom, const std::string& what) const {
    try {
      call();
    } catch (const Error&) {
      return;
    }
    fail(axiom, "want an Error from " + what + ", found none");
  }

  Vector blank() const { return Vector::Zero(spec_.observation.size()); }
  Vector zero_action() const { return Vector::Zero(spec_.action.size()); }
  State state_of(const Environment& environment) const {
    State state(environment.state_dim());
    environment.read_state(state);
    return state;
  }

  Matrix random_actions(std::uint64_t seed, RngStream stream, int steps) const {
    Rng rng = Rng::stream(seed, stream);
    Matrix actions(steps, spec_.action.size());
    for (float& a : actions.reshaped()) a = static_cast<float>(rng.uniform(-1, 1));
    return actions;
  }

  /// Plays `actions` from row `from`, as far as the episode lasts.
  Trace play(Environment& environment, const Matrix& actions, Eigen::Index from = 0) const {
    Trace trace;
    for (Eigen::Index t = from; t < actions.rows(); ++t) {
      Vector observation = blank();
      trace.results.push_back(environment.step(actions.row(t).transpose(), observation));
      trace.observations.push_back(observation);
      trace.states.push_back(state_of(environment));
      if (trace.results.back().terminated || trace.results.back().truncated) break;
    }
    return trace;
  }

  static bool same(const StepResult& a, const StepResult& b) {
    return std::memcmp(&a.reward, &b.reward, sizeof a.reward) == 0 && a.terminated == b.terminated &&
           a.truncated == b.truncated && a.success == b.success && a.cause == b.cause;
  }
  template <typename Array>
  static bool same_bits(const Array& a, const Array& b) {
    return a.size() == b.size() &&
           std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof a[0]) == 0;
  }
  void want_same(const Trace& a, const Trace& b, const std::string& axiom, const std::string& how) const {
    want(a.results.size() == b.results.size(), axiom, "the episodes differ in length " + how);
    for (std::size_t t = 0; t < a.results.size(); ++t) {
      const std::string place = " " + how + " at step " + std::to_string(t + 1);
      want(same_bits(a.observations[t], b.observations[t]), axiom, "observations differ" + place);
      want(same_bits(a.states[t], b.states[t]), axiom, "states differ" + place);
      want(same(a.results[t], b.results[t]), axiom, "rewards or flags differ" + place);
    }
  }

  void check_spec() const;
  void check_contract() const;
  void check_bounds(const Vector& observation, const std::string& place) const;
  void check_observations(std::uint64_t seed) const;
  void check_determinism(std::uint64_t seed) const;
  void check_restore(std::uint64_t seed) const;
  void check_clamping(std::uint64_t seed) const;
  void check_state(std::uint64_t seed) const;
  void check_scene(std::uint64_t seed) const;
  void check_end() const;

  const Maker& make_;
  const CheckOptions& options_;
  std::unique_ptr<Environment> first_;
  const EnvironmentSpec spec_;
};

void Checker::check_spec() const {
  const std::string axiom = "spec";
  want(!spec_.id.empty() && spec_.id[0] >= 'A' && spec_.id[0] <= 'Z', axiom,
       "want an UpperCamel id, found '" + spec_.id + "'");
  want(!spec_.summary.empty() && !spec_.success.empty() && !spec_.layout.empty(), axiom,
       "want a summary, a success criterion and a layout");
  want(spec_.control_rate > 0 && spec_.substeps > 0 && spec_.horizon > 0, axiom,
       "want a positive control rate, substeps and horizon");
  want(spec_.observation.size() > 0 && spec_.action.size() > 0, axiom, "want spaces that are not empty");
  for (const Field& field : spec_.action.fields()) {
    want(field.low == -1 && field.high == 1, axiom, "action field '" + field.name + "': want bounds [-1, 1]");
  }
  for (const Space* space : {&spec_.observation, &spec_.action}) {
    for (const Field& field : space->fields()) {
      want(!field.unit.empty() && !field.meaning.empty(), axiom,
           "field '" + field.name + "': want a unit and a meaning");
    }
  }
  const auto other = make_();
  const EnvironmentSpec& found = other->spec();
  want(found.id == spec_.id && found.observation == spec_.observation && found.action == spec_.action &&
           found.horizon == spec_.horizon && found.substeps == spec_.substeps,
       axiom, "two objects of one task differ");
}

void Checker::check_contract() const {
  const auto environment = make_();
  Vector observation = blank();
  want_error([&] { environment->step(zero_action(), observation); }, "contract",
             "a step before the first reset");
}

void Checker::check_bounds(const Vector& observation, const std::string& place) const {
  Eigen::Index entry = 0;
  for (const Field& field : spec_.observation.fields()) {
    for (int i = 0; i < field.size; ++i, ++entry) {
      const float value = observation[entry];
      const bool inside = std::isfinite(value) && value >= static_cast<float>(field.low) &&
                          value <= static_cast<float>(field.high);
      want(inside, "observation",
           place + ": " + field.name + "[" + std::to_string(i) + "]: want a value in [" +
               std::to_string(field.low) + ", " + std::to_string(field.high) + "], found " +
               std::to_string(value));
    }
  }
}

void Checker::check_observations(std::uint64_t seed) const {
  const auto environment = make_();
  // Not a number where the environment forgets to write.
  Vector observation = Vector::Constant(spec_.observation.size(), std::numeric_limits<float>::quiet_NaN());
  environment->reset(seed, observation);
  check_bounds(observation, "after reset with seed " + std::to_string(seed));
  const Matrix actions = random_actions(seed, RngStream::kCheckObservations, options_.steps);
  for (Eigen::Index t = 0; t < actions.rows(); ++t) {
    observation.setConstant(std::numeric_limits<float>::quiet_NaN());
    const StepResult result = environment->step(actions.row(t).transpose(), observation);
    const std::string place = "seed " + std::to_string(seed) + ", step " + std::to_string(t + 1);
    check_bounds(observation, place);
    want(std::isfinite(result.reward), "observation", place + ": the reward is not finite");
    if (result.terminated || result.truncated) break;
  }
}

void Checker::check_determinism(std::uint64_t seed) const {
  const auto a = make_(), b = make_();
  Vector start_a = blank(), start_b = blank(), start_c = blank();
  a->reset(seed, start_a);
  // The second object has a past; it must not show.
  b->reset(seed + 1000, start_c);
  const Matrix actions = random_actions(seed, RngStream::kCheckDeterminism, options_.steps);
  play(*b, actions);
  b->reset(seed, start_b);
  want(same_bits(start_a, start_b), "determinism", "the first observation depends on earlier episodes");
  want(!same_bits(start_a, start_c), "determinism", "another seed gives the same first observation");
  want_same(play(*a, actions), play(*b, actions), "determinism", "between two objects");
}

void Checker::check_restore(std::uint64_t seed) const {
  const auto a = make_(), b = make_();
  Vector observation = blank(), restored = blank();
  a->reset(seed, observation);
  const Matrix actions = random_actions(seed, RngStream::kCheckRestore, options_.steps);
  const auto moment = static_cast<Eigen::Index>(
      1 + Rng::stream(seed, RngStream::kCheckMoment).below(static_cast<std::uint64_t>(options_.steps) - 1));
  for (Eigen::Index t = 0; t < moment; ++t) {
    const StepResult result = a->step(actions.row(t).transpose(), observation);
    if (result.terminated || result.truncated) return;  // nothing is left to compare
  }
  const Snapshot snapshot = a->save_state();
  want(snapshot.seed == seed && snapshot.actions.rows() == moment, "restore",
       "want a snapshot of the seed and " + std::to_string(moment) + " actions");
  b->reset(seed + 1, restored);
  b->restore_state(snapshot, restored);
  want(same_bits(observation, restored), "restore", "the observation differs after restore_state");
  want(same_bits(state_of(*a), state_of(*b)), "restore", "the state differs after restore_state");
  const Trace went_on = play(*a, actions, moment), came_back = play(*b, actions, moment);
  want_same(went_on, came_back, "restore", "after restore_state");
  // Into the very object that went on.
  a->restore_state(snapshot, restored);
  want_same(went_on, play(*a, actions, moment), "restore", "after restore_state into the same object");
}

void Checker::check_clamping(std::uint64_t seed) const {
  const auto a = make_(), b = make_();
  Vector observation_a = blank(), observation_b = blank();
  a->reset(seed, observation_a);
  b->reset(seed, observation_b);
  const Matrix signs = random_actions(seed, RngStream::kCheckClamping, 5);
  for (Eigen::Index t = 0; t < signs.rows(); ++t) {
    const Vector inside = signs.row(t).transpose().cwiseSign();
    const Vector outside = 7 * inside;
    const StepResult result_a = a->step(inside, observation_a), result_b = b->step(outside, observation_b);
    want(same_bits(observation_a, observation_b) && same(result_a, result_b), "clamping",
         "7 does not do what 1 does at step " + std::to_string(t + 1));
    if (result_a.terminated || result_a.truncated) return;
  }
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Vector action = zero_action();
    action[action.size() - 1] = bad;
    want_error([&] { a->step(action, observation_a); }, "clamping", "an action that is not finite");
  }
}

void Checker::check_state(std::uint64_t seed) const {
  const auto environment = make_();
  const int dim = environment->state_dim();
  want(dim > 0 && dim == first_->state_dim(), "state", "state_dim() differs between objects");
  Vector observation = blank();
  environment->reset(seed, observation);
  const Matrix actions = random_actions(seed, RngStream::kCheckState, options_.steps);
  play(*environment, actions);
  want(environment->state_dim() == dim, "state", "state_dim() changed during an episode");
  const State state = state_of(*environment);
  want(state.allFinite(), "state", "the state holds values that are not finite");
  const std::vector<Eigen::Isometry3f> seen = environment->scene().poses;

  const auto shown = make_();
  shown->reset(seed, observation);
  shown->show_state(state);
  want(same_bits(state, state_of(*shown)), "state", "read_state does not return what show_state was given");
  const std::vector<Eigen::Isometry3f>& poses = shown->scene().poses;
  want(poses.size() == seen.size(), "state", "a shown state has another number of bodies");
  for (std::size_t i = 0; i < poses.size(); ++i) {
    want((poses[i].matrix() - seen[i].matrix()).cwiseAbs().maxCoeff() < 1e-5F, "state",
         "body " + std::to_string(i) + " stands elsewhere in a shown state");
  }
  want_error([&] { shown->step(zero_action(), observation); }, "state", "a step after show_state");
  shown->reset(seed, observation);
  shown->step(zero_action(), observation);
}

void Checker::check_scene(std::uint64_t seed) const {
  const auto environment = make_();
  Vector observation = blank();
  environment->reset(seed, observation);
  const Scene& scene = environment->scene();
  const std::string axiom = "scene";
  const unsigned revision = scene.revision;
  want(!scene.poses.empty() && scene.poses[0].isApprox(Eigen::Isometry3f::Identity()), axiom,
       "want the identity as the world's pose");
  for (std::size_t i = 0; i < scene.poses.size(); ++i) {
    const Eigen::Matrix3f turn = scene.poses[i].linear();
    want(scene.poses[i].matrix().allFinite() &&
             (turn * turn.transpose() - Eigen::Matrix3f::Identity()).cwiseAbs().maxCoeff() < 1e-4F &&
             turn.determinant() > 0,
         axiom, "pose " + std::to_string(i) + " is not rigid");
  }
  for (std::size_t m = 0; m < scene.meshes.size(); ++m) {
    const SceneMesh& mesh = scene.meshes[m];
    const std::string place = "mesh " + std::to_string(m) + ": ";
    const std::size_t vertices = mesh.positions.size();
    want(mesh.normals.size() == vertices && (mesh.colours.empty() || mesh.colours.size() == vertices), axiom,
         place + "want one normal and one colour per vertex");
    want(!mesh.indices.empty() && mesh.indices.size() % 3 == 0 &&
             *std::max_element(mesh.indices.begin(), mesh.indices.end()) < vertices,
         axiom, place + "want three indices of vertices per triangle");
    for (const Eigen::Vector3f& normal : mesh.normals) {
      want(std::abs(normal.norm() - 1) < 1e-3F, axiom, place + "want unit normals");
    }
  }
  const int bodies = static_cast<int>(scene.poses.size());
  want(scene.body_names.size() <= scene.poses.size(), axiom, "want no more names of bodies than bodies");
  for (const SceneShape& shape : scene.shapes) {
    want(shape.body >= 0 && shape.body < bodies, axiom, "a shape hangs on a body that is not there");
    want(shape.opacity > 0 && shape.opacity <= 1, axiom, "want an opacity in (0, 1]");
    if (shape.kind == ShapeKind::kMesh) {
      want(shape.mesh >= 0 && shape.mesh < static_cast<int>(scene.meshes.size()), axiom,
           "a shape shows a mesh that is not there");
    } else {
      want(shape.size.minCoeff() > 0, axiom, "want positive sizes");
    }
  }
  want(!scene.cameras.empty(), axiom, "want at least one camera");
  for (const SceneCamera& camera : scene.cameras) {
    want(!camera.name.empty() && camera.body >= 0 && camera.body < bodies &&
             (camera.eye - camera.target).norm() > 0 && camera.field_of_view > 0 && camera.field_of_view < 3,
         axiom, "camera '" + camera.name + "' cannot see");
  }
  environment->step(zero_action(), observation);
  want(environment->scene().revision == revision, axiom, "the revision changed without a new episode");
}

void Checker::check_end() const {
  const std::string axiom = "end";
  const auto environment = make_();
  const bool limited = dynamic_cast<const TimeLimit*>(environment.get()) != nullptr;
  // Two ways to come to an end: doing nothing, which lasts as long as the task lets it, and flat out.
  for (const float push : {0.0F, 1.0F}) {
    Vector observation = blank();
    environment->reset(options_.seed, observation);
    const Vector action = Vector::Constant(spec_.action.size(), push);
    StepResult result;
    int steps = 0;
    while (steps <= spec_.horizon && !result.terminated && !result.truncated) {
      result = environment->step(action, observation);
      ++steps;
      want(result.truncated == (limited && steps == spec_.horizon), axiom,
           std::string(result.truncated ? "truncated" : "not truncated") + " at step " +
               std::to_string(steps) + " of a horizon of " + std::to_string(spec_.horizon) +
               (limited ? "" : " without a TimeLimit"));
    }
    if (!result.terminated && !result.truncated) continue;
    want_error([&] { environment->step(action, observation); }, axiom, "a step after the end of the episode");
    environment->reset(options_.seed, observation);
    environment->step(action, observation);
  }
}

}  // namespace

void check_environment(const Maker& make, const CheckOptions& options) {
  Checker(make, options).run();
}

}  // namespace understudy
