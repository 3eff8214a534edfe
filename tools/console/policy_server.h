#pragma once
/// \file A policy that acts for other programs, over a socket (docs/serving.md).

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "envs/contract/actor.h"

namespace understudy::tools {

/// Where a server listens: at a Unix socket, or at a TCP port.
struct ServerAddress {
  std::string path;                ///< of the Unix socket; empty: TCP
  std::string bind = "127.0.0.1";  ///< numeric IPv4 or IPv6 address
  int port = 0;                    ///< 0: any that is free
};

/// One thread, any number of clients up to kMostClients, each with an episode of its own.
class PolicyServer {
 public:
  /// Listens. Throws Error when that is refused, and UsageError for what is no address. A Unix socket that no program
  /// listens at any more is replaced; it is open to its user alone.
  PolicyServer(const ServerAddress& address, ActorFactory make_actor, int obs_dim, int act_dim);
  ~PolicyServer();
  PolicyServer(const PolicyServer&) = delete;
  PolicyServer& operator=(const PolicyServer&) = delete;

  /// "unix:PATH" or "ADDRESS:PORT".
  const std::string& place() const;
  /// Serves until `stop` says so, which is asked at least ten times a second. `say` is given a line when a client comes,
  /// goes, or is sent away.
  void run(const std::function<bool()>& stop, const std::function<void(const std::string&)>& say);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr int kMostClients = 64;

}  // namespace understudy::tools
