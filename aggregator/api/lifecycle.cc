// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Health, readiness, reload and our own metrics: plain text.
#include "aggregator/api/endpoints.h"
#include "base/status.h"

namespace synoptic::aggregator {

Task<net::HttpResponse> HealthyEndpoint(const Call&) {
  co_return PlainText(200, "Synoptic Server is Healthy.\n");
}

Task<net::HttpResponse> ReadyEndpoint(const Call& call) {
  if (call.api.deps.server.Ready()) co_return PlainText(200, "Synoptic Server is Ready.\n");
  co_return PlainText(503, "Service Unavailable");
}

Task<net::HttpResponse> ReloadEndpoint(const Call& call) {
  const std::string& method = call.request.request.method;
  if (method != "POST" && method != "PUT") {
    co_return PlainText(405, "Only POST or PUT requests allowed");
  }
  if (!call.api.options.lifecycle) co_return PlainText(403, "Lifecycle API is not enabled.");
  // A page in a browser must not reload us: browsers say where a request comes from.
  const auto site = call.request.request.headers.Get("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") {
    co_return PlainText(403, "Requests from other sites are not allowed.\n");
  }
  const absl::Status status = co_await call.api.deps.server.Reload();
  if (status.ok()) co_return PlainText(200, "");
  co_return PlainText(500, fmt::format("failed to reload config: {}\n", MessageOf(status)));
}

Task<net::HttpResponse> MetricsEndpoint(const Call& call) {
  net::HttpResponse response;
  response.headers.Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  response.body = call.api.deps.server.MetricsText();
  co_return response;
}

Task<net::HttpResponse> WriteEndpoint(const Call&) {
  co_return PlainText(
      404, "remote write receiver needs to be enabled with --web.enable-remote-write-receiver\n");
}

}  // namespace synoptic::aggregator
