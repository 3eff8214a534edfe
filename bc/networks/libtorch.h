#pragma once
/// \file The library that holds all that needs LibTorch, bc/libtorch. LibTorch takes half a second to load,
/// so that is done when something asks for it: writing a policy, running TorchScript, networks on a GPU.
/// Whatever else there is, acting with a policy and training on the CPU included, does without.

namespace understudy {

/// A function of that library, which stays loaded. Throws Error when the library or
/// LibTorch cannot be loaded.
void* libtorch_symbol(const char* name);

/// The same with its type.
template <class Function>
Function* libtorch_function(const char* name) {
  return reinterpret_cast<Function*>(libtorch_symbol(name));
}

}  // namespace understudy
