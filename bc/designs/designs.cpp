#include "bc/designs/designs.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bc/designs/design_parts.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"

namespace understudy {
namespace {

using Json = nlohmann::ordered_json;

struct Kind {
  const char* name;
  SequenceDesign (*make)(const DesignConfig&, int obs_dim, int act_dim);
  DesignConfig config;
};

/// Every kind, a line each; sizes ours unless their sources say otherwise: chosen to be trained on two cores within
/// minutes.
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> list{
      {"feedforward", feedforward_design, {.widths = {512, 512}}},
      {"ensemble", ensemble_design, {.widths = {256, 256}}},
      {"recurrent", recurrent_design, {.width = 256, .horizon = 10}},
      {"transformer", transformer_design, {.layers = 4, .width = 128, .history = 10}},
      {"act",
       act_design,
       {.layers = 2, .width = 128, .horizon = 20, .executed = 1, .kl_weight = 10, .ensemble = 0.01}},
      {"diffusion", diffusion_design, {.widths = {64, 128}, .history = 2, .horizon = 16, .executed = 8}},
      {"flow",
       flow_design,
       {.widths = {64, 128}, .history = 2, .horizon = 16, .executed = 8, .acting_steps = 4}},
      {"stream", stream_design, {.widths = {512, 512, 512}, .history = 2, .horizon = 16, .executed = 8}},
  };
  return list;
}

const Kind& find(const std::string& name) {
  for (const Kind& kind : kinds()) {
    if (kind.name == name) return kind;
  }
  throw UsageError(unknown_name("kind of network", name, design_names()));
}

void want(bool good, const std::string& kind, const std::string& what, double found) {
  if (good) return;
  char text[32];
  std::snprintf(text, sizeof text, "%g", found);
  throw UsageError(kind + ": want " + what + ", found " + text);
}

void want_between(const std::string& kind, const char* what, double value, double low, double high) {
  char range[96];
  std::snprintf(range, sizeof range, "%s from %g to %g", what, low, high);
  want(value >= low && value <= high, kind, range, value);
}

void check(const std::string& kind, const DesignConfig& c) {
  want_between(kind, "history", c.history, 1, 1000);
  want_between(kind, "horizon", c.horizon, 1, 1000);
  want_between(kind, "executed", c.executed, 1, c.horizon);
  want_between(kind, "layers", c.layers, 1, 64);
  want_between(kind, "width", c.width, 1, 16384);
  want_between(kind, "feedforward", c.feedforward, 1, 65536);
  want_between(kind, "attention heads", c.attention_heads, 1, 64);
  want_between(kind, "dropout", c.dropout, 0, 0.95);
  want_between(kind, "members", c.members, 2, 1000);
  want_between(kind, "doubt", c.doubt, 0, 1e6);
  want_between(kind, "modes", c.head.modes, 1, 1000);
  want_between(kind, "bins", c.head.bins, 2, 10000);
  want_between(kind, "latent", c.latent, 1, 1024);
  want_between(kind, "KL weight", c.kl_weight, 0, 1e6);
  want_between(kind, "ensemble", c.ensemble, 0, 100);
  want_between(kind, "diffusion steps", c.diffusion_steps, 2, 10000);
  want_between(kind, "acting steps", c.acting_steps, 1, c.diffusion_steps);
  want_between(kind, "deviation", c.deviation, 0, 10);
  want_between(kind, "number of widths", static_cast<double>(c.widths.size()), 0, 16);
  for (const int width : c.widths) want_between(kind, "widths", width, 1, 16384);
  if (c.cell != "lstm" && c.cell != "gru") throw UsageError(unknown_name("cell", c.cell, {"lstm", "gru"}));
  if (kind == "transformer" || kind == "act") {
    want(c.width % c.attention_heads == 0, kind, "a width that the attention heads divide", c.width);
  }
  if (kind == "diffusion" || kind == "flow") {
    want(!c.widths.empty(), kind, "at least one width", 0);
    for (const int width : c.widths) want(width % 8 == 0, kind, "widths that 8 divides", width);
    const int parts = 1 << (c.widths.size() - 1);
    want(c.horizon % parts == 0, kind, "a horizon that " + number(parts) + " divides", c.horizon);
  }
  if (kind == "diffusion")
    want(c.diffusion_steps % c.acting_steps == 0, kind, "acting steps that divide those of training",
         c.acting_steps);
  if (kind == "feedforward" || kind == "ensemble" || kind == "transformer")
    want(c.horizon == 1, kind, "a horizon of 1", c.horizon);
  if (kind == "recurrent") want(c.history == 1, kind, "a history of 1, since it remembers", c.history);
  if (kind == "act" && c.ensemble > 0)
    want(c.executed == 1, kind, "one action executed of an ensemble", c.executed);
}

Json vision_json(const VisionConfig& vision) {
  Json cameras = Json::array();
  for (const SightCamera& camera : vision.cameras)
    cameras.push_back({{"name", camera.name}, {"width", camera.width}, {"height", camera.height}});
  return {{"cameras", cameras},
          {"network", vision.network},
          {"crop", vision.crop},
          {"keypoints", vision.keypoints},
          {"features", vision.features}};
}

VisionConfig vision_from_json(const Json& json) {
  VisionConfig vision;
  const Json& cameras = json.at("cameras");
  if (!cameras.is_array() || cameras.empty() || cameras.size() > 16)
    throw Error("vision: want 1 to 16 cameras, found others");
  for (const Json& camera : cameras)
    vision.cameras.push_back({camera.at("name"), camera.at("width"), camera.at("height")});
  json.at("network").get_to(vision.network);
  json.at("crop").get_to(vision.crop);
  json.at("keypoints").get_to(vision.keypoints);
  json.at("features").get_to(vision.features);
  check_vision(vision);
  return vision;
}

}  // namespace

const std::vector<std::string>& design_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Kind& kind : kinds()) list.emplace_back(kind.name);
    return list;
  }();
  return names;
}

DesignConfig default_design(const std::string& kind) {
  return find(kind).config;
}

SequenceDesign make_design(const std::string& kind, const DesignConfig& config, int obs_dim, int act_dim) {
  const Kind& found = find(kind);
  check(kind, config);
  check_vision(config.vision);
  const int fields = obs_dim - picture_numbers(config.vision);
  want(fields >= 0, kind,
       "an observation that holds its " + number(picture_numbers(config.vision)) + " numbers of pictures",
       obs_dim);
  const int pictures = static_cast<int>(config.vision.cameras.size());
  SequenceDesign design = found.make(config, fields + pictures * config.vision.features, act_dim);
  add_vision(design, config.vision, fields);
  return design;
}

std::string seen(const DesignConfig& config) {
  return config.vision.cameras.empty() ? "((observations - self.mean) * self.scale)"
                                       : "self.see(observations)";
}

std::string design_json(const DesignConfig& c) {
  Json json{{"head", c.head.name},
            {"modes", c.head.modes},
            {"bins", c.head.bins},
            {"widths", c.widths},
            {"cell", c.cell},
            {"layers", c.layers},
            {"width", c.width},
            {"attention_heads", c.attention_heads},
            {"feedforward", c.feedforward},
            {"dropout", c.dropout},
            {"history", c.history},
            {"horizon", c.horizon},
            {"executed", c.executed},
            {"latent", c.latent},
            {"kl_weight", c.kl_weight},
            {"ensemble", c.ensemble},
            {"diffusion_steps", c.diffusion_steps},
            {"acting_steps", c.acting_steps},
            {"deviation", c.deviation}};
  if (c.members != DesignConfig().members) json["members"] = c.members;
  if (c.doubt > 0) json["doubt"] = c.doubt;
  if (!c.vision.cameras.empty()) json["vision"] = vision_json(c.vision);
  return json.dump();
}

DesignConfig design_from_json(const std::string& text) {
  const auto json = parsed_json<Json>(text);
  DesignConfig c;
  json.at("head").get_to(c.head.name);
  json.at("modes").get_to(c.head.modes);
  json.at("bins").get_to(c.head.bins);
  if (json.at("widths").size() > 16) throw Error("widths: want at most 16, found more");
  json.at("widths").get_to(c.widths);
  json.at("cell").get_to(c.cell);
  json.at("layers").get_to(c.layers);
  json.at("width").get_to(c.width);
  json.at("attention_heads").get_to(c.attention_heads);
  json.at("feedforward").get_to(c.feedforward);
  json.at("dropout").get_to(c.dropout);
  json.at("history").get_to(c.history);
  json.at("horizon").get_to(c.horizon);
  json.at("executed").get_to(c.executed);
  json.at("latent").get_to(c.latent);
  json.at("kl_weight").get_to(c.kl_weight);
  json.at("ensemble").get_to(c.ensemble);
  json.at("diffusion_steps").get_to(c.diffusion_steps);
  json.at("acting_steps").get_to(c.acting_steps);
  json.at("deviation").get_to(c.deviation);
  c.members = json.value("members", c.members);
  c.doubt = json.value("doubt", c.doubt);
  if (json.contains("vision")) c.vision = vision_from_json(json.at("vision"));
  return c;
}

}  // namespace understudy
