#include "envs/world/bullet_world.h"

#include <chrono>

#include "envs/world/world_form.h"

namespace understudy {
namespace {

/// Bullet reserves its pools up front; our worlds are small and built for every episode.
btDefaultCollisionConstructionInfo small_pools() {
  btDefaultCollisionConstructionInfo info;
  info.m_defaultMaxPersistentManifoldPoolSize = 128;
  info.m_defaultMaxCollisionAlgorithmPoolSize = 128;
  return info;
}

void put_pose(const btTransform& pose, double* out) {
  const btVector3& p = pose.getOrigin();
  const btQuaternion q = pose.getRotation();
  out[0] = p.x(), out[1] = p.y(), out[2] = p.z();
  out[3] = q.x(), out[4] = q.y(), out[5] = q.z(), out[6] = q.w();
}

void put_vector(const btVector3& v, double* out) {
  out[0] = v.x(), out[1] = v.y(), out[2] = v.z();
}

btVector3 vector_at(const double* in) {
  return {in[0], in[1], in[2]};
}

btQuaternion quaternion_at(const double* in) {
  return {in[0], in[1], in[2], in[3]};
}

}  // namespace

WorldOptions pybullet_options() {
  return {.solver_iterations = 50,
          .contact_erp = 0.08,
          .contact_slop = 1e-5,
          .warm_starting = 0.1,
          .island_batch = 0};
}

WorldOptions pybullet_environment_options(double time_step) {
  WorldOptions options = pybullet_options();
  options.time_step = time_step;
  options.gravity = 9.8;
  options.solver_iterations = 5;
  options.contact_erp = 0.9;
  return options;
}

WorldStock::WorldStock(std::unique_ptr<btMultiBodyConstraintSolver> solver)
    : configuration_(small_pools()),
      dispatcher_(&configuration_),
      solver_(solver ? std::move(solver) : std::make_unique<btMultiBodyConstraintSolver>()),
      world_(&dispatcher_, &broadphase_, solver_.get(), &configuration_),
      solver_info_(world_.getSolverInfo()),
      dispatch_info_(world_.getDispatchInfo()) {}

void WorldStock::clear() {
  broadphase_.resetPool(&dispatcher_);
  solver_->reset();
  world_.getSolverInfo() = solver_info_;
  world_.getDispatchInfo() = dispatch_info_;
}

BulletWorld::BulletWorld(const WorldOptions& options, const Variation& variation, std::uint64_t seed,
                         std::shared_ptr<WorldStock> stock, WorldForm* form)
    : stock_(stock ? std::move(stock) : std::make_shared<WorldStock>(form ? form->make_solver() : nullptr)),
      world_(&stock_->world()),
      form_(form),
      seed_(seed),
      time_step_(options.time_step),
      solver_step_(options.time_step),
      variation_(variation),
      gravity_(variation.gravity.value_or(options.gravity)) {
  if (!variation_.empty()) {
    mass_rng_ = Rng::stream(seed, variation_stream("physics.mass_spread/parts"));
    friction_rng_ = Rng::stream(seed, variation_stream("physics.friction_spread/parts"));
  }
  stock_->clear();
  world_->setGravity(btVector3(0, 0, -gravity_));
  world_->getDispatchInfo().m_deterministicOverlappingPairs = true;
  // Static bodies never move, so their boxes need no refresh.
  world_->setForceUpdateAllAabbs(false);
  btContactSolverInfo& solver = world_->getSolverInfo();
  solver.m_numIterations = options.solver_iterations;
  solver.m_leastSquaresResidualThreshold = options.residual_threshold;
  solver.m_erp2 = options.contact_erp;
  solver.m_linearSlop = options.contact_slop;
  solver.m_warmstartingFactor = options.warm_starting;
  solver.m_minimumSolverBatchSize = options.island_batch;
  if (options.friction_cone) solver.m_solverMode |= SOLVER_USE_2_FRICTION_DIRECTIONS;
  if (form_ != nullptr) form_->begin(*this);
}

BulletWorld::~BulletWorld() {
  for (auto& action : actions_) world_->removeAction(action.get());
  for (auto& joint : joints_) world_->removeConstraint(joint.get());
  for (auto& constraint : constraints_) world_->removeMultiBodyConstraint(constraint.get());
  for (auto& collider : colliders_) world_->removeCollisionObject(collider.get());
  for (auto& body : multibodies_) world_->removeMultiBody(body.get());
  for (auto& body : bodies_) world_->removeRigidBody(body.get());
}

btRigidBody& BulletWorld::add_body(btCollisionShape& shape, const btTransform& pose,
                                   const BodyOptions& options) {
  btVector3 inertia(0, 0, 0);
  if (options.inertia) {
    inertia = *options.inertia;
  } else if (options.mass > 0) {
    shape.calculateLocalInertia(options.mass, inertia);
  }
  btRigidBody::btRigidBodyConstructionInfo info(options.mass, nullptr, &shape, inertia);
  info.m_startWorldTransform = pose;
  info.m_friction = options.friction;
  info.m_restitution = options.restitution;
  auto body = std::make_unique<btRigidBody>(info);
  body->setActivationState(options.mass > 0 ? DISABLE_DEACTIVATION : ISLAND_SLEEPING);
  if (options.friction_anchor) {
    body->setCollisionFlags(body->getCollisionFlags() | btCollisionObject::CF_HAS_FRICTION_ANCHOR);
  }
  world_->addRigidBody(body.get(), options.group, options.mask);
  if (options.mass > 0 && options.in_state) moving_.push_back(body.get());
  bodies_.push_back(std::move(body));
  has_new_parts_ = !variation_.empty() || form_ != nullptr;
  return *bodies_.back();
}

btMultiBody& BulletWorld::add_multibody(std::unique_ptr<btMultiBody> body) {
  body->setCanSleep(false);
  world_->addMultiBody(body.get());
  multibodies_.push_back(std::move(body));
  has_new_parts_ = !variation_.empty() || form_ != nullptr;
  return *multibodies_.back();
}

btMultiBodyLinkCollider& BulletWorld::add_link_collider(btMultiBody& body, int link, btCollisionShape& shape,
                                                        int group, int mask) {
  auto collider = std::make_unique<btMultiBodyLinkCollider>(&body, link);
  collider->setCollisionShape(&shape);
  if (link < 0) {
    body.setBaseCollider(collider.get());
    collider->setWorldTransform(body.getBaseWorldTransform());
    if (body.hasFixedBase()) {
      collider->setCollisionFlags(collider->getCollisionFlags() | btCollisionObject::CF_STATIC_OBJECT);
    }
  } else {
    body.getLink(link).m_collider = collider.get();
    collider->setWorldTransform(body.getLink(link).m_cachedWorldTransform);
  }
  collider->setActivationState(DISABLE_DEACTIVATION);
  world_->addCollisionObject(collider.get(), group, mask);
  colliders_.push_back(std::move(collider));
  has_new_parts_ = !variation_.empty() || form_ != nullptr;
  return *colliders_.back();
}

void BulletWorld::refresh(btMultiBody& body) {
  body.forwardKinematics(rotations_, origins_);
  body.updateCollisionObjectWorldTransforms(rotations_, origins_);
}

bool BulletWorld::touching(const btCollisionObject& object, double within) const {
  btCollisionDispatcher& dispatcher = stock_->dispatcher();
  for (int i = 0; i < dispatcher.getNumManifolds(); ++i) {
    const btPersistentManifold& manifold = *dispatcher.getManifoldByIndexInternal(i);
    if (manifold.getBody0() != &object && manifold.getBody1() != &object) continue;
    for (int point = 0; point < manifold.getNumContacts(); ++point) {
      if (manifold.getContactPoint(point).getDistance() <= within) return true;
    }
  }
  return false;
}

bool BulletWorld::near(const btCollisionObject& a, const btCollisionObject& b) const {
  btCollisionDispatcher& dispatcher = stock_->dispatcher();
  for (int i = 0; i < dispatcher.getNumManifolds(); ++i) {
    const btPersistentManifold& manifold = *dispatcher.getManifoldByIndexInternal(i);
    const btCollisionObject* first = manifold.getBody0();
    const btCollisionObject* second = manifold.getBody1();
    if (((first == &a && second == &b) || (first == &b && second == &a)) && manifold.getNumContacts() > 0) {
      return true;
    }
  }
  return false;
}

bool BulletWorld::pressing(const btCollisionObject& one, const btCollisionObject& other) const {
  btCollisionDispatcher& dispatcher = stock_->dispatcher();
  for (int i = 0; i < dispatcher.getNumManifolds(); ++i) {
    const btPersistentManifold& manifold = *dispatcher.getManifoldByIndexInternal(i);
    const btCollisionObject *a = manifold.getBody0(), *b = manifold.getBody1();
    if (!(a == &one && b == &other) && !(a == &other && b == &one)) continue;
    for (int point = 0; point < manifold.getNumContacts(); ++point) {
      if (manifold.getContactPoint(point).m_appliedImpulse > 0) return true;
    }
  }
  return false;
}

std::vector<btVector3> BulletWorld::moving_contacts() const {
  std::vector<btVector3> places;
  btCollisionDispatcher& dispatcher = stock_->dispatcher();
  for (int i = 0; i < dispatcher.getNumManifolds(); ++i) {
    const btPersistentManifold& manifold = *dispatcher.getManifoldByIndexInternal(i);
    const btCollisionObject *a = manifold.getBody0(), *b = manifold.getBody1();
    if (a->isStaticObject() || b->isStaticObject()) continue;
    const auto* one = btMultiBodyLinkCollider::upcast(a);
    const auto* other = btMultiBodyLinkCollider::upcast(b);
    if (one != nullptr && other != nullptr && one->m_multiBody == other->m_multiBody) continue;
    if (a->getUserPointer() != nullptr && a->getUserPointer() == b->getUserPointer()) continue;
    btVector3 sum(0, 0, 0);
    double pressing = 0;
    for (int point = 0; point < manifold.getNumContacts(); ++point) {
      const btManifoldPoint& contact = manifold.getContactPoint(point);
      if (contact.m_appliedImpulse <= 0) continue;
      sum += contact.getPositionWorldOnB();
      pressing += 1;
    }
    if (pressing > 0) places.push_back(sum / pressing);
  }
  return places;
}

void BulletWorld::add_constraint(std::unique_ptr<btMultiBodyConstraint> constraint) {
  world_->addMultiBodyConstraint(constraint.get());
  constraints_.push_back(std::move(constraint));
}

void BulletWorld::add_constraint(std::unique_ptr<btTypedConstraint> constraint, bool collide) {
  world_->addConstraint(constraint.get(), !collide);
  joints_.push_back(std::move(constraint));
}

void BulletWorld::add_action(std::unique_ptr<btActionInterface> action) {
  world_->addAction(action.get());
  actions_.push_back(std::move(action));
}

void BulletWorld::step() {
  if (has_new_parts_) vary_parts();
  const auto begin = std::chrono::steady_clock::now();
  if (form_ != nullptr) {
    form_->step(*this);
  } else {
    world_->stepSimulation(time_step_, 0);
  }
  engine_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int BulletWorld::state_dim() const {
  int size = kBodyState * static_cast<int>(moving_.size());
  for (const auto& body : multibodies_) size += kBodyState + 2 * body->getNumDofs();
  for (const WorldPart* part : parts_in_state_) size += part->state_dim();
  return size;
}

void BulletWorld::read_state(StateRef state) const {
  double* out = state.data();
  for (const btRigidBody* body : moving_) {
    put_pose(body->getWorldTransform(), out);
    put_vector(body->getLinearVelocity(), out + 7);
    put_vector(body->getAngularVelocity(), out + 10);
    out += kBodyState;
  }
  for (const auto& body : multibodies_) {
    put_pose(body->getBaseWorldTransform(), out);
    put_vector(body->getBaseVel(), out + 7);
    put_vector(body->getBaseOmega(), out + 10);
    out += kBodyState;
    for (int link = 0; link < body->getNumLinks(); ++link) {
      for (int dof = 0; dof < body->getLink(link).m_dofCount; ++dof) {
        *out++ = body->getJointPosMultiDof(link)[dof];
        *out++ = body->getJointVelMultiDof(link)[dof];
      }
    }
  }
  for (const WorldPart* part : parts_in_state_) {
    part->read_state(out);
    out += part->state_dim();
  }
}

void BulletWorld::write_state(ConstStateRef state) {
  const double* in = state.data();
  for (btRigidBody* body : moving_) {
    const btTransform pose(quaternion_at(in + 3), vector_at(in));
    body->setWorldTransform(pose);
    body->setInterpolationWorldTransform(pose);
    body->setLinearVelocity(vector_at(in + 7));
    body->setAngularVelocity(vector_at(in + 10));
    in += kBodyState;
  }
  for (auto& body : multibodies_) {
    body->setBaseWorldTransform(btTransform(quaternion_at(in + 3), vector_at(in)));
    body->setBaseVel(vector_at(in + 7));
    body->setBaseOmega(vector_at(in + 10));
    in += kBodyState;
    for (int link = 0; link < body->getNumLinks(); ++link) {
      for (int dof = 0; dof < body->getLink(link).m_dofCount; ++dof) {
        body->getJointPosMultiDof(link)[dof] = *in++;
        body->getJointVelMultiDof(link)[dof] = *in++;
      }
      body->getLink(link).updateCacheMultiDof();
    }
  }
}

}  // namespace understudy
