#pragma once
/// \file Whether mpirun or srun has started this process as one of several, and the way to the others. MPI is in a
/// library of its own (bc/mpi), which is loaded then and only then.

#include <memory>

#include "bc/parallel/ranks.h"

namespace understudy {

/// How long ranks wait for one of which nothing is heard, s.
inline constexpr double kRankTimeout = 300;

/// Whether this build has the library.
bool mpi_built();

/// Whether a launcher says that this process is one of several.
bool launched();

/// All ranks of the job, or one alone where nothing was launched. Throws UsageError in a build without MPI, and Error
/// when the library cannot be loaded. Once in a process.
std::shared_ptr<Ranks> launched_ranks(double timeout = kRankTimeout);

/// For the environment of a process that this one starts: it is none of the ranks. Not while another thread reads it.
void forget_launcher();

/// What the library offers.
extern "C" void understudy_mpi_ranks(double timeout, std::shared_ptr<Ranks>& ranks);

}  // namespace understudy
