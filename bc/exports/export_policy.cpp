#include "bc/exports/export_policy.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "bc/exports/cpp_header.h"
#include "bc/exports/onnx_file.h"
#include "bc/exports/policy_step.h"
#include "bc/networks/libtorch.h"
#include "bc/networks/libtorch_functions.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "datasets/types/shell_quoted.h"
#include "datasets/types/version.h"

namespace understudy {
namespace {

namespace fs = std::filesystem;

/// What a policy of a kind with a memory of its own does not have.
std::optional<PolicyStep> step_of(const Policy& policy, const std::string& format) {
  try {
    return policy_step(policy);
  } catch (const UsageError&) {
    throw;
  } catch (const Error&) {
    if (format != "torchscript") throw;
    return std::nullopt;
  }
}

std::string numbers(int count, const char* what) {
  return std::to_string(count) + " " + what;
}

/// How to use the policy, for whoever opens the file.
std::vector<std::string> manual(const Policy& policy, const std::optional<PolicyStep>& step) {
  std::vector<std::string> lines{"Policy for " + policy.environment_id + ", learnt by " + policy.learner +
                                 ", exported by understudy " + program_version() + "."};
  const auto add_fields = [&](const char* what, const Space& space) {
    std::string line = std::string(what) + ":";
    for (const Field& field : space.fields())
      line += " " + field.name + "[" + std::to_string(field.size) + "] " + field.unit + ",";
    line.back() = '.';
    lines.push_back(line);
  };
  add_fields("Observation, raw", policy.observation);
  add_fields("Action, each in [-1, 1]", policy.action);
  if (step && step->state > 0)
    lines.push_back("State: " +
                    numbers(step->state, "numbers, zeros when an episode begins, then those given back."));
  if (step && step->noise > 0) {
    lines.push_back("Noise: " + numbers(step->noise, "standard normal numbers") +
                    (step->noise_every > 1 ? ", used in an episode's first step and in every " +
                                                 std::to_string(step->noise_every) + "th after it."
                                           : "."));
  }
  return lines;
}

Matrix noise_of(const PolicyStep& step, const ActedEpisode& episode) {
  Matrix noise = Matrix::Zero(episode.observations.rows(), std::max(1, step.noise));
  Rng rng = Rng::stream(episode.seed, RngStream::kSequenceActor);  // as SequenceActor draws it
  for (Eigen::Index i = 0; i < noise.rows(); i += step.noise_every)
    for (int j = 0; j < step.noise; ++j) noise(i, j) = static_cast<float>(rng.normal());
  return noise;
}

/// A folder of its own, gone in the end.
class Workshop {
 public:
  Workshop() {
    std::string name = (fs::temp_directory_path() / "understudy-export-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw Error(name + ": cannot be made: " + std::strerror(errno) +
                  "; say where there is room with TMPDIR");
    path_ = name;
  }
  ~Workshop() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

constexpr const char* kDriver = R"(#include "policy.h"
#include <cstdio>
int main() {
  static NAME::Policy policy;
  static float observation[policy.kObservations], noise[policy.kNoise + 1], action[policy.kActions];
  char begins;
  while (std::fread(&begins, 1, 1, stdin) == 1) {
    if (begins) policy.reset();
    if (std::fread(observation, sizeof observation, 1, stdin) != 1) return 1;
    if (std::fread(noise, sizeof noise, 1, stdin) != 1) return 1;
    policy.step(observation, noise, action);
    if (std::fwrite(action, sizeof action, 1, stdout) != 1) return 1;
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
)";

/// The actions of a compiled header in all episodes, one after the other.
Matrix header_actions(const Policy& policy, const PolicyStep& step, const std::string& name,
                      const std::string& content, const std::vector<ActedEpisode>& episodes) {
  const Workshop workshop;
  const auto in = [&](const char* file) { return workshop.path() / file; };
  std::string driver = kDriver;
  driver.replace(driver.find("NAME"), 4, name);
  durable_write(in("policy.h"), content);
  durable_write(in("driver.cpp"), driver);
  const char* const chosen = std::getenv("CXX");
  const std::string compiler = chosen == nullptr || *chosen == '\0' ? "c++" : chosen;
  const auto run = [&](const std::string& command) {
    return std::system(("cd " + shell_quoted(workshop.path().string()) + " && " + command).c_str()) == 0;
  };
  if (!run(compiler + " -std=c++17 -O2 driver.cpp -o driver >log 2>&1")) {
    std::ifstream log(in("log"));
    std::string line;
    std::getline(log, line);
    throw Error("header: want a C++ compiler to check it with, found that " + compiler + " says: " + line +
                "; install g++ or name one by CXX");
  }
  std::string input;
  Eigen::Index steps = 0;
  const auto append = [&](const float* values, Eigen::Index count) {
    input.append(reinterpret_cast<const char*>(values), static_cast<std::size_t>(count) * sizeof(float));
  };
  for (const ActedEpisode& episode : episodes) {
    const Matrix noise = noise_of(step, episode);
    const float none = 0;
    for (Eigen::Index i = 0; i < episode.observations.rows(); ++i, ++steps) {
      input += i == 0 ? '\1' : '\0';
      const Vector observation = episode.observations.row(i), drawn = noise.row(i);
      append(observation.data(), observation.size());
      append(drawn.data(), step.noise);
      append(&none, 1);
    }
  }
  durable_write(in("input"), input);
  const bool ran = run("./driver <input >output");
  const std::string output = ran ? read_file(in("output")) : "";
  Matrix actions(steps, policy.action.size());
  if (output.size() != static_cast<std::size_t>(actions.size()) * sizeof(float))
    throw Error("header: want a program that acts, found one that fails; TMPDIR may forbid to run programs");
  for (Eigen::Index i = 0; i < steps; ++i) {
    Vector action(actions.cols());
    std::memcpy(action.data(), output.data() + static_cast<std::size_t>(i * actions.cols()) * sizeof(float),
                static_cast<std::size_t>(action.size()) * sizeof(float));
    actions.row(i) = action.transpose();
  }
  return actions;
}

}  // namespace

const std::vector<std::string>& export_formats() {
  static const std::vector<std::string> formats{"torchscript", "onnx", "header"};
  return formats;
}

std::string exported_policy(const Policy& policy, const std::string& format, const std::string& name) {
  const std::optional<PolicyStep> step = step_of(policy, format);
  const std::vector<std::string> notes = manual(policy, step);
  if (format == "torchscript") {
    std::string archive;
    libtorch_function<decltype(understudy_libtorch_exported)>("understudy_libtorch_exported")(
        policy, step ? step->step : "", archive);
    return archive;
  }
  if (format == "header") return cpp_header(step_graph(policy), *step, name, notes);
  if (format != "onnx") throw UsageError(unknown_name("format", format, export_formats()));
  std::string description;
  for (const std::string& note : notes) description += note + "\n";
  return onnx_bytes(step_graph(policy), name, description,
                    {{"environment", policy.environment_id},
                     {"learner", policy.learner},
                     {"kind", policy.network->kind()},
                     {"dataset_sha256", policy.dataset_sha256}});
}

double export_difference(const Policy& policy, const std::string& format, const std::string& name,
                         const std::string& content, const std::vector<ActedEpisode>& episodes) {
  const std::optional<PolicyStep> step = step_of(policy, format);
  const StepGraph graph = format == "onnx" ? graph_of_onnx(content) : StepGraph{};
  Matrix compiled;
  if (format == "header") compiled = header_actions(policy, *step, name, content, episodes);
  double most = 0;
  Eigen::Index done = 0;
  for (const ActedEpisode& episode : episodes) {
    Matrix actions(episode.actions.rows(), episode.actions.cols());
    const Matrix noise = noise_of(step ? *step : PolicyStep{}, episode);
    if (format == "header") {
      actions = compiled.middleRows(done, actions.rows());
    } else if (format == "onnx") {
      libtorch_function<decltype(understudy_libtorch_run_steps)>("understudy_libtorch_run_steps")(
          graph, episode.observations, noise, actions);
    } else {
      libtorch_function<decltype(understudy_libtorch_run_exported)>("understudy_libtorch_run_exported")(
          content, step ? step->state : -1, episode.observations, noise, actions);
    }
    done += actions.rows();
    const float difference = (actions - episode.actions).cwiseAbs().maxCoeff();
    most = std::max(most, actions.allFinite() ? static_cast<double>(difference) : HUGE_VAL);
  }
  return most;
}

}  // namespace understudy
