#pragma once
/// \file One function compiled for several instruction sets.

/// Stands before the definition of a function: compiles it for AVX-512, for AVX2 and for the baseline, and
/// the dynamic linker picks what the processor has. Empty where compiler or platform cannot do this, and in
/// builds with sanitizers, which are not ready yet when the linker picks.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__) && defined(__gnu_linux__)
#define UNDERSTUDY_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define UNDERSTUDY_CLONES
#endif
