// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/api_request.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "aggregator/upstream/sample_text.h"
#include "aggregator/upstream/selector_text.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

void AddAuth(const HttpAuth& auth, net::Headers& headers) {
  if (!auth.username.empty()) {
    headers.Add("Authorization",
                "Basic " + absl::Base64Escape(auth.username + ":" + auth.password.Reveal()));
  } else if (!auth.authorization_credentials.empty()) {
    const std::string type = auth.authorization_type.empty() ? "Bearer" : auth.authorization_type;
    headers.Add("Authorization", type + " " + auth.authorization_credentials.Reveal());
  }
  for (const auto& [name, value] : auth.headers) headers.Add(name, value.Reveal());
}

net::HttpRequest Request(const HttpAuth& auth, std::string method, std::string target) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.replayable = true;  // everything asked here only reads
  AddAuth(auth, request.headers);
  // gzip would cost the upstream four times the CPU of the whole answer.
  request.headers.Add("Accept-Encoding", "identity");
  return request;
}

int64_t Millis(MonoDuration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

void AddTimeout(MonoDuration remaining, net::Parameters& parameters) {
  if (remaining == MonoDuration::max()) return;
  parameters.emplace_back("timeout", FormatSeconds(std::max<int64_t>(Millis(remaining), 1)));
}

// Beyond any date that the API could parse a bound says nothing.
constexpr int64_t kNoBound = 100'000'000'000'000;

}  // namespace

net::HttpRequest GetRequest(const HttpAuth& auth, std::string target) {
  return Request(auth, "GET", std::move(target));
}

net::HttpRequest FormRequest(const HttpAuth& auth, std::string target,
                             const net::Parameters& parameters) {
  net::HttpRequest request = Request(auth, "POST", std::move(target));
  request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
  request.body = net::EncodeForm(parameters);
  return request;
}

net::HttpRequest ReadHttpRequest(const HttpAuth& auth, std::string body) {
  net::HttpRequest request = Request(auth, "POST", "/api/v1/read");
  request.headers.Set("Accept-Encoding", "snappy");
  request.headers.Add("Content-Type", "application/x-protobuf");
  request.headers.Add("Content-Encoding", "snappy");
  request.headers.Add("X-Prometheus-Remote-Read-Version", "0.1.0");
  request.body = std::move(body);
  return request;
}

net::Parameters StepParameters(const StepRequest& request, MonoDuration remaining) {
  net::Parameters parameters = {{"query", request.text}};
  if (request.instant) {
    parameters.emplace_back("time", FormatSeconds(request.grid.start));
  } else {
    parameters.emplace_back("start", FormatSeconds(request.grid.start));
    parameters.emplace_back("end", FormatSeconds(request.grid.end));
    parameters.emplace_back("step", FormatSeconds(request.grid.step));
  }
  if (request.lookback_ms > 0) {
    parameters.emplace_back("lookback_delta", FormatSeconds(request.lookback_ms));
  }
  AddTimeout(remaining, parameters);
  return parameters;
}

net::Parameters RangeSelectorParameters(const RawRequest& request, MonoDuration remaining) {
  // The range's start is exclusive in Prometheus 3: one millisecond earlier takes min_t in.
  const int64_t range = request.max_t - request.min_t + 1;
  net::Parameters parameters = {
      {"query", fmt::format("{}[{}ms]", SelectorText(request.matchers), range)},
      {"time", FormatSeconds(request.max_t)}};
  AddTimeout(remaining, parameters);
  return parameters;
}

net::Parameters LabelsParameters(const LabelsRequest& request) {
  net::Parameters parameters;
  for (const auto& selector : request.selectors) {
    parameters.emplace_back("match[]", SelectorText(selector));
  }
  const bool bounded = request.min_t != 0 || request.max_t != 0;
  if (bounded && request.min_t > -kNoBound && request.min_t < kNoBound) {
    parameters.emplace_back("start", FormatSeconds(request.min_t));
  }
  if (bounded && request.max_t > -kNoBound && request.max_t < kNoBound) {
    parameters.emplace_back("end", FormatSeconds(request.max_t));
  }
  if (request.limit > 0) parameters.emplace_back("limit", std::to_string(request.limit));
  return parameters;
}

}  // namespace synoptic::aggregator
