// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The HTTP/1.1 server: strict intake (every ambiguous or smuggling form is answered 400 and the
// connection closed), keep-alive, gzip, bounded headers, bodies and times. A connection's client
// closing its socket cancels the handler.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/async/deadline.h"
#include "net/async/task.h"
#include "net/http/message.h"

namespace synoptic::net {

// What a handler knows of its request. Lives until the handler returns.
struct RequestContext {
  const HttpRequest& request;
  std::string path;        // decoded once, without the query string
  Parameters parameters;   // of the URL, then of a form body
  std::string peer;        // "127.0.0.1:5000"
  std::shared_ptr<void> connection;  // keeps nothing alive that matters; for logs
};

// A handler answers every request itself, errors included; a non-OK status becomes a 500.
using Handler = std::function<Task<HttpResponse>(const RequestContext&)>;

struct ServerLimits {
  size_t max_connections = 2048;
  size_t max_connections_per_peer = 256;
  size_t max_header_bytes = 16 << 10;
  size_t max_header_count = 100;
  size_t max_target_bytes = 8 << 10;
  size_t max_body_bytes = 1 << 20;
  MonoDuration header_time = std::chrono::seconds(10);
  MonoDuration body_time = std::chrono::seconds(30);
  MonoDuration idle_time = std::chrono::seconds(120);  // above Grafana's 90 s (grafana.md 4)
  MonoDuration write_stall = std::chrono::seconds(30);
  size_t max_requests_per_connection = 10000;
  size_t min_gzip_bytes = 1024;
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;
  // The port it listens on (for port 0).
  virtual uint16_t port() const = 0;
  // Stops accepting, lets running handlers finish until `deadline`, then closes what is left.
  virtual Task<> Stop(Deadline deadline) = 0;
};

}  // namespace synoptic::net
