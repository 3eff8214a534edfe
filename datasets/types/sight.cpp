#include "datasets/types/sight.h"

#include <algorithm>
#include <utility>

#include "datasets/types/error.h"

namespace understudy {

Field SightCamera::field() const {
  return {
      name + "_image", size(), "-", 0, 255, "picture of " + text() + ": rows from the top, red green blue"};
}

Space seen_space(const Space& observation, const Sight& sight) {
  std::vector<Field> fields;
  for (const std::string& name : sight.fields) {
    observation.offset(name);
    const auto named = [&](const Field& field) { return field.name == name; };
    fields.push_back(*std::find_if(observation.fields().begin(), observation.fields().end(), named));
  }
  for (const SightCamera& camera : sight.cameras) fields.push_back(camera.field());
  return Space(std::move(fields));
}

Sight sight_in(const Space& seen, const std::vector<SightCamera>& cameras) {
  Sight sight{.fields = {}, .cameras = cameras};
  const std::size_t count = seen.fields().size();
  for (std::size_t i = 0; i + cameras.size() < count; ++i) sight.fields.push_back(seen.fields()[i].name);
  for (std::size_t i = 0; i < cameras.size(); ++i) {
    const std::size_t place = count - cameras.size() + i;
    const Field wanted = cameras[i].field();
    if (cameras.size() > count || seen.fields()[place].name != wanted.name ||
        seen.fields()[place].size != wanted.size) {
      throw Error("observation: want pictures of " + cameras[i].text() +
                  " among its last fields, found others");
    }
  }
  return sight;
}

std::vector<int> seen_entries(const Space& observation, const Sight& sight) {
  std::vector<int> entries;
  const Space fields = seen_space(observation, {.fields = sight.fields, .cameras = {}});
  for (const Field& field : fields.fields()) {
    for (int i = 0; i < field.size; ++i) entries.push_back(observation.offset(field.name) + i);
  }
  return entries;
}

}  // namespace understudy
