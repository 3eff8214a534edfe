// What a Variation does to the parts of a BulletWorld.

#include <cmath>

#include "envs/world/bullet_world.h"
#include "envs/world/world_form.h"

namespace understudy {
namespace {

/// Bullet keeps the share (1 - d) of a rigid body's velocity per second: the rate of decay is -ln(1 - d).
double varied_share(double share, const Variation& variation) {
  const double kept = std::pow(1 - share, variation.damping.value_or(1));
  return 1 - kept * std::exp(-variation.drag.value_or(0));
}

/// Of a multibody it takes the rate itself.
double varied_rate(double rate, const Variation& variation) {
  return rate * variation.damping.value_or(1) + variation.drag.value_or(0);
}

/// What a part draws by itself.
double own_factor(const std::optional<double>& spread, Rng& rng) {
  return spread ? std::exp(*spread * rng.normal()) : 1;
}

}  // namespace

void BulletWorld::vary_parts() {
  if (!has_new_parts_) return;
  has_new_parts_ = false;
  for (; varied_bodies_ < bodies_.size(); ++varied_bodies_) {
    vary_body(*bodies_[varied_bodies_]);
    if (form_ != nullptr) form_->add(*bodies_[varied_bodies_]);
  }
  for (; varied_multibodies_ < multibodies_.size(); ++varied_multibodies_) {
    vary_multibody(*multibodies_[varied_multibodies_]);
  }
  for (; varied_colliders_ < colliders_.size(); ++varied_colliders_) {
    vary_surface(*colliders_[varied_colliders_]);
    if (form_ != nullptr) form_->add(*colliders_[varied_colliders_]);
  }
}

void BulletWorld::vary_surface(btCollisionObject& object) {
  if (variation_.friction || variation_.friction_spread) {
    const double own = own_factor(variation_.friction_spread, *friction_rng_);
    object.setFriction(object.getFriction() * std::sqrt(variation_.friction.value_or(1)) * own);
  }
  if (variation_.restitution) object.setRestitution(std::sqrt(*variation_.restitution));
}

void BulletWorld::vary_body(btRigidBody& body) {
  vary_surface(body);
  if (body.isStaticOrKinematicObject()) return;
  if (variation_.mass || variation_.mass_spread) {
    const double factor = variation_.mass.value_or(1) * own_factor(variation_.mass_spread, *mass_rng_);
    body.setMassProps(body.getMass() * factor, body.getLocalInertia() * factor);
    body.updateInertiaTensor();
  }
  if (variation_.damping || variation_.drag) {
    body.setDamping(varied_share(body.getLinearDamping(), variation_),
                    varied_share(body.getAngularDamping(), variation_));
  }
}

void BulletWorld::vary_multibody(btMultiBody& body) {
  if (variation_.mass || variation_.mass_spread) {
    if (!body.hasFixedBase()) {
      const double factor = variation_.mass.value_or(1) * own_factor(variation_.mass_spread, *mass_rng_);
      body.setBaseMass(body.getBaseMass() * factor);
      body.setBaseInertia(body.getBaseInertia() * factor);
    }
    for (int i = 0; i < body.getNumLinks(); ++i) {
      const double factor = variation_.mass.value_or(1) * own_factor(variation_.mass_spread, *mass_rng_);
      body.getLink(i).m_mass *= factor;
      body.getLink(i).m_inertiaLocal *= factor;
    }
  }
  if (variation_.damping || variation_.drag) {
    body.setLinearDamping(varied_rate(body.getLinearDamping(), variation_));
    body.setAngularDamping(varied_rate(body.getAngularDamping(), variation_));
  }
}

}  // namespace understudy
