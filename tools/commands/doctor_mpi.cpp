// `understudy doctor --mpi`: the processes that a launcher has started, and how fast they are told each other's bytes.

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "bc/networks/blas.h"
#include "bc/parallel/launcher.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "tools/bench/scale.h"
#include "tools/commands/command.h"

namespace understudy::tools {
void diagnose_ranks(double timeout) {
  if (!mpi_built()) {
    throw UsageError(
        "doctor --mpi: want a build with MPI, found one without; install libopenmpi-dev and build with "
        "-DUNDERSTUDY_MPI=ON");
  }
  const auto ranks = launched_ranks(timeout);
  const std::string kernel = blas_kernel();
  const auto processors = ranks->all_gather(processor_name());
  const auto kernels = ranks->all_gather(kernel);
  if (ranks->first()) {
    std::printf("understudy %s (%s), %s\n", program_version().c_str(), source_revision().c_str(),
                ranks->library().c_str());
    if (!ranks->several()) {
      std::printf("note  one process; start it as training is: mpirun -np 4 understudy doctor --mpi\n");
    }
    for (int r = 0; r < ranks->size(); ++r) {
      const auto i = static_cast<std::size_t>(r);
      std::printf("rank %-4d %-20s %s, BLAS %s\n", r, ranks->host(r).c_str(), processors[i].c_str(),
                  kernels[i].c_str());
    }
    const auto differs = [](const std::vector<std::string>& all) {
      return std::any_of(all.begin(), all.end(),
                         [&](const std::string& each) { return each != all.front(); });
    };
    if (differs(kernels) || differs(processors)) {
      std::printf(
          "note  processors differ, and so may what they compute, which ends a training: set "
          "OPENBLAS_CORETYPE to "
          "one kernel that all of them can run (mpirun -x OPENBLAS_CORETYPE=Haswell), or use hosts of one "
          "kind\n");
    }
  }
  if (ranks->several()) {
    struct Size {
      const char* name;
      std::size_t bytes;
      int repeats;
    };
    for (const Size size :
         {Size{"1 kB", 1000, 401}, Size{"100 kB", 100'000, 201}, Size{"1 MB", 1'000'000, 51}}) {
      const double seconds = bench::exchange_seconds(*ranks, size.bytes, size.repeats);
      if (ranks->first()) {
        std::printf("exchange of %6s from each rank: %9.1f us, median of %d\n", size.name, 1e6 * seconds,
                    size.repeats);
      }
    }
  }
  ranks->leave();
}

}  // namespace understudy::tools
