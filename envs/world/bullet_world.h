#pragma once
/// \file Private to envs: a deterministic Bullet world in double precision. No public header includes this.

#include <btBulletDynamicsCommon.h>

#include <BulletDynamics/Featherstone/btMultiBody.h>
#include <BulletDynamics/Featherstone/btMultiBodyConstraint.h>
#include <BulletDynamics/Featherstone/btMultiBodyConstraintSolver.h>
#include <BulletDynamics/Featherstone/btMultiBodyDynamicsWorld.h>
#include <BulletDynamics/Featherstone/btMultiBodyLinkCollider.h>

#include <memory>
#include <optional>
#include <vector>

#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"
#include "envs/contract/variation.h"

#ifndef BT_USE_DOUBLE_PRECISION
#error "Bullet must be the double-precision build (bullet-float64)"
#endif

namespace understudy {

inline constexpr double kPhysicsStep = 1.0 / 240;  ///< s, unless a task asks for another
inline constexpr double kGravity = 9.81;           ///< m/s²

struct WorldOptions {
  double time_step = kPhysicsStep;  ///< s
  double gravity = kGravity;        ///< m/s², along -z
  int solver_iterations = 10;       ///< at most; Bullet's own default
  double contact_erp = 0.2;         ///< share of a penetration removed per step; Bullet's default
  double contact_slop = 0;          ///< m, penetration that is left alone
  double warm_starting = 0.85;      ///< share of the last step's impulses to start from
  int island_batch = 128;           ///< constraints solved together across islands; 0: each island alone
  /// Friction acts in both directions of a contact, within a cone. Bullet's default is one direction, which
  /// lets what is held between two fingers slide in the other.
  bool friction_cone = false;
  double residual_threshold = 1e-7;  ///< iterations end early below this squared residual, as in PyBullet
};

/// What PyBullet's server uses unless told otherwise, but for gravity, iterations and step.
WorldOptions pybullet_options();
/// What its locomotion, pendulum and Reacher environments set beyond that: 5 iterations, contact ERP 0.9,
/// gravity 9.8 m/s² (Reacher: 0). `time_step` in s.
WorldOptions pybullet_environment_options(double time_step);

/// Bullet's world without anything in it, with what it makes contacts with: memory for them, its table of
/// which shapes meet by which algorithm, broadphase and solver. Nothing of an episode is in it after clear(),
/// and making it costs more than the rest of a small world. One BulletWorld at a time may use it.
class WorldStock {
 public:
  /// With Bullet's sequential impulses unless another solver is given.
  explicit WorldStock(std::unique_ptr<btMultiBodyConstraintSolver> solver = nullptr);
  /// To be called when everything was removed from the world.
  void clear();
  btMultiBodyDynamicsWorld& world() { return world_; }
  btCollisionDispatcher& dispatcher() { return dispatcher_; }
  /// For what touches nothing.
  btEmptyShape& nothing() { return nothing_; }

 private:
  btDefaultCollisionConfiguration configuration_;
  btCollisionDispatcher dispatcher_;
  btDbvtBroadphase broadphase_;
  std::unique_ptr<btMultiBodyConstraintSolver> solver_;
  btMultiBodyDynamicsWorld world_;
  const btContactSolverInfo solver_info_;  ///< of the new world, whose constructor has a say in it
  const btDispatcherInfo dispatch_info_;
  btEmptyShape nothing_;
};

class WorldForm;

/// What a form of world adds that is neither a rigid body nor a multibody of Bullet's: a robot of its own.
class WorldPart {
 public:
  virtual ~WorldPart() = default;
  virtual int state_dim() const = 0;
  /// Writes `[state_dim()]`, laid out as a multibody's.
  virtual void read_state(double* out) const = 0;
};

/// One world, built from nothing but a cleared stock for each episode. Pairs are processed in a fixed order
/// and nothing ever falls asleep, so the same calls give the same bits. Owns everything in it.
///
/// In a varied episode the world varies its parts itself: gravity from the start, everything else before the
/// first step that a part takes part in, whoever added it. The friction of a contact is the product of both
/// sides' coefficients, so that each gets the square root of what the contact shall have; likewise
/// restitution.
class BulletWorld {
 public:
  /// `seed` is that of the episode and feeds what each part draws by itself. `stock` is lent by whoever makes
  /// one world after another; without, the world makes its own. `form` builds another one
  /// (envs/world/world_form.h) and outlives it.
  explicit BulletWorld(const WorldOptions& options = {}, const Variation& variation = {},
                       std::uint64_t seed = 0, std::shared_ptr<WorldStock> stock = nullptr,
                       WorldForm* form = nullptr);
  ~BulletWorld();
  BulletWorld(const BulletWorld&) = delete;
  BulletWorld& operator=(const BulletWorld&) = delete;

  /// What a body is made of, beside its shape.
  struct BodyOptions {
    double mass = 0;  ///< kg; 0: never moves
    double friction = 0.8;
    double restitution = 0;
    /// Friction holds a contact at the place where it took hold, as long as the cone of friction allows,
    /// instead of only stopping it: without, what is held creeps.
    bool friction_anchor = false;
    int group = 1;  ///< collision filter bit
    int mask = -1;  ///< bits it collides with
    /// Principal moments, kg·m²; none: those of the shape, filled evenly.
    std::optional<btVector3> inertia{};
    bool in_state = true;  ///< a moving one has entries of its own in a state
  };

  /// Keeps `part` (a shape, a mesh) alive as long as the world.
  template <typename Shape>
  Shape& keep(std::unique_ptr<Shape> part) {
    Shape& kept = *part;
    parts_.push_back(Part(part.release(), [](void* old) { delete static_cast<Shape*>(old); }));
    return kept;
  }

  /// A shape that touches nothing.
  btCollisionShape& nothing() { return stock_->nothing(); }

  /// `shape` must be kept by this world or outlive it.
  btRigidBody& add_body(btCollisionShape& shape, const btTransform& pose, const BodyOptions& options);
  /// Adds a finalised multibody; its motors and limits follow with add_constraint.
  btMultiBody& add_multibody(std::unique_ptr<btMultiBody> body);
  /// Gives link `link` of `body` (already in this world) a shape to touch things with. Bullet needs one on
  /// every link that has a motor, even if `mask` says that it meets nothing.
  /// Link -1 is the base. The body's link poses must be up to date (refresh).
  btMultiBodyLinkCollider& add_link_collider(btMultiBody& body, int link, btCollisionShape& shape, int group,
                                             int mask);
  /// Brings link poses and colliders in line with the joints, after they were set by hand.
  void refresh(btMultiBody& body);
  /// Whether `object` had contact (distance <= `within` [m]) with anything in the last step.
  bool touching(const btCollisionObject& object, double within = 0) const;
  /// Whether the last step kept contact points between the two: nearer than Bullet's threshold of 2 cm.
  bool near(const btCollisionObject& a, const btCollisionObject& b) const;
  /// Whether `one` pressed on `other` in the last step. Under load that is steadier
  /// than whether they overlap.
  bool pressing(const btCollisionObject& one, const btCollisionObject& other) const;
  /// Where things that move (none of them fixed, none two links of one multibody) pressed on one another in the
  /// last step, at most one place per pair [m].
  std::vector<btVector3> moving_contacts() const;
  void add_constraint(std::unique_ptr<btMultiBodyConstraint> constraint);
  void add_constraint(std::unique_ptr<btTypedConstraint> constraint, bool collide = true);
  /// `part` follows the multibodies in a state and outlives all use of the world but its destruction.
  void add_part(const WorldPart& part) { parts_in_state_.push_back(&part); }
  /// A vehicle or another action that Bullet runs inside each step.
  void add_action(std::unique_ptr<btActionInterface> action);

  btMultiBodyDynamicsWorld& dynamics() { return *world_; }

  /// Varies the parts that were added since the last call or step. Later changes to a part by hand stay as
  /// they are.
  void vary_parts();
  const Variation& variation() const { return variation_; }
  std::uint64_t seed() const { return seed_; }  ///< of the episode
  WorldForm* form() { return form_; }           ///< null in the toolkit's own world
  double gravity() const { return gravity_; }   ///< m/s², along -z

  /// One step of time_step() seconds. Only this is counted by engine_seconds.
  void step();
  double time_step() const { return time_step_; }
  /// Seconds of a step of the solver: as long, unless the world's form makes several of one.
  double solver_step() const { return solver_step_; }
  void set_solver_step(double step) { solver_step_ = step; }
  /// Seconds of wall time spent inside Bullet's stepSimulation.
  double engine_seconds() const { return engine_seconds_; }

  /// 13 per moving rigid body (position, quaternion x y z w, linear, angular velocity), in order of addition;
  /// then per multibody 13 for its base and (angle, velocity) of every joint.
  int state_dim() const;
  /// Writes `[state_dim()]`.
  void read_state(StateRef state) const;
  /// Reads `[state_dim()]` back. Contacts and solver caches are not part of a state.
  void write_state(ConstStateRef state);

  /// Entries of one rigid body in a state.
  static constexpr int kBodyState = 13;

 private:
  using Part = std::unique_ptr<void, void (*)(void*)>;
  std::vector<Part> parts_;
  std::shared_ptr<WorldStock> stock_;
  btMultiBodyDynamicsWorld* world_;  ///< of the stock
  std::vector<std::unique_ptr<btRigidBody>> bodies_;
  std::vector<btRigidBody*> moving_;
  std::vector<std::unique_ptr<btMultiBody>> multibodies_;
  std::vector<std::unique_ptr<btMultiBodyLinkCollider>> colliders_;
  std::vector<std::unique_ptr<btMultiBodyConstraint>> constraints_;
  std::vector<std::unique_ptr<btTypedConstraint>> joints_;
  std::vector<std::unique_ptr<btActionInterface>> actions_;
  std::vector<const WorldPart*> parts_in_state_;
  void vary_body(btRigidBody& body);
  void vary_multibody(btMultiBody& body);
  void vary_surface(btCollisionObject& object);

  WorldForm* form_;
  std::uint64_t seed_;
  double time_step_, solver_step_;
  Variation variation_;
  double gravity_;
  bool has_new_parts_ = false;  ///< and they are to be varied
  std::size_t varied_bodies_ = 0;
  std::size_t varied_multibodies_ = 0;
  std::size_t varied_colliders_ = 0;
  std::optional<Rng> mass_rng_, friction_rng_;    ///< of a varied episode
  btAlignedObjectArray<btQuaternion> rotations_;  ///< scratch of refresh
  btAlignedObjectArray<btVector3> origins_;
  double engine_seconds_ = 0;
};

}  // namespace understudy
