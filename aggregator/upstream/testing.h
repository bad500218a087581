// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the tests of this library share: bodies fed in pieces, answers as text, an HTTP client that
// answers by script in virtual time.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/upstream/api_sink.h"
#include "aggregator/upstream/upstream.h"
#include "base/go_format.h"
#include "base/status.h"
#include "net/async/timer.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

inline net::Headers ContentType(std::string type) {
  net::Headers headers;
  headers.Add("Content-Type", std::move(type));
  return headers;
}

// Feeds a whole response in pieces of `piece` bytes.
inline absl::Status FeedAll(ApiSink& sink, std::string_view body,
                            const std::string& type = "application/json", int status = 200,
                            size_t piece = std::string_view::npos) {
  RETURN_IF_ERROR(sink.OnHead(status, ContentType(type)));
  while (!body.empty()) {
    RETURN_IF_ERROR(sink.OnData(body.substr(0, piece)));
    body.remove_prefix(std::min(piece, body.size()));
  }
  return sink.Finish();
}

// {labels} 1 _ 3, a line a series; _ is absent.
inline std::string ToText(const std::vector<promql::StepSeries>& series) {
  std::string out;
  for (const promql::StepSeries& one : series) {
    out += one.labels.ToString();
    for (const double v : one.values) out += promql::IsAbsent(v) ? " _" : " " + GoFloatF(v);
    out += "\n";
  }
  return out;
}

// {labels} 1@1000 2@2000, a line a series.
inline std::string ToText(const std::vector<promql::RawSeries>& series) {
  std::string out;
  for (const promql::RawSeries& one : series) {
    promql::SampleColumns samples;
    const absl::Status status = promql::ReadSamples(one, INT64_MIN, INT64_MAX, samples);
    out += one.labels.ToString();
    for (size_t i = 0; i < samples.size(); ++i) {
      const double v = samples.v[i];
      out += " " + (promql::IsStaleNaN(v) ? "stale" : GoFloatF(v)) + "@" +
             std::to_string(samples.t[i]);
    }
    if (!status.ok()) out += " " + status.ToString();
    out += "\n";
  }
  return out;
}

// Answers by script, without sockets. Time is the clock's.
class FakeHttpClient final : public net::HttpClient {
 public:
  struct Reply {
    int64_t delay_ms = 1;
    absl::Status error = {};  // not OK: the transport fails so
    int status = 200;
    std::string type = "application/json";
    std::string body = {};
    bool hangs = false;  // accepts and never answers
  };
  using Script = std::function<Reply(const net::HttpRequest&)>;

  explicit FakeHttpClient(const Clock& clock) : clock_(clock) {}
  // By host of the origin.
  void On(const std::string& host, Script script) { scripts_[host] = std::move(script); }

  struct Sent {
    std::string host;
    net::HttpRequest request;
  };
  const std::vector<Sent>& sent() const { return sent_; }
  int Count(std::string_view host, std::string_view target_prefix) const {
    int count = 0;
    for (const Sent& one : sent_) {
      if (one.host == host && one.request.target.starts_with(target_prefix)) ++count;
    }
    return count;
  }
  void Forget() { sent_.clear(); }

  Task<> Send(const net::Origin& origin, net::HttpRequest request, const net::ResponseLimits&,
              Deadline deadline, net::BodySink& sink) override {
    sent_.push_back({origin.host, request});
    const Reply reply = scripts_.at(origin.host)(request);
    const MonoTime at = clock_.Mono() + std::chrono::milliseconds(reply.delay_ms);
    if (reply.hangs || at >= deadline.at()) {
      CO_RETURN_IF_ERROR(co_await SleepUntil(clock_, deadline.at()));
      co_return absl::DeadlineExceededError("deadline exceeded");
    }
    CO_RETURN_IF_ERROR(co_await SleepUntil(clock_, at));
    CO_RETURN_IF_ERROR(reply.error);
    net::Headers headers;
    headers.Add("Content-Type", reply.type);
    CO_RETURN_IF_ERROR(sink.OnHead(reply.status, headers));
    co_return sink.OnData(reply.body);
  }

 private:
  const Clock& clock_;
  std::map<std::string, Script> scripts_;
  std::vector<Sent> sent_;
};

}  // namespace synoptic::aggregator
