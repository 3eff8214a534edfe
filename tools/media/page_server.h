#pragma once
/// \file A page served to this machine's own browser while what it shows is still going on.

#include <cstdint>
#include <functional>
#include <string>

namespace understudy::tools {

struct ServedPage {
  std::function<std::string()> page;  ///< what GET / answers
  std::function<std::string()> data;  ///< what GET /data answers, JSON
};

/// Answers GET requests (RFC 9112) on the loopback address alone, one connection an answer, and refuses a request that
/// names another host, as one of a page from elsewhere would. What the functions throw becomes answer 500 with the
/// error's line.
class PageServer {
 public:
  /// Takes `port`; 0: a free one. Throws Error when it is taken.
  explicit PageServer(std::uint16_t port);
  ~PageServer();
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  std::uint16_t port() const { return port_; }
  /// Until `stop` says so, which is asked five times a second.
  void serve(const ServedPage& served, const std::function<bool()>& stop);

 private:
  int listening_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace understudy::tools
