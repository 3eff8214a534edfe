// `understudy envs`: the tasks, or one task's spaces in full.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/types/error.h"
#include "envs/contract/environment.h"
#include "envs/contract/environment_check.h"
#include "envs/other_world/world_constants.h"
#include "envs/randomisation/randomisation.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/world_option.h"
#ifdef UNDERSTUDY_HAVE_SDL
#include "envs/rendering/look.h"
#include "tools/media/task_pictures.h"
#endif

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

ordered_json space_json(const Space& space) {
  auto fields = ordered_json::array();
  for (const Field& field : space.fields()) {
    fields.push_back({{"name", field.name},
                      {"size", field.size},
                      {"unit", field.unit},
                      {"low", field.low},
                      {"high", field.high},
                      {"meaning", field.meaning}});
  }
  return fields;
}

/// Of an episode's scene; the tasks have the same ones in every episode.
std::vector<std::string> camera_names(Environment& environment) {
  Vector observation(environment.spec().observation.size());
  environment.reset(0, observation);
  std::vector<std::string> names;
  for (const SceneCamera& camera : environment.scene().cameras) names.push_back(camera.name);
  return names;
}

ordered_json dimensions_json(const EnvironmentSpec& spec) {
  auto dimensions = ordered_json::array();
  for (const Dimension& dimension : spec.dimensions) {
    dimensions.push_back({{"name", dimension.name}, {"meaning", dimension.meaning}});
  }
  return dimensions;
}

ordered_json spec_json(Environment& environment) {
  const EnvironmentSpec& spec = environment.spec();
  return {{"id", spec.id},
          {"summary", spec.summary},
          {"success", spec.success},
          {"control_rate", spec.control_rate},
          {"physics_rate", spec.control_rate * spec.substeps},
          {"horizon", spec.horizon},
          {"layout", spec.layout},
          {"observation_dim", spec.observation.size()},
          {"action_dim", spec.action.size()},
          {"state_dim", environment.state_dim()},
          {"expert", has_expert(spec.id)},
          {"ways", expert_ways(spec.id)},
          {"cameras", camera_names(environment)},
          {"observation", space_json(spec.observation)},
          {"action", space_json(spec.action)},
          {"dimensions", dimensions_json(spec)}};
}

void print_space(const char* title, const Space& space) {
  std::printf("\n%s (%d)\n  %-5s %-22s %-5s %-7s %-19s %s\n", title, space.size(), "index", "field", "size",
              "unit", "range", "meaning");
  int offset = 0;
  for (const Field& field : space.fields()) {
    char range[48];
    std::snprintf(range, sizeof range, "[%g, %g]", field.low, field.high);
    std::printf("  %-5d %-22s %-5d %-7s %-19s %s\n", offset, field.name.c_str(), field.size,
                field.unit.c_str(), range, field.meaning.c_str());
    offset += field.size;
  }
}

void describe(const std::string& id, bool json) {
  warn_about_robot(id);
  const auto environment = make_environment(id);
  const EnvironmentSpec& spec = environment->spec();
  if (json) {
    std::printf("%s\n", spec_json(*environment).dump(2).c_str());
    return;
  }
  std::printf("%s: %s\nsuccess: %s\n", spec.id.c_str(), spec.summary.c_str(), spec.success.c_str());
  std::printf("%g actions/s, physics at %g Hz, at most %d steps (%g s), %s, layout '%s'\n", spec.control_rate,
              spec.control_rate * spec.substeps, spec.horizon, spec.horizon / spec.control_rate,
              has_expert(spec.id) ? "scripted expert" : "no scripted expert", spec.layout.c_str());
  if (has_expert(id)) {
    const std::string ways = expert_ways(id);
    std::printf("operators: %s\n", ways.empty() ? "one way" : ways.c_str());
  }
  std::string cameras;
  for (const std::string& camera : camera_names(*environment)) cameras += " " + camera;
  std::printf("cameras:%s\n", cameras.c_str());
  print_space("observation", spec.observation);
  print_space("action", spec.action);
  if (!spec.dimensions.empty()) std::printf("\nsizes that --randomise can vary\n");
  for (const Dimension& dimension : spec.dimensions) {
    std::printf("  geometry.%-20s %s\n", dimension.name.c_str(), dimension.meaning.c_str());
  }
}

void list(bool json) {
  auto all = ordered_json::array();
  if (!json) {
    std::printf("%-23s %-4s %-4s %-7s %-8s %-7s %s\n", "task", "obs", "act", "rate", "horizon", "expert",
                "the actor has to");
  }
  for (const std::string& id : environment_ids()) {
    const auto environment = make_environment(id);
    const EnvironmentSpec& spec = environment->spec();
    if (json) {
      all.push_back(spec_json(*environment));
    } else {
      std::printf("%-23s %-4d %-4d %-7.3g %-8d %-7s %s\n", spec.id.c_str(), spec.observation.size(),
                  spec.action.size(), spec.control_rate, spec.horizon, has_expert(id) ? "yes" : "no",
                  spec.summary.c_str());
    }
  }
  if (json) std::printf("%s\n", all.dump(2).c_str());
}

}  // namespace

void add_envs(CLI::App& program) {
  struct Options {
    std::string id;
    bool json = false;
    std::string pictures;
    bool look_template = false;
    bool randomisation = false;
    bool check = false;
    std::string world_template;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("envs", "List the tasks, or describe one");
  command->add_option("id", options->id, "Task to describe");
  command->add_flag("--json", options->json, "For machines");
  command->add_flag("--randomisation", options->randomisation,
                    "Print a file for --randomise with all that the task can be varied by");
  command->add_flag("--check", options->check,
                    "Test whether the task keeps the contract of all tasks, e.g. one of a plugin");
  add_world_option(*command);
  command
      ->add_option("--world-template", options->world_template,
                   "Print a file for --world of this kind with all its constants")
      ->check(CLI::IsMember({"maximal", "held-out", "own"}));
#ifdef UNDERSTUDY_HAVE_SDL
  command->add_option("--pictures", options->pictures,
                      "Folder to draw every task into, and tasks.png with all of them");
  command->add_flag("--look-template", options->look_template,
                    "Print a file for --look with all that another camera's pictures are drawn from");
#endif
  command->callback([options] {
#ifdef UNDERSTUDY_HAVE_SDL
    if (!options->pictures.empty()) {
      if (!options->id.empty() || options->json) {
        throw UsageError("--pictures draws every task: leave out the task and --json");
      }
      write_task_pictures(options->pictures);
      return;
    }
    if (options->look_template) {
      std::fputs(example_looks().c_str(), stdout);
      return;
    }
#endif
    if (!options->world_template.empty()) {
      std::fputs(example_world(options->world_template).c_str(), stdout);
    } else if (options->check) {
      if (options->id.empty()) throw UsageError("--check: want a task, e.g. envs Drive --check");
      const CheckOptions episodes;
      check_environment([options] { return make_environment(options->id); }, episodes);
      std::printf("%s keeps the contract of a task, in %d episodes of random actions\n", options->id.c_str(),
                  episodes.episodes);
    } else if (options->randomisation) {
      if (options->id.empty())
        throw UsageError("--randomisation: want a task, e.g. envs Drive --randomisation");
      std::fputs(example_randomisation(make_environment(options->id)->spec()).c_str(), stdout);
    } else if (options->id.empty()) {
      list(options->json);
    } else {
      describe(options->id, options->json);
    }
  });
}

}  // namespace understudy::tools
