#include "tools/console/policy_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy::tools {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are sent as they lie in memory");

constexpr std::size_t kMostUnsent = 1 << 20;  // bytes that a client has not fetched

[[noreturn]] void fail(const std::string& place, const std::string& what) {
  throw Error(place + ": " + what + ": " + std::strerror(errno));
}

template <class Number>
void append(std::string& bytes, const Number* numbers, std::size_t count = 1) {
  bytes.append(reinterpret_cast<const char*>(numbers), count * sizeof(Number));
}

/// The address in the form that sockets take, and as text.
struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text;
};

Endpoint unix_endpoint(const std::string& path) {
  Endpoint endpoint{.text = "unix:" + path};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw UsageError("--socket: want a path of less than " + std::to_string(sizeof address.sun_path) +
                     " letters, found " + std::to_string(path.size()) + "; choose one in /run or /tmp");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  std::memcpy(&endpoint.storage, &address, sizeof address);
  endpoint.size = sizeof address;
  return endpoint;
}

Endpoint tcp_endpoint(const std::string& bind, int port) {
  Endpoint endpoint{.text = (bind.find(':') == std::string::npos ? bind : "[" + bind + "]") + ":"};
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (::inet_pton(AF_INET, bind.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&endpoint.storage, &four, sizeof four);
    endpoint.size = sizeof four;
  } else if (::inet_pton(AF_INET6, bind.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&endpoint.storage, &six, sizeof six);
    endpoint.size = sizeof six;
  } else {
    throw UsageError("--bind: want a numeric address, as 127.0.0.1, ::1 or 0.0.0.0, found " + bind);
  }
  return endpoint;
}

const sockaddr* generic(const Endpoint& endpoint) {
  return reinterpret_cast<const sockaddr*>(&endpoint.storage);
}

/// Removes a socket that nobody listens at.
void clear_away(const Endpoint& endpoint, const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return;
  if (!S_ISSOCK(found.st_mode))
    throw Error(path + ": want a name for a socket, found another file; give another --socket");
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(probe.get(), generic(endpoint), endpoint.size) == 0)
    throw Error(path + ": another program serves there; stop it or give another --socket");
  if (errno == ECONNREFUSED) ::unlink(path.c_str());
}

struct Client {
  FileDescriptor socket;
  std::string name;
  std::unique_ptr<Actor> actor;
  std::string in{}, out{};
  std::uint64_t steps = 0;
  bool leaving = false;  ///< once `out` is sent
};

}  // namespace

struct PolicyServer::Impl {
  ServerAddress address;
  ActorFactory make_actor;
  int obs_dim, act_dim;
  FileDescriptor listener{};
  std::string place{};
  std::vector<Client> clients{};
  int known = 0;  ///< clients so far

  void listen() {
    const bool tcp = address.path.empty();
    const Endpoint endpoint = tcp ? tcp_endpoint(address.bind, address.port) : unix_endpoint(address.path);
    const std::string wanted = endpoint.text + (tcp ? std::to_string(address.port) : "");
    if (!tcp) clear_away(endpoint, address.path);
    listener =
        FileDescriptor(::socket(endpoint.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listener) fail(wanted, "no socket can be made");
    const int yes = 1;
    if (tcp) ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const mode_t before = ::umask(0177);  // the socket is for its user alone
    const int bound = ::bind(listener.get(), generic(endpoint), endpoint.size);
    const int why = errno;
    ::umask(before);
    errno = why;
    if (bound != 0) fail(wanted, "cannot listen there");
    if (::listen(listener.get(), kMostClients) != 0) fail(wanted, "cannot listen there");
    place = endpoint.text;
    if (!tcp) return;
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&own), &size);
    // Both kinds of addresses have the port at the same place.
    place += std::to_string(ntohs(reinterpret_cast<const sockaddr_in*>(&own)->sin_port));
  }

  void accept(const std::function<void(const std::string&)>& say) {
    FileDescriptor socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    if (clients.size() >= static_cast<std::size_t>(kMostClients)) {
      say("a client was sent away: " + std::to_string(kMostClients) + " are served already");
      return;
    }
    const int yes = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);  // does nothing to a Unix socket
    Client client{
        .socket = std::move(socket), .name = "client " + std::to_string(++known), .actor = make_actor()};
    client.actor->reset(0, 1);
    client.out = "UNDERSTUDY 1\n";
    const std::uint32_t sizes[] = {static_cast<std::uint32_t>(obs_dim), static_cast<std::uint32_t>(act_dim)};
    append(client.out, sizes, 2);
    say(client.name + " came");
    clients.push_back(std::move(client));
  }

  /// Answers with a line and lets the client go.
  static void refuse(Client& client, const std::string& line) {
    client.out += 'E';
    const auto size = static_cast<std::uint32_t>(line.size());
    append(client.out, &size);
    client.out += line;
    client.leaving = true;
  }

  void act(Client& client, const char* bytes) const {
    Matrix observation(1, obs_dim), action(1, act_dim);
    std::memcpy(observation.data(), bytes, static_cast<std::size_t>(obs_dim) * sizeof(float));
    for (int i = 0; i < obs_dim; ++i) {
      if (!std::isfinite(observation(0, i))) {
        return refuse(client,
                      "observation: entry " + std::to_string(i) + ": want a finite number, found another");
      }
    }
    client.actor->act(observation, action);
    client.out += 'A';
    append(client.out, action.data(), static_cast<std::size_t>(act_dim));
    ++client.steps;
  }

  /// All requests that have arrived whole.
  void answer(Client& client) const {
    std::size_t at = 0;
    while (at < client.in.size() && !client.leaving) {
      const char kind = client.in[at];
      const std::size_t size = kind == 'R'   ? sizeof(std::uint64_t)
                               : kind == 'A' ? static_cast<std::size_t>(obs_dim) * sizeof(float)
                                             : 0;
      if (size == 0) {
        refuse(client,
               "request: want R or A, found byte " + std::to_string(static_cast<unsigned char>(kind)));
        break;
      }
      if (client.in.size() - at - 1 < size) break;
      const char* const bytes = client.in.data() + at + 1;
      if (kind == 'R') {
        std::uint64_t seed = 0;
        std::memcpy(&seed, bytes, sizeof seed);
        client.actor->reset(0, seed);
        client.out += 'R';
      } else {
        act(client, bytes);
      }
      at += 1 + size;
    }
    client.in.erase(0, at);
  }

  /// False when the client has gone.
  bool receive(Client& client) const {
    char bytes[65536];
    const ssize_t count = ::recv(client.socket.get(), bytes, sizeof bytes, 0);
    if (count == 0) return false;
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    client.in.append(bytes, static_cast<std::size_t>(count));
    answer(client);
    return client.out.size() < kMostUnsent;
  }

  static bool send(Client& client) {
    const ssize_t count = ::send(client.socket.get(), client.out.data(), client.out.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    client.out.erase(0, static_cast<std::size_t>(count));
    return !(client.leaving && client.out.empty());
  }
};

PolicyServer::PolicyServer(const ServerAddress& address, ActorFactory make_actor, int obs_dim, int act_dim)
    : impl_(new Impl{
          .address = address, .make_actor = std::move(make_actor), .obs_dim = obs_dim, .act_dim = act_dim}) {
  impl_->listen();
}

PolicyServer::~PolicyServer() {
  if (!impl_->address.path.empty()) ::unlink(impl_->address.path.c_str());
}

const std::string& PolicyServer::place() const {
  return impl_->place;
}

void PolicyServer::run(const std::function<bool()>& stop,
                       const std::function<void(const std::string&)>& say) {
  std::vector<Client>& clients = impl_->clients;
  while (!stop()) {
    std::vector<pollfd> waiting{{impl_->listener.get(), POLLIN, 0}};
    for (const Client& client : clients) {
      const int events = (client.leaving ? 0 : POLLIN) | (client.out.empty() ? 0 : POLLOUT);
      waiting.push_back({client.socket.get(), static_cast<short>(events), 0});
    }
    if (::poll(waiting.data(), waiting.size(), 100) <= 0) continue;
    for (std::size_t i = clients.size(); i-- > 0;) {
      Client& client = clients[i];
      const int ready = waiting[i + 1].revents;
      bool stays = (ready & (POLLERR | POLLNVAL)) == 0;
      if (stays && (ready & (POLLIN | POLLHUP)) != 0 && !client.leaving) stays = impl_->receive(client);
      // At once, without asking whether it can be sent: that is the way of all but a slow client.
      if (stays && !client.out.empty()) stays = Impl::send(client);
      if (stays) continue;
      say(client.name + " left after " + std::to_string(client.steps) + " actions");
      clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if ((waiting[0].revents & POLLIN) != 0) impl_->accept(say);
  }
}

}  // namespace understudy::tools
