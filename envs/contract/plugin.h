#pragma once
/// \file Tasks of your own, in a shared library that the program loads: `--plugin FILE`, or its path in the
/// environment variable UNDERSTUDY_PLUGINS (several with colons between them).
///
///     #include "envs/contract/plugin.h"
///
///     UNDERSTUDY_PLUGIN(tasks) {
///       tasks.add({.id = "Dock", .make = make_dock, .make_expert = make_dock_expert});
///     }
///
/// The program's classes and the plugin's share memory, so both have to be built from the same headers and
/// lay data out alike. The plugin holds a record of what it was built with; a plugin that does not fit is
/// refused before any of its code runs.

#include <cstdint>

#include "datasets/types/version.h"
#include "envs/contract/task_list.h"

namespace understudy {

/// What a plugin was built with. Plain bytes, read from the file itself.
struct PluginRecord {
  static constexpr char kMarker[] = "understudy plugin record 1";
  /// Raised whenever a class that plugins see changes within one version of the program.
  static constexpr std::uint32_t kInterface = 3;

  char marker[sizeof kMarker] = {};
  char version[24] = {};               ///< of the program
  std::uint32_t interface = 0;         ///< kInterface
  std::uint32_t standard_library = 0;  ///< which layout its containers have
  std::uint32_t eigen = 0;             ///< version, e.g. 30400
  std::uint32_t alignment = 0;         ///< bytes, of Eigen's arrays; follows from -m flags
};

/// The record of whatever is compiled here, for the program `version`.
template <std::size_t size>
constexpr PluginRecord plugin_record(const char (&version)[size]) {
  PluginRecord record;
  static_assert(size <= sizeof record.version);
  for (std::size_t i = 0; i < sizeof PluginRecord::kMarker; ++i) record.marker[i] = PluginRecord::kMarker[i];
  for (std::size_t i = 0; i < size; ++i) record.version[i] = version[i];
  record.interface = PluginRecord::kInterface;
#ifdef _LIBCPP_VERSION
  record.standard_library = 100 + _LIBCPP_ABI_VERSION;
#else
  record.standard_library = _GLIBCXX_USE_CXX11_ABI;
#ifdef _GLIBCXX_DEBUG
  record.standard_library += 10;
#endif
#endif
  record.eigen = EIGEN_WORLD_VERSION * 10000 + EIGEN_MAJOR_VERSION * 100 + EIGEN_MINOR_VERSION;
  record.alignment = EIGEN_MAX_ALIGN_BYTES;
  return record;
}

}  // namespace understudy

/// The program's version that a plugin claims; to be defined otherwise only to test the refusal.
#ifndef UNDERSTUDY_PLUGIN_VERSION
#define UNDERSTUDY_PLUGIN_VERSION UNDERSTUDY_VERSION
#endif

/// Begins the one function of a plugin that puts its tasks on the list `tasks` (an understudy::TaskList&).
/// Stands once in a library, in any namespace. Whatever it throws is reported in one line.
// A parameter's name takes no parentheses. NOLINTBEGIN(bugprone-macro-parentheses)
// clang-format off
#define UNDERSTUDY_PLUGIN(tasks)                                                                    \
  extern "C" {                                                                                      \
  __attribute__((visibility("default")))                                                            \
  extern const ::understudy::PluginRecord understudy_plugin_record;                                 \
  constinit const ::understudy::PluginRecord understudy_plugin_record =                             \
      ::understudy::plugin_record(UNDERSTUDY_PLUGIN_VERSION);                                       \
  __attribute__((visibility("default"))) void understudy_add_tasks(::understudy::TaskList& tasks);  \
  }                                                                                                 \
  void understudy_add_tasks(::understudy::TaskList& tasks)
// clang-format on
// NOLINTEND(bugprone-macro-parentheses)
