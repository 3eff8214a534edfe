// `understudy serve`: a policy acts for robots and other simulators, over a socket.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "bc/policies/policy.h"
#include "datasets/types/error.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/console/policy_server.h"

namespace understudy::tools {
namespace {

struct Options {
  std::string policy;
  ServerAddress address{.path = {}, .bind = {}, .port = 7300};
  bool quiet = false;
};

void run(Options options) {
  const auto file = std::filesystem::is_directory(options.policy)
                        ? std::filesystem::path(options.policy) / "policy.pt"
                        : std::filesystem::path(options.policy);
  const auto policy = std::make_shared<const Policy>(load_policy(file));
  const bool local = options.address.bind.empty() || !options.address.path.empty();
  if (options.address.bind.empty()) options.address.bind = "127.0.0.1";
  PolicyServer server(
      options.address, [policy] { return policy_actor(*policy); }, policy->observation.size(),
      policy->action.size());
  handle_interrupts();
  std::printf("%s serves %s at %s: %d numbers in, %d out; Ctrl-C stops\n", file.string().c_str(),
              policy->environment_id.c_str(), server.place().c_str(), policy->observation.size(),
              policy->action.size());
  if (!local && !options.address.bind.starts_with("127.") && options.address.bind != "::1")
    std::fprintf(stderr,
                 "warning: whoever reaches this address may use the policy, and nothing is encrypted\n");
  std::fflush(stdout);
  server.run(interrupted, [&](const std::string& line) {
    if (!options.quiet) std::fprintf(stderr, "%s\n", line.c_str());
  });
}

}  // namespace

void add_serve(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("serve", "Let a policy act for robots and other simulators, over a socket");
  command->add_option("policy", options->policy, "policy.pt or a run directory")->required();
  CLI::Option* socket =
      command->add_option("--socket", options->address.path, "Unix socket to listen at instead of TCP")
          ->option_text("PATH");
  CLI::Option* port = command->add_option("--port", options->address.port, "TCP port; 0: any that is free")
                          ->capture_default_str()
                          ->check(CLI::Range(0, 65535));
  CLI::Option* bind =
      command
          ->add_option(
              "--bind", options->address.bind,
              "Address to listen at; without it only programs on this machine can connect (127.0.0.1)")
          ->option_text("ADDRESS");
  socket->excludes(port)->excludes(bind);
  command->add_flag("--quiet", options->quiet, "Do not say which clients come and go");
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
