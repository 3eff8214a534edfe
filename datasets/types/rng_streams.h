#pragma once
/// \file Who draws from which stream of a seed. A number stands for the same numbers drawn for ever:
/// recordings, runs and evaluations of earlier versions are repeated by it, so none may change.

#include <cstdint>

namespace understudy {

/// Streams of `Rng::stream(seed, ...)`. Whoever uses the same seed has a number of their own; where two share
/// one below, their seeds differ or they never meet. (The environment check alone resets a task with its own
/// seed; it matters not if its actions follow the task's draws.) Beside these, environments' varied
/// quantities have streams by name (variation_stream), far above all others; and of demonstrations thinned for a coupling (irl/experts/expert_atoms.h) the i-th
/// draws its first step from stream i.
enum class RngStream : std::uint64_t {
  // Of a task's reset.
  kDrive = 1,
  kTask = 2,  ///< of every task that has no number of its own
  kPush = 3,
  kLand = 3,
  kWind = 4,
  kCrowd = 5,
  kTraffic = 6,
  // Of the environment check: random actions, and the moment at which a state is saved.
  kCheckObservations = 1,
  kCheckDeterminism = 2,
  kCheckRestore = 3,
  kCheckMoment = 4,
  kCheckClamping = 5,
  kCheckState = 6,

  // Of behavioural cloning.
  kCloningParameters = 0,    ///< first parameters
  kCloningBatches = 1,       ///< shuffles and noise
  kSequenceParameters = 61,  ///< first parameters
  kSequenceBatches = 62,     ///< shuffles and noise
  kDaggerCoin = 63,          ///< who drives
  kShards = 64,              ///< noise of one part of one batch

  // Of an adaptation of pictures.
  kAdaptation = 71,          ///< first parameters, batches and pools
  kAdaptationDetector = 72,  ///< first parameters and batches

  // Of the demonstrations that a learner is given.
  kDemonstrations = 21,  ///< first steps

  // Of learners off policy.
  kOffPolicy = 11,         ///< exploration and batches
  kOffPolicyActor = 12,    ///< first parameters
  kOffPolicyCritics = 13,  ///< first parameters
  kIqLearnActor = 41,
  kIqLearnCritics = 42,
  kValueDiceActor = 43,
  kValueDiceNu = 44,
  // Of learners on policy.
  kOnPolicy = 31,        ///< exploration and minibatches
  kOnPolicyActor = 32,   ///< first parameters
  kOnPolicyCritic = 33,  ///< first parameters
  // Of rewards.
  kSqil = 32,  ///< draws of the expert; wants a replay, so never beside a learner on policy
  kDiscriminator = 51,
  kAirl = 52,
  kSlicedLines = 53,
  kSinkhornCritic = 54,

  // Of those who act. In ASCII: "rand" and "om", "hand", "thin", "plan".
  kRandomActor = 0x72616e646f6d,
  kHumanFaults = 0x68616e64,
  kSyntheticOperator = 0x7468696e,
  kSequenceActor = 0x706c616e,
};

}  // namespace understudy
