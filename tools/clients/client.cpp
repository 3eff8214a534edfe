// A client of `understudy serve`, with the C++ standard library and sockets alone. Builds by itself:
//   g++ -std=c++17 client.cpp -o client
// usage: client ADDRESS [SEED]   ADDRESS: unix:PATH or IPv4:PORT
// Reads observations from standard input, a line of numbers each, and writes the actions. An empty line begins an episode.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

class RemotePolicy {
 public:
  explicit RemotePolicy(const std::string& address) {
    if (address.rfind("unix:", 0) == 0) {
      sockaddr_un place{};
      place.sun_family = AF_UNIX;
      std::strncpy(place.sun_path, address.c_str() + 5, sizeof place.sun_path - 1);
      connect_to(reinterpret_cast<const sockaddr*>(&place), sizeof place, address);
    } else {
      const std::size_t colon = address.rfind(':');
      sockaddr_in place{};
      place.sin_family = AF_INET;
      if (colon == std::string::npos ||
          inet_pton(AF_INET, address.substr(0, colon).c_str(), &place.sin_addr) != 1)
        throw std::runtime_error(address + ": want unix:PATH or IPv4:PORT");
      place.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
      connect_to(reinterpret_cast<const sockaddr*>(&place), sizeof place, address);
      const int yes = 1;
      setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    }
    char hello[13];
    std::uint32_t sizes[2];
    receive(hello, sizeof hello);
    if (std::memcmp(hello, "UNDERSTUDY 1\n", sizeof hello) != 0)
      throw std::runtime_error(address + ": no understudy serves there");
    receive(sizes, sizeof sizes);
    observations = sizes[0];
    actions = sizes[1];
  }
  RemotePolicy(const RemotePolicy&) = delete;
  RemotePolicy& operator=(const RemotePolicy&) = delete;
  ~RemotePolicy() { close(socket_); }

  void reset(std::uint64_t seed) { ask('R', &seed, sizeof seed); }

  std::vector<float> act(const std::vector<float>& observation) {
    if (observation.size() != observations)
      throw std::runtime_error("want " + std::to_string(observations) + " numbers, found " +
                               std::to_string(observation.size()));
    ask('A', observation.data(), observation.size() * sizeof(float));
    std::vector<float> action(actions);
    receive(action.data(), actions * sizeof(float));
    return action;
  }

  std::size_t observations = 0, actions = 0;

 private:
  void connect_to(const sockaddr* place, socklen_t size, const std::string& address) {
    socket_ = socket(place->sa_family, SOCK_STREAM, 0);
    if (connect(socket_, place, size) != 0) throw std::runtime_error(address + ": " + std::strerror(errno));
  }

  void ask(char kind, const void* bytes, std::size_t size) {
    std::string request(1, kind);
    request.append(static_cast<const char*>(bytes), size);
    for (std::size_t sent = 0; sent < request.size();) {
      const ssize_t count = send(socket_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) throw std::runtime_error("the server has gone");
      sent += static_cast<std::size_t>(count);
    }
    char answer = 0;
    receive(&answer, 1);
    if (answer != 'E') return;
    std::uint32_t length = 0;
    receive(&length, sizeof length);
    std::string line(length, ' ');
    receive(line.data(), length);
    throw std::runtime_error(line);
  }

  void receive(void* to, std::size_t size) {
    for (auto* at = static_cast<char*>(to); size > 0;) {
      const ssize_t count = recv(socket_, at, size, 0);
      if (count <= 0) throw std::runtime_error("the server has gone");
      at += count;
      size -= static_cast<std::size_t>(count);
    }
  }

  int socket_ = -1;
};

int main(int argc, char** argv) try {
  if (argc < 2) throw std::runtime_error("usage: client unix:PATH|IPv4:PORT [SEED]");
  RemotePolicy policy(argv[1]);
  const std::uint64_t seed = argc > 2 ? std::stoull(argv[2]) : 1;
  policy.reset(seed);
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::vector<float> observation;
    for (float number; words >> number;) observation.push_back(number);
    if (observation.empty()) {
      policy.reset(seed);
      continue;
    }
    const std::vector<float> action = policy.act(observation);
    for (std::size_t i = 0; i < action.size(); ++i)
      std::printf(i + 1 < action.size() ? "%.9g " : "%.9g\n", static_cast<double>(action[i]));
    std::fflush(stdout);
  }
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
