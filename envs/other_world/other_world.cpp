#include "envs/other_world/other_world.h"

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "envs/other_world/other_environment.h"
#include "envs/other_world/other_form.h"
#include "envs/other_world/world_presets.h"
#include "envs/world/bullet_task.h"

namespace understudy {

WorldFile read_world(const std::filesystem::path& file) {
  if (const std::string_view preset = world_preset_text(file.string()); !preset.empty()) {
    return parse_world(preset, file.string());
  }
  std::string text;
  try {
    text = read_file(file);
  } catch (const Error& error) {
    throw UsageError(std::string(error.what()) + "; check the path given to --world");
  }
  return parse_world(text, file.string());
}

WorldMaker other_world(const WorldFile& file) {
  return [file](std::unique_ptr<Environment> task) -> std::unique_ptr<Environment> {
    auto* bodies = dynamic_cast<BulletTask*>(task.get());
    if (bodies == nullptr) {
      throw UsageError(
          "--world: task '" + task->spec().id +
          "' simulates itself and has no other world: take a task of bodies, e.g. Reach or Push");
    }
    const std::shared_ptr<OtherForm> form = make_form(file);
    bodies->build_in(form);
    return std::make_unique<OtherEnvironment>(std::move(task), form, file);
  };
}

}  // namespace understudy
