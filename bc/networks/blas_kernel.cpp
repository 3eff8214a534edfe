#include "bc/networks/blas_kernel.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace understudy {

BlasKernelClass blas_kernel_class(const std::string& name) {
  constexpr std::array kSse = {"prescott", "core2",     "penryn", "dunnington", "nehalem",      "atom",
                               "athlon",   "opteron",   "nano",   "barcelona",  "opteron_sse3", "bobcat",
                               "katmai",   "northwood", "banias", "coppermine", "generic"};
  constexpr std::array kAvx = {"sandybridge", "bulldozer", "piledriver"};
  constexpr std::array kAvx2 = {"haswell", "zen", "steamroller", "excavator"};
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto among = [&](const auto& names) {
    return std::find(names.begin(), names.end(), lower) != names.end();
  };
  if (among(kSse)) return BlasKernelClass::kSse;
  if (among(kAvx)) return BlasKernelClass::kAvx;
  if (among(kAvx2)) return BlasKernelClass::kAvx2;
  return BlasKernelClass::kAvx512;
}

std::string best_blas_kernel() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512cd")) {
    return "SkylakeX";
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return __builtin_cpu_is("amd") ? "Zen" : "Haswell";
  }
#endif
  return "";
}

void choose_blas_kernel() {
  const std::string best = best_blas_kernel();
  constexpr int kKeepTheUsers = 0;
  if (!best.empty()) setenv("OPENBLAS_CORETYPE", best.c_str(), kKeepTheUsers);
}

}  // namespace understudy
