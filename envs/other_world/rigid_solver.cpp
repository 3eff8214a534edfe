#include "envs/other_world/rigid_solver.h"

#include <algorithm>

#include "envs/other_world/joint_rows.h"

namespace understudy {

void RigidSolver::solveMultiBodyGroup(btCollisionObject** bodies, int body_count,
                                      btPersistentManifold** manifolds, int manifold_count,
                                      btTypedConstraint** constraints, int constraint_count,
                                      btMultiBodyConstraint**, int, const btContactSolverInfo& info,
                                      btIDebugDraw* drawer, btDispatcher* dispatcher) {
  inner_.solveGroup(bodies, body_count, manifolds, manifold_count, constraints, constraint_count, info,
                    drawer, dispatcher);
}

void RigidSolver::reset() {
  btMultiBodyConstraintSolver::reset();
  inner_.reset();
}

namespace {

/// Calls `visit(joint, number of the row in its joint, row)` for all rows of joints of ours.
template <class Rows, class Visit>
void for_each_row(Rows& rows, Visit visit) {
  const JointRows* last = nullptr;
  int number = 0;
  for (int i = 0; i < rows.size(); ++i) {
    auto* constraint = static_cast<btTypedConstraint*>(rows[i].m_originalContactPoint);
    auto* joint = dynamic_cast<JointRows*>(constraint);
    number = joint == last ? number + 1 : 0;
    last = joint;
    if (joint != nullptr) visit(*joint, number, rows[i]);
  }
}

}  // namespace

btScalar RigidSolver::Rigid::solveGroupCacheFriendlySetup(btCollisionObject** bodies, int body_count,
                                                          btPersistentManifold** manifolds,
                                                          int manifold_count, btTypedConstraint** constraints,
                                                          int constraint_count,
                                                          const btContactSolverInfo& info,
                                                          btIDebugDraw* drawer) {
  const btScalar result = btSequentialImpulseConstraintSolver::solveGroupCacheFriendlySetup(
      bodies, body_count, manifolds, manifold_count, constraints, constraint_count, info, drawer);
  for_each_row(m_tmpSolverNonContactConstraintPool, [&](JointRows& joint, int number,
                                                        btSolverConstraint& row) {
    const btScalar impulse = std::clamp(joint.last_impulse(number), row.m_lowerLimit, row.m_upperLimit);
    row.m_appliedImpulse = impulse;
    btSolverBody& a = m_tmpSolverBodyPool[row.m_solverBodyIdA];
    btSolverBody& b = m_tmpSolverBodyPool[row.m_solverBodyIdB];
    a.internalApplyImpulse(row.m_contactNormal1 * a.internalGetInvMass(), row.m_angularComponentA, impulse);
    b.internalApplyImpulse(row.m_contactNormal2 * b.internalGetInvMass(), row.m_angularComponentB, impulse);
  });
  return result;
}

btScalar RigidSolver::Rigid::solveGroupCacheFriendlyFinish(btCollisionObject** bodies, int body_count,
                                                           const btContactSolverInfo& info) {
  for_each_row(m_tmpSolverNonContactConstraintPool,
               [](JointRows& joint, int number, btSolverConstraint& row) {
                 joint.keep_impulse(number, row.m_appliedImpulse);
               });
  return btSequentialImpulseConstraintSolver::solveGroupCacheFriendlyFinish(bodies, body_count, info);
}

}  // namespace understudy
