#include "capture/input/action_words.h"

#include <algorithm>
#include <map>

#include "capture/input/bindings.h"

namespace understudy {

ActionWords action_words(const std::string& name) {
  static const std::map<std::string, ActionWords> known{
      {"dx", {"back", "forward"}},
      {"dy", {"right", "left", true}},
      {"dz", {"down", "up"}},
      {"yaw", {"turn right", "turn left", true}},
      {"roll", {"roll left", "roll right"}},
      {"pitch", {"pitch up", "pitch down"}},
      {"gripper", {"open", "close"}},
      {"steer", {"left", "right"}},
      {"throttle", {"brake", "throttle"}},
      {"force", {"push left", "push right"}},
  };
  if (const auto entry = known.find(name); entry != known.end()) return entry->second;
  std::string words = name;
  std::replace(words.begin(), words.end(), '_', ' ');
  return {words + " -", words + " +"};
}

std::vector<ActionWords> action_words(const Space& action) {
  std::vector<ActionWords> words;
  for (const std::string& name : entry_names(action)) words.push_back(action_words(name));
  return words;
}

}  // namespace understudy
