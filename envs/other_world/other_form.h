#pragma once
/// \file Private to envs/other_world: what all kinds of other worlds have in common, and the kinds.

#include <memory>

#include "envs/other_world/random_pushes.h"
#include "envs/other_world/world_constants.h"
#include "envs/world/world_form.h"

namespace understudy {

/// A world whose steps are cut into shorter ones of the solver, all equally long; how many there are varies with the pace.
class OtherForm : public WorldForm {
 public:
  explicit OtherForm(WorldFile file) : file_(std::move(file)) {}

  /// What a step of the task's lasts from now on, as a multiple of what it should.
  void set_pace(double pace) { pace_ = pace; }

  WorldOptions options(const WorldOptions& task) const override;
  void begin(BulletWorld& world) override;
  void add(btCollisionObject& object) override;
  void step(BulletWorld& world) final;
  RopeForm rope() const override;

 protected:
  /// Steps of the solver in one of the task's that lasts `time_step` [s].
  virtual int steps_of(double time_step) const;
  const WorldFile& file() const { return file_; }
  /// The robots of the present world, before each step of the solver of `duration` [s] and after each of the task's.
  virtual void act(double duration) = 0;
  virtual void forget() = 0;

 private:
  WorldFile file_;
  double pace_ = 1;
  double due_ = 0;  ///< steps of the solver that are still to be made
  int steps_ = 1;   ///< of the solver in a step of the task's
  RandomPushes pushes_;
};

/// The form of `file.structure`.
std::shared_ptr<OtherForm> make_form(const WorldFile& file);

}  // namespace understudy
