// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/engine/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/status.h"

namespace synoptic::compat {
namespace {

class Socket {
 public:
  Socket() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {}
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool Connect(int port) const {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  bool Send(std::string_view data) const {
    while (!data.empty()) {
      const ssize_t sent = send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  std::string ReadAll() const {
    std::string out;
    char buffer[1 << 16];
    for (ssize_t n = 0; (n = recv(fd_, buffer, sizeof buffer, 0)) > 0;) {
      out.append(buffer, static_cast<size_t>(n));
    }
    return out;
  }

 private:
  const int fd_;
};

}  // namespace

// HTTP/1.0: the answer ends with the connection, and is never chunked.
absl::StatusOr<std::string> Post(int port, std::string_view path, std::string_view headers,
                                 std::string_view body) {
  const Socket connection;
  if (!connection.Connect(port)) return absl::UnavailableError("cannot connect");
  const std::string head =
      fmt::format("POST {} HTTP/1.0\r\nContent-Length: {}\r\n{}\r\n", path, body.size(), headers);
  if (!connection.Send(head) || !connection.Send(body)) {
    return absl::UnavailableError("cannot send");
  }
  std::string answer = connection.ReadAll();
  const size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos || answer.find(" 200 ") > 12) {
    return MakeStatus(absl::StatusCode::kUnavailable, "{}: {}", path, answer.substr(0, 300));
  }
  return answer.substr(end + 4);
}

}  // namespace synoptic::compat
