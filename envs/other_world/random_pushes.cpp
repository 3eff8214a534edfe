#include "envs/other_world/random_pushes.h"

#include <cmath>

namespace understudy {

RandomPushes::RandomPushes(const WorldFile& file, std::uint64_t episode)
    : acceleration_(file.constants.push_acceleration),
      lasts_(file.constants.push_lasts),
      rng_(Rng::stream(episode ^ file.seed, variation_stream("world/forces/steps"))) {
  Rng own = Rng::stream(episode ^ file.seed, variation_stream("world/forces/episode"));
  rate_ = file.constants.pushes * std::exp(file.constants.pushes_spread * own.normal());
}

void RandomPushes::apply(BulletWorld& world, double duration) {
  if (rate_ <= 0) return;
  const double probability = -std::expm1(-rate_ * duration), kept = std::exp(-duration / lasts_);
  std::size_t next = 0;
  const auto push = [&](double mass) {
    if (next == accelerations_.size()) accelerations_.emplace_back(0, 0, 0);
    btVector3& acceleration = accelerations_[next++];
    acceleration *= kept;
    if (rng_.uniform() < probability) {
      for (int i = 0; i < 3; ++i) acceleration[i] = acceleration_ * rng_.normal();
    }
    return mass * acceleration;
  };
  btMultiBodyDynamicsWorld& dynamics = world.dynamics();
  for (int i = 0; i < dynamics.getNumCollisionObjects(); ++i) {
    btRigidBody* body = btRigidBody::upcast(dynamics.getCollisionObjectArray()[i]);
    if (body == nullptr || body->isStaticOrKinematicObject()) continue;
    body->applyCentralForce(push(body->getMass()));
  }
  for (int i = 0; i < dynamics.getNumMultibodies(); ++i) {
    btMultiBody& body = *dynamics.getMultiBody(i);
    if (!body.hasFixedBase()) body.addBaseForce(push(body.getBaseMass()));
    for (int link = 0; link < body.getNumLinks(); ++link) {
      body.addLinkForce(link, push(body.getLinkMass(link)));
    }
  }
}

}  // namespace understudy
