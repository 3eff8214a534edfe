#pragma once
/// \file What LibTorch says of a script.

#include <exception>
#include <string>

#include "datasets/types/error.h"

namespace understudy {

/// Calls `work`. What LibTorch says of a script in many lines becomes an Error of its first.
template <class Work>
auto guarded_script(const std::string& kind, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    std::string line = error.what();
    const std::size_t start = line.find_first_not_of('\n');
    line =
        start == std::string::npos ? "no reason given" : line.substr(start, line.find('\n', start) - start);
    throw Error("TorchScript of a policy of kind " + kind + ": " + line +
                "; mend the script that the kind gives");
  }
}

}  // namespace understudy
