// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
// Blocking sockets on loopback.
#include "tests/lab/exporter/responder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace synoptic::lab {
namespace {

constexpr size_t kMaxRequest = size_t{64} * 1024;

// The value of Content-Length, 0 when there is none.
size_t BodyLength(std::string_view head) {
  std::string lower(head);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::string_view name = "\r\ncontent-length:";
  const size_t at = lower.find(name);
  if (at == std::string::npos) return 0;
  const size_t begin = lower.find_first_not_of(' ', at + name.size());
  size_t length = 0;
  if (begin != std::string::npos) {
    std::from_chars(lower.data() + begin, lower.data() + lower.size(), length);
  }
  return length;
}

std::optional<Request> ReadRequest(int connection) {
  std::string data;
  char buffer[4096];
  size_t head_end = std::string::npos;
  size_t body_length = 0;
  while (head_end == std::string::npos || data.size() < head_end + 4 + body_length) {
    const ssize_t got = recv(connection, buffer, sizeof(buffer), 0);
    if (got <= 0 || data.size() > kMaxRequest) return std::nullopt;
    data.append(buffer, static_cast<size_t>(got));
    if (head_end == std::string::npos) {
      head_end = data.find("\r\n\r\n");
      if (head_end != std::string::npos) body_length = BodyLength(data.substr(0, head_end));
    }
  }
  const size_t method_end = data.find(' ');
  const size_t path_end = data.find(' ', method_end + 1);
  if (path_end == std::string::npos || path_end > head_end) return std::nullopt;
  return Request{data.substr(0, method_end), data.substr(method_end + 1, path_end - method_end - 1),
                 data.substr(head_end + 4)};
}

void SendAll(int connection, std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = send(connection, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    data.remove_prefix(static_cast<size_t>(sent));
  }
}

}  // namespace

Responder::Responder(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 64) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    close(fd);
    return;
  }
  socket_ = fd;
  port_ = ntohs(address.sin_port);
}

Responder::~Responder() {
  if (socket_ >= 0) close(socket_);
}

void Responder::ServeOne(int timeout_ms,
                         const std::function<std::optional<Response>(const Request&)>& handler) {
  pollfd wait{socket_, POLLIN, 0};
  if (poll(&wait, 1, timeout_ms) <= 0) return;
  const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection < 0) return;
  const timeval limit{2, 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  if (const std::optional<Request> request = ReadRequest(connection)) {
    if (const std::optional<Response> response = handler(*request)) {
      SendAll(connection,
              "HTTP/1.1 " + std::to_string(response->status) +
                  " Lab\r\nConnection: close\r\nContent-Type: " + response->content_type +
                  "\r\nContent-Length: " + std::to_string(response->body.size()) + "\r\n\r\n" +
                  response->body);
    }
  }
  close(connection);
}

}  // namespace synoptic::lab
