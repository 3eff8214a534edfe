#include "bc/cloning/cloning_run_config.h"

#include <algorithm>
#include <charconv>

#include "bc/policies/mlp_policy.h"
#include "bc/policies/sequence_policy.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// A policy of the command line: its design, and how it is trained when nobody says otherwise. Ours.
struct PolicyDefaults {
  const char* name;
  const char* design;
  double learning_rate;
  int batch;
  int epochs;
  int warm_up;
  double clip_gradient;
};

constexpr int kSeenBatch = 64;  // of windows with pictures

const std::vector<PolicyDefaults>& policies() {
  static const std::vector<PolicyDefaults> list{
      {"mlp", "feedforward", 1e-3, 256, 60, 0, 0}, {"ensemble", "ensemble", 1e-3, 256, 60, 0, 0},
      {"rnn", "recurrent", 1e-3, 64, 150, 100, 1}, {"transformer", "transformer", 5e-4, 64, 150, 500, 1},
      {"act", "act", 3e-4, 64, 200, 500, 10},      {"diffusion", "diffusion", 5e-4, 128, 200, 500, 1},
      {"flow", "flow", 5e-4, 128, 200, 500, 1},    {"stream", "stream", 1e-3, 256, 200, 500, 1},
  };
  return list;
}

const PolicyDefaults& defaults_of(const std::string& policy) {
  for (const PolicyDefaults& each : policies()) {
    if (each.name == policy) return each;
  }
  throw UsageError(unknown_name("policy", policy, policy_names()));
}

/// The one of a pair that somebody has set.
template <class Value>
void take(Value& option, Value unset, Value own) {
  if (option == unset) option = own;
}

bool is_perceptrons(const std::string& head) {
  return head == "deterministic" || head == "gaussian";
}

}  // namespace

const std::vector<std::string>& policy_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const PolicyDefaults& each : policies()) list.emplace_back(each.name);
    return list;
  }();
  return names;
}

CloningRunConfig::CloningRunConfig() {
  learner = "bc";
  evaluate_every = 0;
  threads = 0;
  cloning.learning_rate = 0;
  cloning.batch = cloning.epochs = 0;
}

bool plans(const CloningRunConfig& config) {
  return config.sight.sees() || config.policy != "mlp" || !is_perceptrons(config.sequence.head);
}

std::vector<double> batch_shares(const CloningRunConfig& config) {
  std::vector<double> shares;
  if (config.shares.empty()) return shares;
  const std::size_t files = 1 + split_list(config.more_data).size();
  for (const std::string& text : split_list(config.shares)) {
    double share = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
    if (error != std::errc() || end != text.data() + text.size() || !(share > 0 && share < 1e9)) break;
    shares.push_back(share);
  }
  if (shares.size() != files || split_list(config.shares).size() != files) {
    throw UsageError("--shares: want a positive number for each of " + std::to_string(files) +
                     " files, as in 0.5,0.5, found '" + config.shares + "'");
  }
  return shares;
}

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text.empty() ? "none" : text;
}

/// What the policy sees, and how.
void take_over_sight(CloningRunConfig& c, const Sight& sight, const VisionConfig& vision) {
  if (sight.cameras.empty()) {
    if (c.sight.sees())
      throw Error(c.warm_start + ": want a policy that sees through --cameras " + c.sight.cameras +
                  " to train on from, found one without pictures");
    return;
  }
  std::vector<std::string> cameras;
  for (const SightCamera& camera : sight.cameras)
    cameras.push_back(camera.name + ":" + std::to_string(camera.width) + "x" + std::to_string(camera.height));
  c.sight.cameras = joined(cameras);
  c.sight.fields = joined(sight.fields);
  c.sight.network = vision.network;
  c.sight.crop = vision.crop;
  c.sight.keypoints = vision.keypoints;
  c.sight.features = vision.features;
}

}  // namespace

void take_over(CloningRunConfig& c, const Policy& warm_start) {
  const std::string design = warm_start.network->kind();
  std::string found = design;
  for (const PolicyDefaults& each : policies()) {
    if (design == each.design) found = each.name;
  }
  if (!c.policy.empty() && c.policy != found) {
    throw Error(c.warm_start + ": want a policy of kind " + c.policy +
                " to train on from, found one of kind " + found +
                "; leave out --policy, or choose another file");
  }
  c.policy = found;
  const auto adopt = [&](const char* name, auto& option, const auto& unset, const auto& own) {
    if (option == unset) option = own;
    if (option == own) return;
    throw Error(c.warm_start + ": want a policy with another --" + name +
                " to train on from; leave out the option, or --warm-start");
  };
  SequenceOptions& s = c.sequence;
  const std::string no_word;
  if (const auto* mlp = dynamic_cast<const MlpPolicy*>(warm_start.network.get())) {
    c.cloning.hidden = mlp->spec.hidden;
    c.cloning.activation = mlp->spec.activation;
    c.cloning.squash = mlp->squash;
    c.cloning.likelihood = mlp->likelihood;
    adopt("head", s.head, no_word,
          std::string(mlp->likelihood == Likelihood::kGaussian ? "gaussian" : "deterministic"));
    return;
  }
  const auto* sequence = dynamic_cast<const SequencePolicy*>(warm_start.network.get());
  if (sequence == nullptr) {
    throw Error(c.warm_start + ": want a policy that train bc makes, found one of kind " + found +
                "; choose another file");
  }
  const DesignConfig& d = sequence->config();
  take_over_sight(c, sight_of(warm_start), d.vision);
  adopt("head", s.head, no_word, d.head.name);
  adopt("modes", s.modes, 0, d.head.modes);
  adopt("bins", s.bins, 0, d.head.bins);
  adopt("cell", s.cell, no_word, d.cell);
  adopt("widths", s.widths, std::vector<int>(), d.widths);
  adopt("members", s.members, 0, d.members);
  adopt("layers", s.layers, 0, d.layers);
  adopt("width", s.width, 0, d.width);
  adopt("attention-heads", s.attention_heads, 0, d.attention_heads);
  adopt("history", s.history, 0, d.history);
  adopt("horizon", s.horizon, 0, d.horizon);
  adopt("latent", s.latent, 0, d.latent);
  adopt("diffusion-steps", s.diffusion_steps, 0, d.diffusion_steps);
  // What changes no tensor may change.
  take(s.dropout, -1.0, d.dropout);
  take(s.execute, 0, d.executed);
  take(s.kl_weight, -1.0, d.kl_weight);
  take(s.ensemble, -1.0, d.ensemble);
  take(s.acting_steps, 0, d.acting_steps);
}

void resolve(CloningRunConfig& c) {
  if (c.policy.empty()) c.policy = kRecommendedPolicy;
  const PolicyDefaults& own = defaults_of(c.policy);
  SequenceOptions& s = c.sequence;
  if (s.head.empty())
    s.head = c.policy == "ensemble"                          ? "deterministic"
             : c.policy != "mlp"                             ? "gmm"
             : c.cloning.likelihood == Likelihood::kGaussian ? "gaussian"
                                                             : "deterministic";
  if (c.policy == "mlp" && is_perceptrons(s.head))
    c.cloning.likelihood = s.head == "gaussian" ? Likelihood::kGaussian : Likelihood::kMse;
  take(c.cloning.learning_rate, 0.0, own.learning_rate);
  take(c.cloning.batch, 0, c.sight.sees() ? std::min(own.batch, kSeenBatch) : own.batch);
  take(c.cloning.epochs, 0, own.epochs);
  take(c.evaluate_every, 0, std::max(1, c.cloning.epochs / 12));
  const DesignConfig design = default_design(own.design);
  take(s.modes, 0, design.head.modes);
  take(s.bins, 0, design.head.bins);
  if (s.cell.empty()) s.cell = design.cell;
  if (s.widths.empty()) s.widths = design.widths;
  take(s.members, 0, design.members);
  take(s.layers, 0, design.layers);
  take(s.width, 0, design.width);
  take(s.attention_heads, 0, design.attention_heads);
  take(s.dropout, -1.0, design.dropout);
  take(s.history, 0, design.history);
  take(s.horizon, 0, design.horizon);
  take(s.execute, 0, design.executed);
  take(s.latent, 0, design.latent);
  take(s.kl_weight, -1.0, design.kl_weight);
  take(s.ensemble, -1.0, design.ensemble);
  take(s.diffusion_steps, 0, design.diffusion_steps);
  take(s.acting_steps, 0, design.acting_steps);
  take(s.warm_up, -1, own.warm_up);
  take(s.clip_gradient, -1.0, own.clip_gradient);
  c.cloning.warm_up = s.warm_up;
  c.cloning.clip_gradient = s.clip_gradient;
  c.cloning.shares = batch_shares(c);
}

SequenceCloningConfig sequence_config(const CloningRunConfig& c) {
  const SequenceOptions& s = c.sequence;
  SequenceCloningConfig config;
  config.kind = defaults_of(c.policy).design;
  config.design = default_design(config.kind);
  config.design.head = {.name = s.head, .modes = s.modes, .bins = s.bins};
  config.design.cell = s.cell;
  config.design.widths = s.widths;
  config.design.members = s.members;
  config.design.layers = s.layers;
  config.design.width = s.width;
  config.design.attention_heads = s.attention_heads;
  config.design.dropout = s.dropout;
  config.design.history = s.history;
  config.design.horizon = s.horizon;
  config.design.executed = s.execute;
  config.design.latent = s.latent;
  config.design.kl_weight = s.kl_weight;
  config.design.ensemble = s.ensemble;
  config.design.diffusion_steps = s.diffusion_steps;
  config.design.acting_steps = s.acting_steps;
  config.design.vision.network = c.sight.network;
  config.design.vision.crop = c.sight.crop;
  config.design.vision.keypoints = c.sight.keypoints;
  config.design.vision.features = c.sight.features;
  config.augmentation = {.crop = c.sight.crop, .brightness = c.sight.brightness, .colour = c.sight.colour};
  config.learning_rate = c.cloning.learning_rate;
  config.final_learning_rate = c.cloning.final_learning_rate;
  config.warm_up = s.warm_up;
  config.weight_decay = c.cloning.weight_decay;
  config.clip_gradient = s.clip_gradient;
  config.average = s.average;
  config.observation_noise = c.cloning.observation_noise;
  config.shares = c.cloning.shares;
  config.batch = c.cloning.batch;
  config.epochs = c.cloning.epochs;
  config.epoch_updates = c.cloning.epoch_updates;
  config.threads = c.threads == 0 ? ThreadPool::cores() : c.threads;
  config.seed = c.seed;
  config.shards = c.shards;
  return config;
}

SettingList settings(CloningRunConfig& c) {
  SequenceOptions& s = c.sequence;
  SettingList cloning = settings(c.cloning);
  for (Setting& setting : cloning) {
    if (setting.name == "learning-rate" || setting.name == "batch" || setting.name == "epochs") {
      setting.low = 0;
      setting.help += "; 0: the policy's own";
    }
  }
  SettingList evaluation = evaluation_settings(c, "Epochs");
  for (Setting& setting : evaluation) {
    if (setting.name != "eval-every") continue;
    setting.low = 0;
    setting.help += "; 0: a twelfth of all";
  }
  SettingList list = task_settings(c, true);
  const SettingList sight = settings(c.sight);
  for (const SettingList& more :
       {SettingList{
            {.name = "more-data",
             .value = &c.more_data,
             .help = "More files of demonstrations, commas between",
             .use = SettingUse::kPaths},
            {"shares", &c.shares,
             "Of every batch, of --data and of each further file, as in 0.5,0.5; nothing: every step alike"},
            {"correction-weight", &c.weights.correction, "Of steps in which a person took over from a policy",
             0, 1e6},
            {"policy-weight", &c.weights.policy,
             "Of those in which the policy drove, in episodes with corrections", 0, 1e6},
            {"idle-weight", &c.weights.idle, "Of steps in which nothing moves", 0, 1e6},
            {.name = "warm-start",
            .value = &c.warm_start,
            .help = "Policy to train on from, with its kind and sizes",
            .use = SettingUse::kPath},
            {"policy", &c.policy, std::string("Kind of policy; none: ") + kRecommendedPolicy, 0, 0,
             policy_names()},
            {"head", &s.head, "What the last layer says of an action; none: the policy's own", 0, 0,
             head_names()}},
        sight, cloning,
        SettingList{
            {"modes", &s.modes,
             "Components of a gmm head; of this and what follows 0, -1 or none: the policy's own", 0, 1000},
            {"bins", &s.bins, "Of a categorical head, for each entry", 0, 10000},
            {"cell", &s.cell, "rnn: lstm or gru", 0, 0, {"lstm", "gru"}},
            {"widths", &s.widths,
             "mlp with another head, ensemble, stream: of layers; diffusion, flow: of the U-Net's levels"},
            {"members", &s.members, "ensemble: networks", 0, 1000},
            {"layers", &s.layers, "rnn, transformer, act", 0, 64},
            {"width", &s.width, "Of a layer: rnn, transformer, act", 0, 16384},
            {"attention-heads", &s.attention_heads, "transformer, act", 0, 64},
            {"dropout", &s.dropout, "Share of a layer's outputs left out", -1, 0.95},
            {"history", &s.history, "Observations that the policy sees", 0, 1000},
            {"horizon", &s.horizon, "Actions planned at a time; rnn: steps of a sequence", 0, 1000},
            {"execute", &s.execute, "Of them, carried out before there is a new plan", 0, 1000},
            {"latent", &s.latent, "act: numbers that tell styles apart", 0, 1024},
            {"kl-weight", &s.kl_weight, "act: of their divergence", -1, 1e6},
            {"ensemble", &s.ensemble,
             "act: by how much a plan counts less per step that it is newer; 0: no ensemble", -1, 100},
            {"diffusion-steps", &s.diffusion_steps, "diffusion: in training", 0, 10000},
            {"acting-steps", &s.acting_steps, "diffusion, flow: when acting", 0, 10000},
            {"warm-up", &s.warm_up, "Updates in which the step size grows to its full size", -1, 1e9},
            {"clip-gradient", &s.clip_gradient, "Longest gradient; 0: any", -1, 1e30},
            {"no-average", Negated{&s.average},
             "Act with the latest weights instead of their running average"}},
        SettingList{
            {"validation", &c.validation_share,
             "Share of episodes held out where the file has no masks; 0: none even if it has", 0, 0.999999},
            {"valid-mask", &c.validation_mask,
             "List in the file of the episodes to hold out; none: see --validation"}},
        evaluation,
        SettingList{
            {"candidates", &c.candidates, "Policies that are evaluated again at the end", 1, 1000},
            {"threads",
             &c.threads,
             "Threads for evaluation, and for training all but an mlp; 0: one per core. Results do not "
             "depend on it",
             0,
             1024,
             {},
             SettingUse::kPlace},
            {"blas-threads", &c.blas_threads,
             "Threads for matrix products; more than 1 pays from widths of 1024", 1, 1024}}}) {
    list.insert(list.end(), more.begin(), more.end());
  }
  return list;
}

namespace {

/// So that each of them has something.
void want_at_most(const char* option, int found, const char* other, int most) {
  if (found <= most) return;
  std::string line(option);
  line.append(": want at most ").append(other).append(", ").append(std::to_string(most));
  throw UsageError(line.append(", found ").append(std::to_string(found)));
}

}  // namespace

void validate(const CloningRunConfig& config) {
  CloningRunConfig checked = config;
  resolve(checked);
  validate(checked, settings(checked));
  validate(checked.sight);
  if (checked.sight.sees() && !checked.more_data.empty())
    throw UsageError("--more-data: want no further files with --cameras, found " + checked.more_data +
                     "; merge the demonstrations first (understudy data merge), then render");
  want_at_most("--shards", checked.shards, "--batch", checked.cloning.batch);
  if (!plans(checked)) return;
  // Sizes that do not fit each other are found out before anything is read.
  const SequenceCloningConfig sequence = sequence_config(checked);
  make_design(sequence.kind, sequence.design, 1, 1);
  if (config.demonstrations.subsample > 1) {
    throw UsageError("--subsample: want 1 with --policy " + config.policy +
                     ", which learns from steps that follow each other, found " +
                     std::to_string(config.demonstrations.subsample));
  }
}

}  // namespace understudy
