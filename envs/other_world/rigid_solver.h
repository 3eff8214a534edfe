#pragma once
/// \file Private to envs/other_world: the solver of worlds in maximal coordinates.

#include "envs/world/bullet_world.h"

namespace understudy {

/// Sequential impulses over rigid bodies that start every joint at its impulses of the step before: what an arm or a rope
/// carries from step to step need not be found again, so that chains hold with tens of iterations. (Bullet's own begins
/// joints at 0; its nonsmooth conjugate gradients diverge for a light link between heavy ones.)
class RigidSolver final : public btMultiBodyConstraintSolver {
 public:
  void solveMultiBodyGroup(btCollisionObject** bodies, int body_count, btPersistentManifold** manifolds,
                           int manifold_count, btTypedConstraint** constraints, int constraint_count,
                           btMultiBodyConstraint** multibodies, int multibody_count,
                           const btContactSolverInfo& info, btIDebugDraw* drawer,
                           btDispatcher* dispatcher) override;
  void reset() override;

 private:
  class Rigid final : public btSequentialImpulseConstraintSolver {
   protected:
    btScalar solveGroupCacheFriendlySetup(btCollisionObject** bodies, int body_count,
                                          btPersistentManifold** manifolds, int manifold_count,
                                          btTypedConstraint** constraints, int constraint_count,
                                          const btContactSolverInfo& info, btIDebugDraw* drawer) override;
    btScalar solveGroupCacheFriendlyFinish(btCollisionObject** bodies, int body_count,
                                           const btContactSolverInfo& info) override;
  };
  Rigid inner_;
};

}  // namespace understudy
