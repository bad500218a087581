// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The smallest HTTP responder that a scrape needs: blocking, one request a connection, loopback. A
// tool of the lab; the product's server is in net/http.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace synoptic::lab {

struct Request {
  std::string method;
  std::string path;
  std::string body;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; version=0.0.4; charset=utf-8";
  std::string body;
};

class Responder {
 public:
  // Listens on 127.0.0.1; port 0 takes a free one. On failure ok() is false.
  explicit Responder(int port);
  ~Responder();
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  bool ok() const { return socket_ >= 0; }
  int port() const { return port_; }

  // Waits up to `timeout_ms` for one connection and serves it. The handler may answer nothing:
  // then the connection is closed without a byte, as a dead service would.
  void ServeOne(int timeout_ms,
                const std::function<std::optional<Response>(const Request&)>& handler);

 private:
  int socket_ = -1;
  int port_ = 0;
};

}  // namespace synoptic::lab
