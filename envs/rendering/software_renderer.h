#pragma once
/// \file Private to what draws: LibTorch's compiler and Mesa's software renderer in one process.

namespace understudy {

/// To be called before the first OpenGL context is made; further calls do nothing.
///
/// Debian 13's LibTorch exports the entry points of the LLVM that is built into it. In a program linked
/// with it they take the place of Mesa's own, so that Mesa initialises LibTorch's LLVM instead of its
/// own and crashes at the first shader. This initialises Mesa's as well. Without such a LibTorch, or
/// without Mesa, it does nothing.
void prepare_software_renderer();

}  // namespace understudy
