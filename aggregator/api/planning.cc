// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// synoptic/{whatif,capacity,readiness,failover,slos,drills,reports,...}: handed on to who answers
// them.
#include "aggregator/api/endpoints.h"
#include "base/status.h"

namespace synoptic::aggregator {

Task<net::HttpResponse> PlanningEndpoint(const Call& call) {
  PlanningView* const planning = call.api.deps.planning;
  if (planning == nullptr) co_return RenderError(absl::UnimplementedError("no planning here"));
  const auto timeout_ms = ReadTimeout(call);
  if (!timeout_ms.ok()) co_return RenderError(timeout_ms.status());
  PlanningQuestion question;
  const std::string_view path = call.request.path;
  constexpr std::string_view kPrefix = "/api/v1/synoptic/";
  question.topic = path.substr(path.find(kPrefix) + kPrefix.size());
  question.method = call.request.request.method;
  question.parameters = call.request.parameters;
  question.deadline = call.QueryDeadline(*timeout_ms);
  auto reply = co_await planning->Answer(std::move(question));
  if (!reply.ok()) co_return RenderError(reply.status());
  net::HttpResponse response;
  if (reply->media_type.empty()) {
    Answer answer;
    answer.body += reply->body;
    answer.warnings = std::move(reply->warnings);
    response = Render(std::move(answer));
  } else {
    response.headers.Set("Content-Type", reply->media_type);
    response.headers.Set("X-Content-Type-Options", "nosniff");
    // A report is a page of text and drawings: whatever a label smuggled in must not run.
    response.headers.Set("Content-Security-Policy",
                         "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    response.body = std::move(reply->body);
  }
  if (!reply->verdict.empty()) response.headers.Set("Synoptic-Verdict", reply->verdict);
  co_return response;
}

}  // namespace synoptic::aggregator
