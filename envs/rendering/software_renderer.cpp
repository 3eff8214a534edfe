#include "envs/rendering/software_renderer.h"

#include <dlfcn.h>
#include <link.h>

#include <cstring>
#include <mutex>
#include <string>

namespace understudy {
namespace {

/// Path of the LLVM that is loaded as a library of its own; empty without one.
std::string loaded_llvm() {
  std::string path;
  dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void* found) {
        if (std::strstr(library->dlpi_name, "/libLLVM") == nullptr) return 0;
        *static_cast<std::string*>(found) = library->dlpi_name;
        return 1;
      },
      &path);
  return path;
}

void prepare() {
  if (dlsym(RTLD_DEFAULT, "LLVMParseCommandLineOptions") == nullptr) return;  // nobody takes Mesa's place
  // Brings Mesa's driver and its LLVM, and keeps them.
  if (dlopen("libEGL_mesa.so.0", RTLD_LAZY | RTLD_LOCAL) == nullptr) return;
  const std::string path = loaded_llvm();
  if (path.empty()) return;
  void* const llvm = dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (llvm == nullptr) return;
  for (const char* const processor : {"X86", "AArch64"}) {
    for (const char* const part : {"TargetInfo", "Target", "TargetMC", "AsmPrinter"}) {
      const std::string name = std::string("LLVMInitialize") + processor + part;
      if (void* const found = dlsym(llvm, name.c_str())) reinterpret_cast<void (*)()>(found)();
    }
  }
}

}  // namespace

void prepare_software_renderer() {
  static std::once_flag once;
  std::call_once(once, prepare);
}

}  // namespace understudy
