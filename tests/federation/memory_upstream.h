// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus servers in memory, spoken to by HTTP messages but without sockets: the real clients
// send what they send, and decode bytes as they would come over the wire.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/http/client.h"
#include "promql/eval/evaluator.h"
#include "promql/parse/parser.h"

namespace synoptic::federation {

struct UpstreamOptions {
  promql::ParseOptions language;
  bool delayed_name_removal = false;
  bool use_start_timestamps = false;
};

// Answers query, query_range, read (as streamed chunks) and status/config over `series`.
class MemoryUpstream {
 public:
  MemoryUpstream(std::vector<promql::RawSeries> series, const UpstreamOptions& options)
      : series_(std::move(series)), options_(options) {}
  net::HttpResponse Handle(const net::HttpRequest& request) const;

 private:
  absl::StatusOr<net::HttpResponse> Query(const net::HttpRequest& request, bool range) const;
  absl::StatusOr<net::HttpResponse> Read(const net::HttpRequest& request) const;

  const std::vector<promql::RawSeries> series_;
  const UpstreamOptions options_;
};

// Takes requests to the upstream named as the origin's host.
class MemoryHttp final : public net::HttpClient {
 public:
  void Add(const std::string& host, std::unique_ptr<MemoryUpstream> upstream) {
    upstreams_[host] = std::move(upstream);
  }
  Task<> Send(const net::Origin& origin, net::HttpRequest request, const net::ResponseLimits&,
              Deadline, net::BodySink& sink) override;

 private:
  std::map<std::string, std::unique_ptr<MemoryUpstream>> upstreams_;
};

}  // namespace synoptic::federation
