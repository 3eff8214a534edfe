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
  held_.clear();
  for_each_row(m_tmpSolverNonContactConstraintPool,
               [&](JointRows& joint, int number, btSolverConstraint& row) {
                 apply(row, std::clamp(joint.last_impulse(number), row.m_lowerLimit, row.m_upperLimit));
                 if (number < joint.held()) held_.push_back(&row);
               });
  // From the tips to the root: the factor fills in little.
  std::reverse(held_.begin(), held_.end());
  factor();
  return result;
}

void RigidSolver::Rigid::apply(btSolverConstraint& row, double impulse) {
  row.m_appliedImpulse += impulse;
  btSolverBody& a = m_tmpSolverBodyPool[row.m_solverBodyIdA];
  btSolverBody& b = m_tmpSolverBodyPool[row.m_solverBodyIdB];
  a.internalApplyImpulse(row.m_contactNormal1 * a.internalGetInvMass(), row.m_angularComponentA, impulse);
  b.internalApplyImpulse(row.m_contactNormal2 * b.internalGetInvMass(), row.m_angularComponentB, impulse);
}

void RigidSolver::Rigid::factor() {
  /// What one row does to a body, and feels of it.
  struct Side {
    int row;
    btVector3 linear, angular, by_impulse, turn_by_impulse;
  };
  std::vector<std::vector<Side>> sides(static_cast<std::size_t>(m_tmpSolverBodyPool.size()));
  std::vector<Eigen::Triplet<double>> entries;
  const auto count = static_cast<int>(held_.size());
  for (int i = 0; i < count; ++i) {
    const btSolverConstraint& row = *held_[static_cast<std::size_t>(i)];
    entries.emplace_back(i, i, row.m_cfm / row.m_jacDiagABInv);
    const auto side = [&](int body, const btVector3& linear, const btVector3& angular,
                          const btVector3& turn) {
      const btVector3& inverse_mass = m_tmpSolverBodyPool[body].internalGetInvMass();
      if (inverse_mass.isZero()) return;
      sides[static_cast<std::size_t>(body)].push_back({i, linear, angular, linear * inverse_mass, turn});
    };
    side(row.m_solverBodyIdA, row.m_contactNormal1, row.m_relpos1CrossNormal, row.m_angularComponentA);
    side(row.m_solverBodyIdB, row.m_contactNormal2, row.m_relpos2CrossNormal, row.m_angularComponentB);
  }
  for (const std::vector<Side>& body : sides) {
    for (std::size_t i = 0; i < body.size(); ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        const double value =
            body[i].linear.dot(body[j].by_impulse) + body[i].angular.dot(body[j].turn_by_impulse);
        entries.emplace_back(body[i].row, body[j].row, value);
      }
    }
  }
  matrix_.resize(count, count);
  matrix_.setFromTriplets(entries.begin(), entries.end());
  factor_.compute(matrix_);
  residual_.resize(count);
}

void RigidSolver::Rigid::hold_together() {
  if (held_.empty() || factor_.info() != Eigen::Success) return;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const btSolverConstraint& row = *held_[i];
    btSolverBody& a = m_tmpSolverBodyPool[row.m_solverBodyIdA];
    btSolverBody& b = m_tmpSolverBodyPool[row.m_solverBodyIdB];
    const double speed = row.m_contactNormal1.dot(a.internalGetDeltaLinearVelocity()) +
                         row.m_relpos1CrossNormal.dot(a.internalGetDeltaAngularVelocity()) +
                         row.m_contactNormal2.dot(b.internalGetDeltaLinearVelocity()) +
                         row.m_relpos2CrossNormal.dot(b.internalGetDeltaAngularVelocity());
    residual_[static_cast<Eigen::Index>(i)] =
        (row.m_rhs - row.m_appliedImpulse * row.m_cfm) / row.m_jacDiagABInv - speed;
  }
  residual_ = factor_.solve(residual_);
  for (std::size_t i = 0; i < held_.size(); ++i) apply(*held_[i], residual_[static_cast<Eigen::Index>(i)]);
}

btScalar RigidSolver::Rigid::solveSingleIteration(int iteration, btCollisionObject** bodies, int body_count,
                                                  btPersistentManifold** manifolds, int manifold_count,
                                                  btTypedConstraint** constraints, int constraint_count,
                                                  const btContactSolverInfo& info, btIDebugDraw* drawer) {
  hold_together();
  return btSequentialImpulseConstraintSolver::solveSingleIteration(
      iteration, bodies, body_count, manifolds, manifold_count, constraints, constraint_count, info, drawer);
}

btScalar RigidSolver::Rigid::solveGroupCacheFriendlyFinish(btCollisionObject** bodies, int body_count,
                                                           const btContactSolverInfo& info) {
  hold_together();
  for_each_row(m_tmpSolverNonContactConstraintPool,
               [](JointRows& joint, int number, btSolverConstraint& row) {
                 joint.keep_impulse(number, row.m_appliedImpulse);
               });
  return btSequentialImpulseConstraintSolver::solveGroupCacheFriendlyFinish(bodies, body_count, info);
}

}  // namespace understudy
