#pragma once
/// \file File names in commands that are printed to be pasted back.

#include <string>

namespace understudy {

/// `word` so that a POSIX shell takes it as one word, whatever is in it: as it is where that is plain, else in single
/// quotes. A name that begins with a dash gets "./" before it, so that it is no option.
std::string shell_quoted(const std::string& word);

}  // namespace understudy
