#pragma once
/// \file Private to envs/other_world: the solver of worlds in maximal coordinates.

#include <Eigen/SparseCholesky>
#include <vector>

#include "envs/world/bullet_world.h"

namespace understudy {

/// Sequential impulses over rigid bodies in which the joints are solved as one block: before each sweep what holds them
/// together is brought to its solution for the present impulses of motors, friction, limits and contacts, by a sparse
/// Cholesky factor of J M^-1 J^T and the compliance. Every row starts at its impulse of the step before. (Row by row a rope
/// with a peg on it takes a thousand sweeps; Bullet's nonsmooth conjugate gradients diverge for a light link between heavy
/// ones.)
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
    btScalar solveSingleIteration(int iteration, btCollisionObject** bodies, int body_count,
                                  btPersistentManifold** manifolds, int manifold_count,
                                  btTypedConstraint** constraints, int constraint_count,
                                  const btContactSolverInfo& info, btIDebugDraw* drawer) override;
    btScalar solveGroupCacheFriendlyFinish(btCollisionObject** bodies, int body_count,
                                           const btContactSolverInfo& info) override;

   private:
    void factor();
    void hold_together();
    void apply(btSolverConstraint& row, double impulse);

    std::vector<btSolverConstraint*>
        held_;  ///< rows of the joints but motors, friction and limits; the last joint first
    Eigen::SparseMatrix<double> matrix_;
    Eigen::SimplicialLDLT<Eigen::SparseMatrix<double>, Eigen::Lower, Eigen::NaturalOrdering<int>> factor_;
    Eigen::VectorXd residual_;
  };
  Rigid inner_;
};

}  // namespace understudy
