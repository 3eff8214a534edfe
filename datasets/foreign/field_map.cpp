#include "datasets/foreign/field_map.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>
#include <set>

#include "datasets/format/episode_layout.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

std::string text_of(const std::vector<ForeignField>& fields) {
  constexpr std::size_t kNamed = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(kNamed, fields.size()); ++i)
    text += (i > 0 ? ", " : "") + fields[i].name + "[" + std::to_string(fields[i].size) + "]";
  return text + (fields.size() > kNamed ? ", ..." : "");
}

int width_of(const std::vector<ForeignField>& fields) {
  return std::accumulate(fields.begin(), fields.end(), 0,
                         [](int sum, const auto& field) { return sum + field.size; });
}

bool has_field(const Space& space, const std::string& name) {
  return std::any_of(space.fields().begin(), space.fields().end(),
                     [&](const Field& f) { return f.name == name; });
}

/// One of the two spaces on its way.
class Matching {
 public:
  Matching(const char* what, const Space& ours, const std::vector<ForeignField>& theirs, bool has_names,
           std::vector<std::string>& words)
      : what_(what), ours_(ours), theirs_(theirs), has_names_(has_names), words_(words) {
    entries_.assign(static_cast<std::size_t>(ours.size()), -1);
  }

  void pair(const FieldPair& pair) {
    int offset = 0;
    const ForeignField* const found = find(pair.theirs, offset);
    if (found == nullptr) {
      std::vector<std::string> names;
      for (const ForeignField& field : theirs_) names.push_back(field.name);
      throw UsageError("--map " + pair.ours + "=" + pair.theirs + ": " +
                       unknown_name(std::string("field of the ") + what_, pair.theirs, names));
    }
    const Field& ours = *std::find_if(ours_.fields().begin(), ours_.fields().end(),
                                      [&](const Field& field) { return field.name == pair.ours; });
    const int count = pair.count > 0 ? pair.count : found->size - pair.first;
    if (pair.first + count > found->size || count != ours.size) {
      throw UsageError("--map " + pair.ours + "=" + pair.theirs + ": want " + std::to_string(ours.size) +
                       " entries, found " + std::to_string(count) + " from " + std::to_string(pair.first) +
                       " on of " + std::to_string(found->size));
    }
    fill(ours_.offset(ours.name), offset + pair.first, count);
  }

  std::vector<int> finish() {
    for (const Field& field : ours_.fields()) {
      int offset = 0;
      if (is_open(field) && has_names_) {
        const ForeignField* const found = find(field.name, offset);
        if (found != nullptr && found->size == field.size) fill(ours_.offset(field.name), offset, field.size);
      }
    }
    const auto open = static_cast<int>(std::count(entries_.begin(), entries_.end(), -1));
    if (open == 0) return say_unused();
    const bool one = !has_names_ || theirs_.size() == 1;
    if (one && open == ours_.size() && width_of(theirs_) == ours_.size()) {
      std::iota(entries_.begin(), entries_.end(), 0);
      words_.push_back(std::string(what_) + ": " + text_of(theirs_) + " taken for the task's " +
                       std::to_string(open) + " entries in their order, by width alone");
      return std::move(entries_);
    }
    for (const Field& field : ours_.fields()) {
      if (!is_open(field)) continue;
      throw Error(std::string(what_) + ": want a field " + field.name + " of " + std::to_string(field.size) +
                  " entries for the task, found " + text_of(theirs_) + "; say which with --map " +
                  field.name + "=THEIRS, or THEIRS[first:last] of a longer one");
    }
    return {};
  }

 private:
  bool is_open(const Field& field) const {
    return entries_[static_cast<std::size_t>(ours_.offset(field.name))] < 0;
  }
  void fill(int ours, int theirs, int count) {
    std::iota(entries_.begin() + ours, entries_.begin() + ours + count, theirs);
  }
  /// By its name there, or by that as a name of ours.
  const ForeignField* find(const std::string& name, int& offset) const {
    offset = 0;
    for (const ForeignField& field : theirs_) {
      if (field.name == name) return &field;
      offset += field.size;
    }
    offset = 0;
    for (const ForeignField& field : theirs_) {
      if (field_name(field.name) == name) return &field;
      offset += field.size;
    }
    return nullptr;
  }
  std::vector<int> say_unused() {
    const std::set<int> used(entries_.begin(), entries_.end());
    std::vector<ForeignField> unused;
    int offset = 0;
    for (const ForeignField& field : theirs_) {
      bool some = false;
      for (int i = 0; i < field.size; ++i) some = some || used.contains(offset + i);
      if (!some) unused.push_back(field);
      offset += field.size;
    }
    if (!unused.empty())
      words_.push_back(std::string(what_) + ": the task has no use for " + text_of(unused));
    return std::move(entries_);
  }

  const char* what_;
  const Space& ours_;
  const std::vector<ForeignField>& theirs_;
  bool has_names_;
  std::vector<std::string>& words_;
  std::vector<int> entries_;
};

/// The foreign fields as ours, under names that are allowed, each once; `pairs` rename.
Space space_of(const std::vector<ForeignField>& fields, std::vector<FieldPair>& pairs, bool action) {
  std::vector<Field> made;
  std::set<std::string> names;
  for (const ForeignField& field : fields) {
    std::string name = field_name(field.name);
    const auto pair =
        std::find_if(pairs.begin(), pairs.end(), [&](const FieldPair& p) { return p.theirs == field.name; });
    if (pair != pairs.end()) {
      if (pair->count > 0 || pair->first > 0)
        throw UsageError("--map " + pair->ours + ": parts of a field want a task to be parts of: give --env");
      name = pair->ours;
      pairs.erase(pair);
    }
    if (name.empty()) name = "field";
    const std::string stem = name;
    for (int i = 2; !names.insert(name).second; ++i) name = stem + "_" + std::to_string(i);
    Field ours{.name = name, .size = field.size, .unit = "-", .meaning = field.name + ", as the file has it"};
    if (action) {
      ours.low = -1;
      ours.high = 1;
    }
    made.push_back(std::move(ours));
  }
  return Space(std::move(made));
}

}  // namespace

FieldPair parse_field_pair(const std::string& text) {
  const auto refuse = [&]() -> FieldPair {
    throw UsageError("--map: want ours=theirs or ours=theirs[first:last], found '" + text + "'");
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) return refuse();
  FieldPair pair{.ours = text.substr(0, equals), .theirs = text.substr(equals + 1)};
  const std::size_t bracket = pair.theirs.rfind('[');
  if (pair.theirs.back() != ']' || bracket == std::string::npos) return pair;
  const char* next = pair.theirs.data() + bracket + 1;
  const char* const end = pair.theirs.data() + pair.theirs.size() - 1;
  int last = 0;
  const auto first_read = std::from_chars(next, end, pair.first);
  if (first_read.ec != std::errc() || first_read.ptr == end || *first_read.ptr != ':') return refuse();
  const auto last_read = std::from_chars(first_read.ptr + 1, end, last);
  if (last_read.ec != std::errc() || last_read.ptr != end || pair.first < 0 || last <= pair.first)
    return refuse();
  pair.count = last - pair.first;
  pair.theirs.resize(bracket);
  return pair;
}

FieldMap map_fields(const ForeignDescription& foreign, const std::optional<DatasetHeader>& task,
                    const std::vector<FieldPair>& pairs) {
  FieldMap map;
  if (!task) {
    std::vector<FieldPair> left = pairs;
    map.header.observation = space_of(foreign.observation, left, false);
    map.header.action = space_of(foreign.action, left, true);
    if (!left.empty()) {
      throw UsageError("--map " + left.front().ours + "=" + left.front().theirs +
                       ": want a field of the file, which has " + text_of(foreign.observation) + "; " +
                       text_of(foreign.action));
    }
    map.header.state_dim = foreign.state_dim;
    if (foreign.control_rate > 0) map.header.control_rate = foreign.control_rate;
    map.header.horizon = foreign.horizon;
    map.observation.resize(static_cast<std::size_t>(map.header.observation.size()));
    map.action.resize(static_cast<std::size_t>(map.header.action.size()));
    std::iota(map.observation.begin(), map.observation.end(), 0);
    std::iota(map.action.begin(), map.action.end(), 0);
    if (foreign.control_rate <= 0)
      map.words.emplace_back("the file does not say how many actions there were a second: 30 are taken");
    return map;
  }
  map.header = *task;
  map.header.state_dim = 0;
  if (foreign.state_dim > 0) map.words.emplace_back("left out: states, which are the other simulator's");
  Matching observation("observation", task->observation, foreign.observation, foreign.has_names, map.words);
  Matching action("action", task->action, foreign.action, foreign.has_names, map.words);
  for (const FieldPair& pair : pairs) {
    const bool observed = has_field(task->observation, pair.ours);
    if (!observed && !has_field(task->action, pair.ours)) {
      std::vector<std::string> names;
      for (const Space* space : {&task->observation, &task->action})
        for (const Field& field : space->fields()) names.push_back(field.name);
      throw UsageError("--map " + pair.ours + "=" + pair.theirs + ": " +
                       unknown_name("field of the task", pair.ours, names));
    }
    (observed ? observation : action).pair(pair);
  }
  map.observation = observation.finish();
  map.action = action.finish();
  if (foreign.control_rate > 0 && foreign.control_rate != task->control_rate) {
    map.words.push_back("the file has " + std::to_string(foreign.control_rate).substr(0, 6) +
                        " actions a second, the task " + std::to_string(task->control_rate).substr(0, 6));
  }
  return map;
}

}  // namespace understudy
