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

#include "net/async/compute_pool.h"
#include "net/async/deadline.h"
#include "net/async/task.h"
#include "net/async/transport.h"
#include "net/http/message.h"

namespace synoptic::net {

// What a handler knows of its request. Lives until the handler returns.
struct RequestContext {
  const HttpRequest& request;
  std::string path;  // decoded once, without the query string
  // Of a form body, then of the URL: the first value of a name is the one Prometheus takes.
  Parameters parameters;
  std::string peer;  // "127.0.0.1:5000"
  // Not OK when the query string or the form body has a broken escape: answer 400.
  absl::Status parameters_status;
  Parameters path_parameters;  // what a Router matched: {name} of the pattern
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
  MonoDuration idle_time = std::chrono::seconds(120);  // above Grafana's 90 s
  MonoDuration write_stall = std::chrono::seconds(30);
  size_t max_requests_per_connection = 10000;
  size_t min_gzip_bytes = 1024;
};

// How a server presents itself over TLS (1.2 or newer).
struct TlsServerOptions {
  std::string certificate_pem;  // with its chain; empty: plain HTTP
  std::string private_key_pem;
  std::string client_ca_pem;  // not empty: clients must show a certificate of this authority
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  ServerLimits limits;
  TlsServerOptions tls;
  ComputePool* compute = nullptr;  // compresses large bodies; null: on the I/O thread
  Transport* transport = nullptr;  // null: TCP
};

class HttpServer {
 public:
  virtual ~HttpServer() = default;
  // The port it listens on (for port 0).
  virtual uint16_t port() const = 0;
  // Stops accepting, lets running handlers finish until `deadline`, then closes what is left.
  virtual Task<> Stop(Deadline deadline) = 0;
};

// Starts listening; the accept loop and all handlers run on `executor` (serial). Errors name the
// address or what is wrong with the certificate. Stop() the server before destroying it.
absl::StatusOr<std::unique_ptr<HttpServer>> StartHttpServer(
    const boost::asio::any_io_executor& executor, const Clock& clock, ServerOptions options,
    Handler handler);

}  // namespace synoptic::net
