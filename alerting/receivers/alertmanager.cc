// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/receivers/alertmanager.h"

#include <chrono>

#include "base/json.h"
#include "base/status.h"

namespace synoptic::alerting {
namespace {

// RFC 3339 with milliseconds, as Prometheus sends them.
std::string Timestamp(int64_t ms) {
  using std::chrono::days;
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

template <class Pairs>
void AppendObject(const Pairs& pairs, std::string& out) {
  out += '{';
  bool first = true;
  for (const auto& [name, value] : pairs) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(name, out);
    out += ':';
    AppendJsonString(value, out);
  }
  out += '}';
}

class Alertmanager final : public Receiver {
 public:
  Alertmanager(AlertmanagerOptions options, net::HttpClient& client)
      : options_(std::move(options)), client_(client) {}

  const std::string& name() const override { return options_.url; }

  Task<> Send(std::vector<OutgoingAlert> alerts, Deadline deadline) override {
    net::HttpRequest request;
    request.method = "POST";
    request.target = "/api/v2/alerts";  // the client puts the origin's path prefix before it
    request.headers = options_.headers;
    request.headers.Set("Content-Type", "application/json");
    request.body = EncodeAlerts(alerts);
    net::StringSink reply(64 << 10);
    const absl::Status sent =
        co_await client_.Send(options_.origin, std::move(request), {}, deadline, reply);
    // What is no answer, or none that can be read, says nothing about the alerts.
    if (absl::IsInvalidArgument(sent) || absl::IsResourceExhausted(sent)) {
      co_return absl::UnavailableError(sent.message());
    }
    CO_RETURN_IF_ERROR(sent);
    co_return StatusOfAlertmanagerReply(reply.status(), reply.body());
  }

 private:
  const AlertmanagerOptions options_;
  net::HttpClient& client_;
};

}  // namespace

std::unique_ptr<Receiver> NewAlertmanager(AlertmanagerOptions options, net::HttpClient& client) {
  return std::make_unique<Alertmanager>(std::move(options), client);
}

std::string EncodeAlerts(std::span<const OutgoingAlert> alerts) {
  std::string out = "[";
  for (const OutgoingAlert& alert : alerts) {
    if (out.size() > 1) out += ',';
    out += "{\"annotations\":";
    AppendObject(alert.annotations, out);
    out += ",\"endsAt\":\"" + Timestamp(alert.ends_at_ms) + "\",\"startsAt\":\"" +
           Timestamp(alert.starts_at_ms) + "\",\"generatorURL\":";
    AppendJsonString(alert.generator_url, out);
    out += ",\"labels\":";
    AppendObject(alert.labels, out);
    out += '}';
  }
  return out + "]";
}

absl::Status StatusOfAlertmanagerReply(int http_status, std::string_view body) {
  if (http_status / 100 == 2) return absl::OkStatus();
  // 401, 403, 404, ... are about us, the address or what stands in between: no reason to drop.
  const bool faulty = http_status == 400 || http_status == 422;
  const absl::StatusCode code = http_status == 413 ? absl::StatusCode::kResourceExhausted
                                : faulty           ? absl::StatusCode::kInvalidArgument
                                                   : absl::StatusCode::kUnavailable;
  return MakeStatus(code, "HTTP {}: {}", http_status, body.substr(0, 200));
}

}  // namespace synoptic::alerting
