#pragma once
/// \file Which entries of a foreign observation and action become which of ours.

#include <optional>
#include <string>
#include <vector>

#include "datasets/foreign/episode_source.h"
#include "datasets/format/dataset_header.h"

namespace understudy {

/// One `ours=theirs` of the command line.
struct FieldPair {
  std::string ours;    ///< name of a field of the task, in its observation or its action
  std::string theirs;  ///< name of a foreign field
  int first = 0;       ///< entry of the foreign field
  int count = 0;       ///< entries from there on; 0: all
};

/// Reads "ours=theirs" or "ours=theirs[2:5]". Throws UsageError.
FieldPair parse_field_pair(const std::string& text);

struct FieldMap {
  DatasetHeader header{};          ///< of the dataset that is made, its spaces in the order of `observation`
  std::vector<int> observation{};  ///< foreign entry of each of ours
  std::vector<int> action{};       ///< likewise
  std::vector<std::string> words{};  ///< what was matched by width alone, or is not used, a line each
};

/// `task`: header of the task that the episodes are to be of; nullopt: spaces are made of the foreign fields, in their
/// order, under their names in lower case, and the dataset is of no named task. A field of the task is the foreign
/// field that `pairs` names, else the one of its name and size; a foreign observation or action that is one list, or
/// has no names, is taken whole where it has the width of all that `pairs` leaves open. Throws Error naming a field
/// that stays without a partner, UsageError for pairs that cannot be.
FieldMap map_fields(const ForeignDescription& foreign, const std::optional<DatasetHeader>& task,
                    const std::vector<FieldPair>& pairs);

}  // namespace understudy
