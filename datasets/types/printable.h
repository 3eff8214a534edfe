#pragma once
/// \file Text from files on its way to a terminal.

#include <string>

namespace understudy {

/// The text with '?' for every control character but line ends and tabs, C1's two bytes in UTF-8 included, so
/// that nothing in it steers a terminal.
std::string printable(std::string text);

}  // namespace understudy
