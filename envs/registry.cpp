#include "envs/registry.h"

#include <array>

#include "datasets/error.h"
#include "envs/drawer.h"
#include "envs/drive.h"
#include "envs/lift.h"
#include "envs/peg_insert.h"
#include "envs/pick_place.h"
#include "envs/reach.h"
#include "envs/swing_peg.h"
#include "envs/time_limit.h"

namespace understudy {
namespace {

struct Entry {
  const char* id;
  std::unique_ptr<Environment> (*make)();
  std::unique_ptr<Actor> (*make_expert)();  ///< null: the task has none
};

/// In alphabetical order.
constexpr std::array kEntries = {
    Entry{"Drawer", make_drawer, make_drawer_expert},
    Entry{"Drive", make_drive, make_drive_expert},
    Entry{"Lift", make_lift, make_lift_expert},
    Entry{"PegInsert", make_peg_insert, make_peg_insert_expert},
    Entry{"PickPlace", make_pick_place, make_pick_place_expert},
    Entry{"Reach", make_reach, make_reach_expert},
    Entry{"SwingPeg", make_swing_peg, make_swing_peg_expert},
};

const Entry& find(const std::string& id) {
  for (const Entry& entry : kEntries) {
    if (id == entry.id) return entry;
  }
  throw UsageError(unknown_name("task", id, environment_ids()));
}

}  // namespace

std::vector<std::string> environment_ids() {
  std::vector<std::string> ids;
  for (const Entry& entry : kEntries) ids.emplace_back(entry.id);
  return ids;
}

std::unique_ptr<Environment> make_environment(const std::string& id) {
  std::unique_ptr<Environment> environment = find(id).make();
  const int horizon = environment->spec().horizon;
  return std::make_unique<TimeLimit>(std::move(environment), horizon);
}

bool has_expert(const std::string& id) {
  return find(id).make_expert != nullptr;
}

std::unique_ptr<Actor> make_expert(const std::string& id) {
  const Entry& entry = find(id);
  if (!entry.make_expert) {
    throw UsageError("task '" + id + "' has no scripted expert: train one, or record a person");
  }
  return entry.make_expert();
}

}  // namespace understudy
