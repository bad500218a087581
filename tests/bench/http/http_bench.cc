// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Our HTTP server against the least a server can do (epoll, one recv, one send, nothing checked):
// one thread each, the same constant answers, the same load of 8 connections from this process.
// Prints `name value unit`; the ratios count, not the rates (two cores, shared with the load).
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "fmt/format.h"
#include "net/async/runtime.h"
#include "net/http/server.h"

namespace synoptic {
namespace {

constexpr int kConnections = 8;
constexpr auto kRound = std::chrono::milliseconds(1500);
constexpr std::string_view kRequest =
    "GET /x?query=up HTTP/1.1\r\nHost: 127.0.0.1:9099\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";

int Listen(uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, 64) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port = ntohs(address.sin_port);
  return fd;
}

// Answers every read with the same bytes.
class RawServer {
 public:
  explicit RawServer(std::string_view body)
      : answer_(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body)),
        listener_(Listen(port_)),
        thread_([this] { Run(); }) {}
  ~RawServer() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }
  uint16_t port() const { return port_; }

 private:
  void Run() {
    const int poll = ::epoll_create1(0);
    epoll_event event = {.events = EPOLLIN, .data = {.fd = listener_}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, listener_, &event);
    std::array<epoll_event, 64> events;
    std::vector<int> open;
    char buffer[4096];
    while (!stop_) {
      const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < n; ++i) {
        const int fd = events[static_cast<size_t>(i)].data.fd;
        if (fd == listener_) {
          const int client = ::accept(listener_, nullptr, nullptr);
          const int one = 1;
          ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          epoll_event add = {.events = EPOLLIN, .data = {.fd = client}};
          ::epoll_ctl(poll, EPOLL_CTL_ADD, client, &add);
          open.push_back(client);
          continue;
        }
        if (::recv(fd, buffer, sizeof buffer, 0) <= 0) {
          ::epoll_ctl(poll, EPOLL_CTL_DEL, fd, nullptr);
          continue;
        }
        std::string_view rest = answer_;
        while (!rest.empty()) {
          const ssize_t sent = ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
          if (sent <= 0) break;
          rest.remove_prefix(static_cast<size_t>(sent));
        }
      }
    }
    for (const int fd : open) ::close(fd);
    ::close(poll);
  }

  std::atomic<bool> stop_{false};
  const std::string answer_;
  uint16_t port_ = 0;
  const int listener_;
  std::thread thread_;
};

// Requests per second over one round: each connection sends the next request when its answer is
// whole.
double Load(uint16_t port) {
  struct Connection {
    int fd = -1;
    size_t left = 0;  // of the answer
  };
  std::vector<Connection> connections(kConnections);
  const int poll = ::epoll_create1(0);
  for (size_t i = 0; i < connections.size(); ++i) {
    connections[i].fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(connections[i].fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      std::abort();
    }
    epoll_event add = {.events = EPOLLIN, .data = {.u64 = i}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &add);
    ::send(connections[i].fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
  }
  std::vector<char> buffer(1 << 20);
  std::array<epoll_event, kConnections> events;
  const auto start = std::chrono::steady_clock::now();
  int64_t answers = 0;
  while (std::chrono::steady_clock::now() - start < kRound) {
    const int n = ::epoll_wait(poll, events.data(), kConnections, 100);
    for (int i = 0; i < n; ++i) {
      Connection& connection = connections[events[static_cast<size_t>(i)].data.u64];
      const ssize_t got = ::recv(connection.fd, buffer.data(), buffer.size(), 0);
      const std::string_view bytes(buffer.data(), static_cast<size_t>(std::max<ssize_t>(got, 0)));
      if (got <= 0 || (connection.left == 0 && !bytes.starts_with("HTTP/1.1 200 "))) {
        fmt::print(stderr, "unexpected after {} answers: {} {}: {}\n", answers, got,
                   connection.left, bytes.substr(0, 400));
        std::exit(1);
      }
      if (connection.left == 0) {
        // The head comes whole, with one of the sends.
        const size_t length = bytes.find("Content-Length: ");
        const size_t end = bytes.find("\r\n\r\n");
        connection.left = end + 4 + std::strtoul(bytes.data() + length + 16, nullptr, 10);
      }
      connection.left -= std::min(bytes.size(), connection.left);
      if (connection.left > 0) continue;
      ++answers;
      ::send(connection.fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  for (const Connection& connection : connections) ::close(connection.fd);
  ::close(poll);
  return static_cast<double>(answers) / took.count();
}

Task<net::HttpResponse> Constant(const std::string& body) {
  net::HttpResponse response;
  response.headers.Add("Content-Type", "application/json");
  response.body = body;
  co_return response;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Compare(std::string_view name, size_t size) {
  const std::string body(size, 'x');
  SystemClock clock;
  RawServer raw(body);
  auto runtime = StartRuntime(1);
  net::ServerOptions options;
  options.limits.max_requests_per_connection = 1'000'000'000;
  auto server =
      net::StartHttpServer(runtime->executor(), clock, options,
                           [&body](const net::RequestContext&) { return Constant(body); });
  if (!server.ok()) std::abort();
  std::vector<double> ours;
  std::vector<double> theirs;
  for (int round = 0; round < 3; ++round) {
    ours.push_back(Load((*server)->port()));
    theirs.push_back(Load(raw.port()));
  }
  (void)BlockOn(runtime->executor(),
                (*server)->Stop(Deadline::After(clock, std::chrono::seconds(1))));
  server->reset();
  runtime->Shutdown();
  fmt::print("http_{}_ours {:.0f} req/s\n", name, Median(ours));
  fmt::print("http_{}_raw {:.0f} req/s\n", name, Median(theirs));
  fmt::print("http_{}_ratio {:.2f} ours/raw\n", name, Median(ours) / Median(theirs));
}

}  // namespace
}  // namespace synoptic

int main() {
  synoptic::Compare("300B", 300);
  synoptic::Compare("13kB", 13'000);
  synoptic::Compare("1800kB", 1'800'000);
}
