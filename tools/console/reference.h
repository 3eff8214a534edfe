#pragma once
/// \file The command line's description for others: manual pages and completion, from the same tables as `--help`.

#include <map>
#include <string>

namespace CLI {
class App;
}

namespace understudy::tools {

/// Manual pages in troff's man macros by file name: understudy.1, understudy-record.1, understudy-train-bc.1, ...
std::map<std::string, std::string> manual_pages(const CLI::App& program);

/// A script for bash: commands, options, and the words that options allow.
std::string bash_completion(const CLI::App& program);

}  // namespace understudy::tools
