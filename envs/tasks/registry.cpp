#include "envs/tasks/registry.h"

#include <array>

#include "datasets/types/error.h"
#include "envs/contract/time_limit.h"
#include "envs/robots/urdf.h"
#include "envs/tasks/any_robot/joint_control.h"
#include "envs/tasks/any_robot/reach_robot.h"
#include "envs/tasks/classic/inverted_double_pendulum.h"
#include "envs/tasks/classic/inverted_pendulum.h"
#include "envs/tasks/classic/reacher.h"
#include "envs/tasks/crowd/crowd.h"
#include "envs/tasks/driving/drive.h"
#include "envs/tasks/driving/drive_traffic.h"
#include "envs/tasks/landing/land.h"
#include "envs/tasks/locomotion/ant.h"
#include "envs/tasks/locomotion/dog.h"
#include "envs/tasks/locomotion/half_cheetah.h"
#include "envs/tasks/locomotion/hopper.h"
#include "envs/tasks/locomotion/humanoid.h"
#include "envs/tasks/locomotion/walker2d.h"
#include "envs/tasks/manipulation/drawer.h"
#include "envs/tasks/manipulation/lift.h"
#include "envs/tasks/manipulation/peg_insert.h"
#include "envs/tasks/manipulation/pick_place.h"
#include "envs/tasks/manipulation/reach.h"
#include "envs/tasks/manipulation/swing_peg.h"
#include "envs/tasks/pushing/push.h"

namespace understudy {
namespace {

struct Entry {
  const char* id;
  std::unique_ptr<Environment> (*make)();
  std::unique_ptr<Actor> (*make_expert)();  ///< null: the task has none
  /// The same with the user's robot, as task `id`; null: the task has a robot of its own. `link` may be named.
  std::unique_ptr<Environment> (*make_with)(const RobotModel& robot, const std::string& link,
                                            const std::string& id) = nullptr;
  std::unique_ptr<Actor> (*make_expert_with)(const RobotModel& robot, const std::string& link) = nullptr;
  bool takes_link = false;
};

/// In alphabetical order.
constexpr std::array kEntries = {
    Entry{"Ant", make_ant, nullptr},
    Entry{"Crowd", make_crowd, make_crowd_expert},
    Entry{"Dog", make_dog, nullptr},
    Entry{"Drawer", make_drawer, make_drawer_expert},
    Entry{"Drive", make_drive, make_drive_expert},
    Entry{"DriveTraffic", make_drive_traffic, make_drive_traffic_expert},
    Entry{"HalfCheetah", make_half_cheetah, nullptr},
    Entry{"Hopper", make_hopper, nullptr},
    Entry{"Humanoid", make_humanoid, nullptr},
    Entry{"InvertedDoublePendulum", make_inverted_double_pendulum, nullptr},
    Entry{"InvertedPendulum", make_inverted_pendulum, nullptr},
    Entry{"InvertedPendulumSwingup", make_inverted_pendulum_swingup, nullptr},
    Entry{"JointControl", make_joint_control, make_joint_control_expert,
          [](const RobotModel& robot, const std::string&, const std::string& id) {
            return make_joint_control(robot, id);
          },
          [](const RobotModel& robot, const std::string&) { return make_joint_control_expert(robot); }},
    Entry{"Land", make_land, make_land_expert},
    Entry{"Lift", make_lift, make_lift_expert},
    Entry{"PegInsert", make_peg_insert, make_peg_insert_expert},
    Entry{"PickPlace", make_pick_place, make_pick_place_expert},
    Entry{"Push", make_push, make_push_expert},
    Entry{"Reach", make_reach, make_reach_expert, make_reach_robot, make_reach_robot_expert, true},
    Entry{"Reacher", make_reacher, nullptr},
    Entry{"SwingPeg", make_swing_peg, make_swing_peg_expert},
    Entry{"Walker2D", make_walker2d, nullptr},
};

/// A task, and what stands after the colon of "Task:robot.urdf#link", if anything.
struct Choice {
  const Entry& entry;
  std::string urdf;
  std::string link;
};

Choice find(const std::string& id) {
  const std::size_t colon = id.find(':');
  const std::string name = id.substr(0, colon);
  for (const Entry& entry : kEntries) {
    if (name != entry.id) continue;
    if (colon == std::string::npos) return {entry, "", ""};
    if (!entry.make_with) {
      throw UsageError("task '" + name + "' has its own robot and takes no file: leave out '" +
                       id.substr(colon) + "'");
    }
    const std::size_t hash = entry.takes_link ? id.rfind('#') : std::string::npos;
    Choice choice{entry, id.substr(colon + 1, hash == std::string::npos ? hash : hash - colon - 1), ""};
    if (hash != std::string::npos) choice.link = id.substr(hash + 1);
    if (choice.urdf.empty()) {
      throw UsageError("task '" + id +
                       "': want a URDF file after the colon, found none: name it, or leave out '" +
                       id.substr(colon) + "'");
    }
    return choice;
  }
  throw UsageError(unknown_name("task", name, environment_ids()));
}

}  // namespace

std::vector<std::string> environment_ids() {
  std::vector<std::string> ids;
  for (const Entry& entry : kEntries) ids.emplace_back(entry.id);
  return ids;
}

std::unique_ptr<Environment> make_environment(const std::string& id) {
  const auto [entry, urdf, link] = find(id);
  std::unique_ptr<Environment> environment =
      urdf.empty() ? entry.make() : entry.make_with(read_urdf(urdf), link, id);
  const int horizon = environment->spec().horizon;
  return std::make_unique<TimeLimit>(std::move(environment), horizon);
}

std::unique_ptr<Environment> make_environment(const std::string& id, const Randomisation& randomisation) {
  std::unique_ptr<Environment> environment = make_environment(id);
  if (randomisation.empty()) return environment;
  check_fits(randomisation, environment->spec());
  environment->vary([randomisation](std::uint64_t seed) { return randomisation.draw(seed); });
  return environment;
}

std::optional<std::filesystem::path> robot_file(const std::string& id) {
  const Choice choice = find(id);
  if (choice.urdf.empty()) return std::nullopt;
  return choice.urdf;
}

bool has_expert(const std::string& id) {
  return find(id).entry.make_expert != nullptr;
}

std::unique_ptr<Actor> make_expert(const std::string& id) {
  const auto [entry, urdf, link] = find(id);
  if (!entry.make_expert) {
    throw UsageError("task '" + id + "' has no scripted expert: train one, or record a person");
  }
  return urdf.empty() ? entry.make_expert() : entry.make_expert_with(read_urdf(urdf), link);
}

}  // namespace understudy
