#include "datasets/types/space.h"

#include <algorithm>

#include "datasets/types/error.h"

namespace understudy {
namespace {

bool is_snake_case(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string describe(const Field& field) {
  return field.name + "[" + std::to_string(field.size) + "]";
}

}  // namespace

Space::Space(std::vector<Field> fields) : fields_(std::move(fields)) {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Field& field = fields_[i];
    const std::string place = "space field " + std::to_string(i) + " '" + field.name + "': ";
    if (!is_snake_case(field.name)) throw Error(place + "want a name of a-z, 0-9 and _");
    if (field.size < 1) throw Error(place + "want a positive size, found " + std::to_string(field.size));
    if (!(field.low < field.high)) throw Error(place + "want low < high");
    for (std::size_t j = 0; j < i; ++j) {
      if (fields_[j].name == field.name) throw Error(place + "the name is used twice");
    }
    size_ += field.size;
  }
}

int Space::offset(std::string_view name) const {
  int offset = 0;
  for (const Field& field : fields_) {
    if (field.name == name) return offset;
    offset += field.size;
  }
  std::vector<std::string> names;
  for (const Field& field : fields_) names.push_back(field.name);
  throw Error(unknown_name("field", name, names));
}

std::string space_mismatch(const Space& want, const Space& found) {
  const auto& w = want.fields();
  const auto& f = found.fields();
  for (std::size_t i = 0; i < std::max(w.size(), f.size()); ++i) {
    if (i >= w.size()) return "want " + std::to_string(w.size()) + " fields, found also " + describe(f[i]);
    if (i >= f.size()) return "want field " + describe(w[i]) + ", found none";
    if (w[i].name != f[i].name || w[i].size != f[i].size) {
      return "want field " + describe(w[i]) + ", found " + describe(f[i]);
    }
  }
  return "";
}

}  // namespace understudy
