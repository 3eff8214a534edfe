#include "bc/parallel/launcher.h"

#include <dlfcn.h>

#include <cstdlib>

#include "datasets/types/error.h"

namespace understudy {
namespace {

/// A process has a number from its launcher, and of how many.
constexpr const char* kNumber[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
constexpr const char* kCount[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};

const char* first_set(const auto& names) {
  for (const char* name : names) {
    if (const char* value = std::getenv(name)) return value;
  }
  return nullptr;
}

}  // namespace

bool mpi_built() {
#ifdef UNDERSTUDY_MPI_LIBRARY
  return true;
#else
  return false;
#endif
}

bool launched() {
  if (first_set(kNumber) == nullptr) return false;
  const char* count = first_set(kCount);
  return count == nullptr || std::atoi(count) > 1;
}

std::shared_ptr<Ranks> launched_ranks([[maybe_unused]] double timeout) {
  if (!launched()) return single_rank();
#ifdef UNDERSTUDY_MPI_LIBRARY
  // Global, for what MPI itself loads looks for its names there.
  void* library = dlopen(UNDERSTUDY_MPI_LIBRARY, RTLD_NOW | RTLD_GLOBAL);
  void* symbol = library == nullptr ? nullptr : dlsym(library, "understudy_mpi_ranks");
  if (symbol == nullptr) {
    throw Error(
        std::string("MPI: cannot be loaded: ") + dlerror() +
        "; install openmpi-bin and this program's part for MPI (cmake --install build --component mpi)");
  }
  std::shared_ptr<Ranks> ranks;
  reinterpret_cast<decltype(&understudy_mpi_ranks)>(symbol)(timeout, ranks);
  return ranks;
#else
  throw UsageError(
      "started as one of several processes: want a build with MPI, found one without; install libopenmpi-dev "
      "and build with -DUNDERSTUDY_MPI=ON, or start one process");
#endif
}

void forget_launcher() {
  for (const char* name : kNumber) ::unsetenv(name);
}

}  // namespace understudy
