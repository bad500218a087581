// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/receivers/alertmanager.h"

#include <algorithm>

#include "base/json.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

class Alertmanager final : public Receiver {
 public:
  Alertmanager(AlertmanagerOptions options, net::HttpClient& client)
      : options_(std::move(options)), client_(client) {}

  const std::string& name() const override { return options_.url; }

  Task<> Send(SendRequest sent, Deadline deadline) override {
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/api/v2/alerts";  // the client puts the origin's path prefix before it
    request.headers = options_.headers;
    request.headers.Set("Content-Type", "application/json");
    request.body = EncodeAlerts(sent.alerts, sent.now_ms);
    net::StringSink reply(64 << 10);
    const absl::Status status =
        co_await client_.Send(options_.origin, std::move(request), {}, deadline, reply);
    // What is no answer, or none that can be read, says nothing about the alerts.
    if (absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status)) {
      co_return absl::UnavailableError(status.message());
    }
    CO_RETURN_IF_ERROR(status);
    co_return StatusOfReply(reply.status(), reply.body(),
                            reply.headers().Get("Retry-After").value_or(""));
  }

 private:
  const AlertmanagerOptions options_;
  net::HttpClient& client_;
};

}  // namespace

std::unique_ptr<Receiver> NewAlertmanager(AlertmanagerOptions options, net::HttpClient& client) {
  return std::make_unique<Alertmanager>(std::move(options), client);
}

std::string EncodeAlerts(std::span<const SharedAlert> alerts, int64_t now_ms) {
  std::string out = "[";
  for (const SharedAlert& alert : alerts) {
    if (out.size() > 1) out += ',';
    const int64_t ends_at_ms = alert->firing()
                                   ? std::max(alert->ends_at_ms, now_ms + alert->valid_for_ms)
                                   : alert->ends_at_ms;
    out += "{\"annotations\":";
    AppendJsonObject(alert->annotations, out);
    out += ",\"endsAt\":\"" + FormatAlertTime(ends_at_ms) + "\",\"startsAt\":\"" +
           FormatAlertTime(alert->starts_at_ms) + "\",\"generatorURL\":";
    AppendJsonString(alert->generator_url, out);
    out += ",\"labels\":";
    AppendJsonObject(alert->labels, out);
    out += '}';
  }
  return out + "]";
}

}  // namespace synoptic::alerting
