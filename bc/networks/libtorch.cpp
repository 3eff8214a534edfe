#include "bc/networks/libtorch.h"

#include <dlfcn.h>

#include <string>

#include "bc/networks/blas_kernel.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

void* load() {
  choose_blas_kernel();  // LibTorch brings OpenBLAS along
  void* library = dlopen(UNDERSTUDY_LIBTORCH_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(std::string("LibTorch: cannot be loaded: ") + dlerror() +
                "; install libtorch-dev, or build this program again");
  }
  return library;
}

}  // namespace

void* libtorch_symbol(const char* name) {
  static void* const library = load();
  void* symbol = dlsym(library, name);
  if (symbol == nullptr) {
    throw Error(std::string(UNDERSTUDY_LIBTORCH_LIBRARY) + ": want " + name +
                ", found none: it is of another version; build or install everything again");
  }
  return symbol;
}

}  // namespace understudy
