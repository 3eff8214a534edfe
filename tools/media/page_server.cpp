#include "tools/media/page_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kLongestRequest = 8192;  // bytes; browsers stay far below
constexpr std::size_t kMostConnections = 64;
constexpr auto kPatience = std::chrono::seconds(10);  // for a request to be whole

struct Connection {
  FileDescriptor socket;
  std::string request;
  Clock::time_point since = Clock::now();
};

std::string answer(const char* status, const char* type, const std::string& content) {
  return std::string("HTTP/1.1 ") + status + "\r\nContent-Type: " + type +
         "; charset=utf-8\r\nContent-Length: " + std::to_string(content.size()) +
         "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n" +
         content;
}

/// The value of a header; names are in any case.
std::string header_of(const std::string& request, const std::string& name) {
  for (std::size_t line = request.find("\r\n"); line != std::string::npos;
       line = request.find("\r\n", line)) {
    line += 2;
    const std::size_t end = request.find("\r\n", line);
    const std::size_t colon = request.find(':', line);
    if (colon == std::string::npos || colon > end || colon - line != name.size()) continue;
    if (strncasecmp(request.data() + line, name.data(), name.size()) != 0) continue;
    const std::size_t from = request.find_first_not_of(" \t", colon + 1);
    return request.substr(from, end - from);
  }
  return "";
}

std::string answer_to(const std::string& request, const ServedPage& served, std::uint16_t port) {
  const std::string host = header_of(request, "host");
  const std::string ending = ":" + std::to_string(port);
  if (host != "127.0.0.1" + ending && host != "localhost" + ending)
    return answer("403 Forbidden", "text/plain", "want this machine's own address\n");
  if (!request.starts_with("GET ")) return answer("405 Method Not Allowed", "text/plain", "want GET\n");
  const std::string target = request.substr(4, request.find(' ', 4) - 4);
  try {
    if (target == "/") return answer("200 OK", "text/html", served.page());
    if (target == "/data") return answer("200 OK", "application/json", served.data());
  } catch (const std::exception& error) {
    return answer("500 Internal Server Error", "text/plain", std::string(error.what()) + "\n");
  }
  return answer("404 Not Found", "text/plain", "want / or /data\n");
}

void send_all(int socket, const std::string& text) {
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t taken = send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) return;  // the browser went away
    sent += static_cast<std::size_t>(taken);
  }
  shutdown(socket, SHUT_WR);
}

/// Reads what has come. True when there is nothing more to wait for.
bool finished(Connection& connection, const ServedPage& served, std::uint16_t port) {
  char part[2048];
  const ssize_t got = recv(connection.socket.get(), part, sizeof part, MSG_DONTWAIT);
  if (got < 0) return errno != EAGAIN && errno != EINTR;
  if (got == 0) return true;
  connection.request.append(part, static_cast<std::size_t>(got));
  const bool whole = connection.request.find("\r\n\r\n") != std::string::npos;
  if (!whole) return connection.request.size() > kLongestRequest;
  send_all(connection.socket.get(), answer_to(connection.request, served, port));
  return true;
}

}  // namespace

PageServer::PageServer(std::uint16_t port) {
  const auto refuse = [&](const char* what) {
    const std::string reason = std::strerror(errno);
    if (listening_ >= 0) close(listening_);
    throw Error("127.0.0.1:" + std::to_string(port) + ": " + what + ": " + reason +
                "; choose another --port, or none for a free one");
  };
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listening_ < 0) refuse("cannot be opened");
  const int yes = 1;
  setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(listening_, plain, sizeof address) != 0 || listen(listening_, 16) != 0)
    refuse("cannot be listened at");
  socklen_t size = sizeof address;
  if (getsockname(listening_, plain, &size) != 0) refuse("cannot be listened at");
  port_ = ntohs(address.sin_port);
}

PageServer::~PageServer() {
  close(listening_);
}

void PageServer::serve(const ServedPage& served, const std::function<bool()>& stop) {
  std::vector<Connection> connections;
  while (!stop()) {
    std::vector<pollfd> waiting{{listening_, POLLIN, 0}};
    for (const Connection& each : connections) waiting.push_back({each.socket.get(), POLLIN, 0});
    if (poll(waiting.data(), waiting.size(), 200) < 0 && errno != EINTR)
      throw Error(std::string("cannot wait for a browser: ") + std::strerror(errno));
    for (std::size_t i = connections.size(); i-- > 0;) {
      const bool late = Clock::now() - connections[i].since > kPatience;
      if (late || (waiting[i + 1].revents != 0 && finished(connections[i], served, port_)))
        connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if ((waiting[0].revents & POLLIN) == 0 || connections.size() >= kMostConnections) continue;
    const int socket = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) connections.push_back({FileDescriptor(socket), {}, Clock::now()});
  }
}

}  // namespace understudy::tools
