#pragma once
/// \file How bad input is reported: one exception whose message is the one line a user reads.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {

/// Bad data, a bad file or a failing device. `what()` is one line: place, expectation, finding, remedy.
/// The program prints it and exits with code 1. Libraries throw it and never print or exit themselves.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& line) : std::runtime_error(line) {}
};

/// A wrong argument or option, found before any work began. The program prints it and exits with code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// The user (Ctrl-C) or a scheduler (SIGTERM) asked to stop and everything worth keeping has been saved. The program
/// exits with code 1, or 75, which asks to be queued again.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// Name in `known` closest to `word` by edit distance, or "" if none is within a third of its length.
std::string nearest_name(std::string_view word, const std::vector<std::string>& known);

/// `"unknown task 'Driv': did you mean 'Drive'? known: Drive, Reach"`.
std::string unknown_name(std::string_view kind, std::string_view word, const std::vector<std::string>& known);

}  // namespace understudy
