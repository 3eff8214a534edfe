#include "envs/tasks/driving/drive_car.h"

#include <algorithm>
#include <cmath>

namespace understudy {

/// Casts against the road's few bodies one by one: no broadphase walk, and no wheel ever climbs a cone.
class DriveCar::Raycaster final : public btVehicleRaycaster {
 public:
  explicit Raycaster(std::vector<const btCollisionObject*> road) : road_(std::move(road)) {}

  void* castRay(const btVector3& from, const btVector3& to, btVehicleRaycasterResult& result) override {
    btCollisionWorld::ClosestRayResultCallback hit(from, to);
    const btTransform begin(btQuaternion::getIdentity(), from), end(btQuaternion::getIdentity(), to);
    for (const btCollisionObject* object : road_) {
      btCollisionWorld::rayTestSingle(begin, end, const_cast<btCollisionObject*>(object),
                                      object->getCollisionShape(), object->getWorldTransform(), hit);
    }
    if (!hit.hasHit()) return nullptr;
    result.m_hitPointInWorld = hit.m_hitPointWorld;
    result.m_hitNormalInWorld = hit.m_hitNormalWorld.normalized();
    result.m_distFraction = hit.m_closestHitFraction;
    return const_cast<btCollisionObject*>(hit.m_collisionObject);
  }

 private:
  std::vector<const btCollisionObject*> road_;
};

DriveCar::DriveCar(BulletWorld& world, std::vector<const btCollisionObject*> road, const btVector3& ground,
                   double yaw, const CarOptions& options)
    : options_(options), gravity_(world.gravity()), raycaster_(std::make_unique<Raycaster>(std::move(road))) {
  auto& shape = world.keep(
      std::make_unique<btBoxShape>(btVector3(options.half_length, options.half_width, options.half_height)));
  const btTransform pose(btQuaternion(btVector3(0, 0, 1), yaw), ground + btVector3(0, 0, static_height()));
  chassis_ = &world.add_body(shape, pose,
                             {.mass = options.mass,
                              .friction = 0.4,
                              .group = kChassisBit,
                              .mask = kRoadBit | kObstacleBit | (options.meets_cars ? kChassisBit : 0)});

  btRaycastVehicle::btVehicleTuning tuning;
  tuning.m_suspensionStiffness = options.stiffness;
  tuning.m_suspensionCompression = options.damping_in;
  tuning.m_suspensionDamping = options.damping_out;
  tuning.m_maxSuspensionTravelCm = 100 * options.rest_length;
  tuning.m_maxSuspensionForce = 10 * gravity_ * options.mass;
  auto vehicle = std::make_unique<btRaycastVehicle>(tuning, chassis_, raycaster_.get());
  vehicle_ = vehicle.get();
  vehicle->setCoordinateSystem(1, 2, 0);  // y to the side, z up, x forward
  for (int wheel = 0; wheel < kWheels; ++wheel) {
    const bool front = wheel < 2, left = wheel % 2 == 0;
    tuning.m_frictionSlip = front ? options.front_grip : options.rear_grip;
    const btVector3 mount(front ? options.front_axle : -options.front_axle,
                          left ? options.half_track : -options.half_track, options.mount_height);
    btWheelInfo& info = vehicle->addWheel(mount, btVector3(0, 0, -1), btVector3(0, -1, 0),
                                          options.rest_length, options.wheel_radius, tuning, front);
    info.m_rollInfluence = options.roll_influence;
    info.m_raycastInfo.m_suspensionLength = options.rest_length - gravity_ / (4 * options.stiffness);
  }
  world.add_action(std::move(vehicle));
}

double DriveCar::static_height() const {
  return options_.wheel_radius + options_.rest_length - gravity_ / (4 * options_.stiffness) -
         options_.mount_height;
}

void DriveCar::command(double steer_angle, double throttle) {
  wanted_angle_ = steer_angle;
  throttle_ = throttle;
}

void DriveCar::before_step() {
  steer_angle_ += (wanted_angle_ - steer_angle_) * (1 - std::exp(-kPhysicsStep / options_.steer_lag));
  vehicle_->setSteeringValue(steer_angle_, 0);
  vehicle_->setSteeringValue(steer_angle_, 1);
  const double speed = forward_speed();
  const double engine = std::max(0.0, throttle_) * options_.engine_acceleration *
                        std::clamp(1 - speed / options_.top_speed, 0.0, 1.0);
  const double drive = engine - options_.rolling_deceleration;
  const double brake =
      std::max(0.0, -throttle_) * options_.brake_deceleration + options_.rolling_deceleration;
  for (int wheel = 0; wheel < kWheels; ++wheel) {
    // Bullet ignores the brake while there is an engine force; the brake is an impulse per step.
    const bool driving = throttle_ > 0 && drive > 0;
    vehicle_->applyEngineForce(driving ? options_.mass * drive / kWheels : 0, wheel);
    vehicle_->setBrake(driving ? 0 : options_.mass * (brake - engine) / kWheels * kPhysicsStep, wheel);
  }
}

double DriveCar::forward_speed() const {
  return chassis_->getLinearVelocity().dot(chassis_->getWorldTransform().getBasis().getColumn(0));
}

double DriveCar::left_speed() const {
  return chassis_->getLinearVelocity().dot(chassis_->getWorldTransform().getBasis().getColumn(1));
}

double DriveCar::yaw() const {
  const btVector3 forward = chassis_->getWorldTransform().getBasis().getColumn(0);
  return std::atan2(forward.y(), forward.x());
}

double DriveCar::yaw_rate() const {
  return chassis_->getAngularVelocity().z();
}

bool DriveCar::upright() const {
  return chassis_->getWorldTransform().getBasis()[2][2] > 0.5;
}

double DriveCar::suspension_length(int wheel) const {
  return vehicle_->getWheelInfo(wheel).m_raycastInfo.m_suspensionLength;
}

double DriveCar::wheel_rotation(int wheel) const {
  return vehicle_->getWheelInfo(wheel).m_rotation;
}

}  // namespace understudy
