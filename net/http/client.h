// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The HTTP/1.1 client: keep-alive pools per origin, TLS, gzip, strict limits. Every byte of a
// response passes a bounded reader (wire cap, decoded cap, ratio, minimum rate, deadline) before
// the caller's BodySink sees it.
//
// One client serves the whole process; Send is awaited on the client's (serial) executor. Errors:
// Unavailable (connect, reset, truncated body), DeadlineExceeded, ResourceExhausted (a limit),
// InvalidArgument (a response that is not HTTP). Messages say what happened, not to whom: the
// caller knows the region.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/budget.h"
#include "net/async/deadline.h"
#include "net/async/task.h"
#include "net/async/transport.h"
#include "net/http/message.h"

namespace synoptic::net {

// Where requests go: scheme, host, port of an absolute URL and its path prefix.
struct Origin {
  bool tls = false;
  std::string host;
  uint16_t port = 80;
  std::string path_prefix;  // no trailing slash

  // InvalidArgument names the URL and what was expected; user info in a URL is refused.
  static absl::StatusOr<Origin> Parse(std::string_view url);
};

// The Host header of requests to it.
std::string HostField(const Origin& origin);

struct TlsOptions {
  std::string ca_pem;           // empty: the system's store
  std::string certificate_pem;  // with private_key_pem: mutual TLS
  std::string private_key_pem;
  std::string server_name;  // empty: the origin's host
  bool insecure_skip_verify = false;
  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

// What one response may cost.
struct ResponseLimits {
  int64_t max_wire_bytes = int64_t{64} << 20;
  int64_t max_decoded_bytes = int64_t{256} << 20;
  int64_t max_ratio = 100;               // decoded : wire, after the first 1 MiB decoded
  int64_t min_bytes_per_second = 16384;  // after `grace`
  MonoDuration grace = std::chrono::seconds(5);
  MonoDuration no_progress = std::chrono::seconds(5);
  MonoDuration connect_timeout = std::chrono::seconds(2);
};

// Receives the decoded body as it arrives. A status that is not OK ends the transfer and is
// returned from Send.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // Called once, before the body. The sink may choose by status and content type.
  virtual absl::Status OnHead(int status, const Headers& headers) = 0;
  virtual absl::Status OnData(std::string_view data) = 0;
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Sends one request and streams the response into `sink`. Returns after the whole, framed body
  // arrived; a short body is Unavailable ("truncated"), never a success. No redirects are followed.
  // The origin's path prefix is put before `request.target`; Host, Content-Length and, unless the
  // caller set it, Accept-Encoding: gzip are added here.
  // Safe to cancel: the connection is closed. `sink` must outlive the call.
  virtual Task<> Send(const Origin& origin, HttpRequest request, const ResponseLimits& limits,
                      Deadline deadline, BodySink& sink) = 0;
};

struct HttpClientOptions {
  TlsOptions tls;
  std::string user_agent = "synoptic";
  size_t max_idle_per_origin = 16;
  MonoDuration idle_time = std::chrono::seconds(50);
  MemoryBudget* buffers = nullptr;  // charged for buffers of transfers under way; null: not counted
  Transport* transport = nullptr;   // null: TCP
};

// Errors name what is wrong with the TLS options.
absl::StatusOr<std::unique_ptr<HttpClient>> NewHttpClient(
    const boost::asio::any_io_executor& executor, const Clock& clock, HttpClientOptions options);

// Collects a small body. The usual sink for control messages.
class StringSink final : public BodySink {
 public:
  explicit StringSink(size_t max_bytes = 1 << 20) : max_bytes_(max_bytes) {}
  absl::Status OnHead(int status, const Headers& headers) override;
  absl::Status OnData(std::string_view data) override;
  int status() const { return status_; }
  const Headers& headers() const { return headers_; }
  const std::string& body() const { return body_; }

 private:
  const size_t max_bytes_;
  int status_ = 0;
  Headers headers_;
  std::string body_;
};

}  // namespace synoptic::net
