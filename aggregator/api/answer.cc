// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/answer.h"

#include <algorithm>

#include "aggregator/api/error_table.h"
#include "base/json.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

std::string_view StateName(PartState state) {
  switch (state) {
    case PartState::kAnswered:
      return "answered";
    case PartState::kStale:
      return "stale";
    case PartState::kPartial:
      return "partial";
    case PartState::kFailed:
      return "failed";
    case PartState::kSkipped:
      return "skipped";
  }
  return "failed";
}

void AppendMember(std::string_view name, std::string_view value, std::string& out) {
  out += ",\"";
  out += name;
  out += "\":";
  AppendJsonHtmlString(value, out);
}

void AppendInner(const std::vector<InnerMissing>& inner, std::string& out) {
  out += R"(,"missing":[)";
  for (size_t i = 0; i < inner.size(); ++i) {
    out += i > 0 ? R"(,{"region":)" : R"({"region":)";
    AppendJsonHtmlString(inner[i].region, out);
    AppendMember("reason", inner[i].reason, out);
    out += '}';
  }
  out += ']';
}

void AppendCoverage(const Coverage& coverage, std::string& out) {
  out += R"(,"coverage":{"complete":)";
  out += coverage.complete() ? "true" : "false";
  out += R"(,"parts":[)";
  bool first = true;
  for (const PartCoverage& part : coverage.parts()) {
    if (!first) out += ',';
    first = false;
    out += R"({"region":)";
    AppendJsonHtmlString(part.region, out);
    AppendMember("shard", part.shard, out);
    if (!part.replica.empty()) AppendMember("replica", part.replica, out);
    AppendMember("state", StateName(part.state), out);
    if (!part.reason.empty()) AppendMember("reason", part.reason, out);
    if (!part.detail.empty()) AppendMember("detail", part.detail, out);
    if (part.optional) out += R"(,"optional":true)";
    if (!part.inner.empty()) AppendInner(part.inner, out);
    if (part.state == PartState::kStale) {
      out += fmt::format(R"(,"age_ms":{},"shown_start_ms":{},"shown_end_ms":{},"holes":{})",
                         part.age_ms, part.known_min_t, part.known_max_t, part.has_holes);
    }
    out += fmt::format(R"(,"start_ms":{},"end_ms":{}}})", part.min_t, part.max_t);
  }
  out += "]}";
}

// Several regions may say the same.
void RemoveRepeats(std::vector<std::string>* texts) {
  std::vector<std::string> unique;
  for (std::string& text : *texts) {
    if (std::find(unique.begin(), unique.end(), text) == unique.end()) {
      unique.push_back(std::move(text));
    }
  }
  *texts = std::move(unique);
}

}  // namespace

void CapAnnotations(std::vector<std::string>* texts, size_t max, std::string_view kind) {
  RemoveRepeats(texts);
  if (texts->size() <= max) return;
  const size_t more = texts->size() - max;
  texts->resize(max);
  texts->push_back(fmt::format("{} more {} annotations omitted", more, kind));
}

void AppendStringList(const std::vector<std::string>& items, std::string& out) {
  out += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonHtmlString(items[i], out);
  }
  out += ']';
}

net::HttpResponse Render(Answer answer) {
  net::HttpResponse response;
  if (answer.coverage) {
    response.headers.Set("Synoptic-Coverage", answer.coverage->HeaderValue());
    // The region line is the last: panels show the last warning only.
    if (auto line = answer.coverage->WarningLine(answer.regions)) {
      answer.warnings.push_back(*std::move(line));
    }
  }
  if (answer.no_content) {
    response.status = 204;
    return response;
  }
  response.headers.Set("Content-Type", "application/json");
  std::string& body = answer.body;
  // Never null: Grafana takes `"warnings":null` for the end of the answer.
  if (!answer.warnings.empty()) {
    body += ",\"warnings\":";
    AppendStringList(answer.warnings, body);
  }
  if (!answer.infos.empty()) {
    body += ",\"infos\":";
    AppendStringList(answer.infos, body);
  }
  if (answer.coverage_block && answer.coverage) AppendCoverage(*answer.coverage, body);
  if (!answer.explain.empty()) AppendMember("explain", answer.explain, body);
  body += '}';
  response.body = std::move(body);
  return response;
}

net::HttpResponse RenderError(const absl::Status& status) {
  const ApiError error = ApiErrorOf(status.code());
  net::HttpResponse response;
  response.status = error.http_status;
  response.headers.Set("Content-Type", "application/json");
  // Regions are probed every five seconds.
  if (absl::IsUnavailable(status)) response.headers.Set("Retry-After", "5");
  response.body = fmt::format(R"({{"status":"error","errorType":"{}","error":)", error.type);
  AppendJsonHtmlString(MessageOf(status), response.body);
  response.body += '}';
  return response;
}

net::HttpResponse PlainText(int status, std::string text) {
  net::HttpResponse response;
  response.status = status;
  response.headers.Set("Content-Type", "text/plain; charset=utf-8");
  response.headers.Set("X-Content-Type-Options", "nosniff");
  response.body = std::move(text);
  return response;
}

}  // namespace synoptic::aggregator
