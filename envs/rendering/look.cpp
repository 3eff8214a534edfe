#include "envs/rendering/look.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/toml.h"

namespace understudy {
namespace {

constexpr double kTurn = 0.0524;  // rad: 3 degrees

std::uint64_t hash_of(std::string_view text) {
  return picture_hash(text.data(), text.size());
}

double number(const TomlValue& value) {
  if (value.kind != TomlValue::Kind::kInteger && value.kind != TomlValue::Kind::kFloat)
    throw UsageError(value.place + ": " + value.path + ": want a number or [low, high], found " +
                     value.found());
  double read = 0;
  std::from_chars(value.text.data(), value.text.data() + value.text.size(), read);
  return read;
}

std::string text_of(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

const LookQuantity& find_quantity_of_look(const TomlValue& value) {
  std::vector<std::string> known;
  for (const LookQuantity& quantity : look_quantities()) {
    if (quantity.key == value.path) return quantity;
    known.push_back(quantity.key);
  }
  throw UsageError(value.key_place + ": " + unknown_name("quantity of a look", value.path, known));
}

std::pair<double, double> range_of(const TomlValue& value, const LookQuantity& quantity) {
  std::pair<double, double> range;
  if (value.kind == TomlValue::Kind::kArray && value.items.size() == 2) {
    range = {number(value.items[0]), number(value.items[1])};
  } else {
    range.first = range.second = number(value);
  }
  if (!(quantity.low <= range.first && range.first <= range.second && range.second <= quantity.high)) {
    throw UsageError(value.place + ": " + value.path + ": want " + text_of(quantity.low) + " to " +
                     text_of(quantity.high) + (quantity.unit == "-" ? "" : " " + quantity.unit) +
                     ", the lower first, found " + text_of(range.first) + " and " + text_of(range.second));
  }
  return range;
}

Eigen::Vector3f towards(double turn, double height) {
  return {static_cast<float>(std::cos(height) * std::cos(turn)),
          static_cast<float>(std::cos(height) * std::sin(turn)), static_cast<float>(std::sin(height))};
}

}  // namespace

const std::vector<LookQuantity>& look_quantities() {
  static const std::vector<LookQuantity> all{
      {"surfaces.colour", "-", 0, 1, 0.15, 0.4, "share of a random colour in each shape's own"},
      {"surfaces.texture", "-", 0, 1, 0.25, 0.55, "how dark a texture's darkest places are"},
      {"surfaces.texture_size", "m", 0.01, 10, 0.04, 0.15, "its coarseness"},
      {"surfaces.distractors", "-", 0, 20, 2, 5, "things that stand about; rounded"},
      {"lights.sun", "-", 0, 3, 0.5, 0.9, "strength of the first light"},
      {"lights.sun_turn", "rad", -3.1416, 3.1416, -3.1416, 3.1416, "its direction, counter-clockwise from x"},
      {"lights.sun_height", "rad", 0.1, 1.5, 0.6, 1.2, "its height above the ground"},
      {"lights.second", "-", 0, 3, 0.2, 0.5, "strength of the second light"},
      {"lights.second_turn", "rad", -3.1416, 3.1416, -3.1416, 3.1416, "as sun_turn"},
      {"lights.second_height", "rad", 0.1, 1.5, 0.4, 1.0, "as sun_height"},
      {"lights.warmth", "-", -0.5, 0.5, -0.1, 0.3, "red that the first light has more, and blue less"},
      {"film.exposure", "-", 0.1, 5, 0.8, 1.3, "factor on the light"},
      {"film.gamma", "-", 0.3, 3, 0.8, 1.25, "power that a picture's values are raised to"},
      {"film.red", "-", 0.3, 3, 0.85, 1.2, "white balance: factor on red"},
      {"film.blue", "-", 0.3, 3, 0.8, 1.15, "white balance: factor on blue"},
      {"film.vignette", "-", 0, 1, 0.15, 0.4, "light that the corners lose"},
      {"film.blur", "-", 0, 0.1, 0.004, 0.01, "of the picture's height, standard deviation"},
      {"film.noise", "-", 0, 0.3, 0.01, 0.03, "of white, standard deviation at full light"},
      {"camera.x", "m", -0.2, 0.2, -0.02, 0.02, "off its place"},
      {"camera.y", "m", -0.2, 0.2, -0.02, 0.02, "off its place"},
      {"camera.z", "m", -0.2, 0.2, -0.02, 0.02, "off its place"},
      {"camera.pitch", "rad", -0.3, 0.3, -kTurn, kTurn, "turned up"},
      {"camera.yaw", "rad", -0.3, 0.3, -kTurn, kTurn, "turned left"},
      {"camera.roll", "rad", -0.3, 0.3, -kTurn, kTurn, "turned clockwise about its view"},
      {"camera.field_of_view", "-", 0.7, 1.4, 0.97, 1.03, "factor"},
  };
  return all;
}

std::uint64_t picture_hash(const void* bytes, std::size_t count) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (std::size_t i = 0; i < count; ++i)
    hash = (hash ^ static_cast<const unsigned char*>(bytes)[i]) * 0x100000001b3ULL;
  return hash;
}

std::string Looks::name() const {
  char text[32];
  std::snprintf(text, sizeof text, "look %016llx", static_cast<unsigned long long>(hash_));
  return text;
}

Looks Looks::parse(std::string_view text, const std::string& place) {
  Looks looks;
  looks.hash_ = hash_of(text);
  std::vector<TomlValue> values;
  try {
    values = parse_toml(text, place);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  for (const TomlValue& value : values) {
    if (value.key == "seed") {
      const auto [end, error] =
          std::from_chars(value.text.data(), value.text.data() + value.text.size(), looks.seed_);
      if (value.kind != TomlValue::Kind::kInteger || error != std::errc{} || *end != '\0')
        throw UsageError(value.place + ": seed: want a whole number from 0, found " + value.found());
    } else if (value.key == "each") {
      if (value.kind != TomlValue::Kind::kString || (value.text != "world" && value.text != "episode"))
        throw UsageError(value.place + ": each: want \"world\" or \"episode\", found " + value.found());
      looks.each_episode_ = value.text == "episode";
    } else if (value.kind == TomlValue::Kind::kTable) {
      for (const TomlValue& item : value.items)
        looks.ranges_[item.path] = range_of(item, find_quantity_of_look(item));
    } else {
      throw UsageError(
          value.key_place + ": " +
          unknown_name("key of a look", value.key, {"seed", "each", "surfaces", "lights", "film", "camera"}));
    }
  }
  if (find_value(values, "seed") == nullptr)
    throw UsageError(place + ": want a seed, which draws what is not named, found none; add e.g. seed = 1");
  return looks;
}

Look Looks::draw(std::uint64_t seed) const {
  // With one look for all, the episode's seed does not enter.
  const std::uint64_t base = each_episode_ ? Rng(seed_).bits() ^ seed : seed_;
  const auto value = [&](const std::string& key) {
    const auto quantity = std::find_if(look_quantities().begin(), look_quantities().end(),
                                       [&](const LookQuantity& known) { return known.key == key; });
    const auto named = ranges_.find(key);
    const auto [low, high] =
        named != ranges_.end() ? named->second : std::pair(quantity->least, quantity->most);
    // A stream of its own each: naming one changes no other.
    return Rng::stream(base, RngStream{hash_of(key)}).uniform(low, high);
  };
  const auto real = [&](const std::string& key) { return static_cast<float>(value(key)); };
  Look look;
  look.colour = real("surfaces.colour");
  look.distractors = static_cast<int>(std::lround(value("surfaces.distractors")));
  look.surface.texture = real("surfaces.texture");
  look.surface.texture_size = real("surfaces.texture_size");
  const float warmth = real("lights.warmth");
  look.surface.sun_light = real("lights.sun") * Eigen::Vector3f(1 + warmth, 1, 1 - warmth);
  look.surface.second = towards(value("lights.second_turn"), value("lights.second_height"));
  look.surface.second_light.setConstant(real("lights.second"));
  look.sun_turn = real("lights.sun_turn");
  look.sun_height = real("lights.sun_height");
  look.exposure = real("film.exposure");
  look.gamma = real("film.gamma");
  look.balance = {real("film.red"), 1, real("film.blue")};
  look.vignette = real("film.vignette");
  look.blur = real("film.blur");
  look.noise = real("film.noise");
  look.offset = {real("camera.x"), real("camera.y"), real("camera.z")};
  look.turn = {real("camera.pitch"), real("camera.yaw"), real("camera.roll")};
  look.field_of_view = real("camera.field_of_view");
  look.seed = Rng::stream(base, RngStream{hash_of("look")}).bits();
  return look;
}

std::string example_looks() {
  std::string text =
      "# What pictures are drawn with. Every line may be left out, changed to another range or fixed to a "
      "number.\n"
      "seed = 1\neach = \"world\"  # \"episode\": another look in every episode\n";
  std::string section;
  for (const LookQuantity& quantity : look_quantities()) {
    const std::size_t dot = quantity.key.find('.');
    if (quantity.key.substr(0, dot) != section) {
      section = quantity.key.substr(0, dot);
      text += "\n[" + section + "]\n";
    }
    const std::string value =
        quantity.key.substr(dot + 1) + " = [" + text_of(quantity.least) + ", " + text_of(quantity.most) + "]";
    char line[200];
    std::snprintf(line, sizeof line, "%-34s # %s, %g to %g; %s\n", value.c_str(), quantity.unit.c_str(),
                  quantity.low, quantity.high, quantity.meaning.c_str());
    text += line;
  }
  return text;
}

}  // namespace understudy
