// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/receivers/webhook.h"

#include "base/status.h"
#include "xxhash.h"

namespace synoptic::alerting {
namespace {

// Alertmanager's: FNV-1a over names and values, each ended by 0xff (prometheus/common, model).
std::string Fingerprint(const promql::Labels& labels) {
  uint64_t hash = 14695981039346656037u;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) {
      hash ^= static_cast<unsigned char>(c);
      hash *= 1099511628211u;
    }
    hash ^= 0xff;
    hash *= 1099511628211u;
  };
  for (const promql::Label label : labels) {
    add(label.name);
    add(label.value);
  }
  return fmt::format("{:016x}", hash);
}

class Webhook final : public Receiver {
 public:
  Webhook(WebhookOptions options, net::HttpClient& client)
      : options_(std::move(options)), client_(client) {}

  const std::string& name() const override { return options_.name; }
  size_t max_batch() const override { return 1; }
  // One after the other, a storm of alerts at 100 ms each would take longer than some of them last.
  size_t at_once() const override { return 8; }
  bool wants_repetitions() const override { return false; }
  std::string KeyOf(const OutgoingAlert& alert) const override {
    return fmt::format("{:016x}{}", XXH3_64bits(options_.name.data(), options_.name.size()),
                       IdempotencyKey(alert));
  }

  Task<> Send(SendRequest sent, Deadline deadline) override {
    const OutgoingAlert& alert = *sent.alerts.front();
    net::HttpRequest request;
    request.method = "POST";
    request.target = options_.target;
    request.headers = options_.headers;
    request.headers.Set("Content-Type", "application/json");
    request.headers.Set("Idempotency-Key", IdempotencyKey(alert));
    request.headers.Set("X-Synoptic-Attempt", std::to_string(sent.attempt));
    request.body = EncodeWebhook(alert, options_.name, options_.external_url);
    net::StringSink reply(64 << 10);
    const absl::Status status =
        co_await client_.Send(options_.origin, std::move(request), {}, deadline, reply);
    // What is no answer, or none that can be read, says nothing about the alert.
    if (absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status)) {
      co_return absl::UnavailableError(status.message());
    }
    CO_RETURN_IF_ERROR(status);
    co_return StatusOfReply(reply.status(), reply.body(),
                            reply.headers().Get("Retry-After").value_or(""));
  }

 private:
  const WebhookOptions options_;
  net::HttpClient& client_;
};

}  // namespace

std::unique_ptr<Receiver> NewWebhook(WebhookOptions options, net::HttpClient& client) {
  return std::make_unique<Webhook>(std::move(options), client);
}

std::string IdempotencyKey(const OutgoingAlert& alert) {
  const std::string text = fmt::format("{} {} {}", Fingerprint(alert.labels), alert.starts_at_ms,
                                       alert.firing() ? "firing" : "resolved");
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::string EncodeWebhook(const OutgoingAlert& alert, const std::string& receiver,
                          const std::string& external_url) {
  const std::string status = alert.firing() ? "firing" : "resolved";
  const std::string_view alertname = alert.labels.Get("alertname");
  const std::pair<std::string_view, std::string_view> group[] = {{"alertname", alertname}};
  std::string labels;
  std::string annotations;
  AppendJsonObject(alert.labels, labels);
  AppendJsonObject(alert.annotations, annotations);
  std::string out = "{\"version\":\"4\",\"groupKey\":";
  AppendJsonString(
      fmt::format("{{}}:{}",
                  promql::Labels::From({{"alertname", std::string(alertname)}}).ToString()),
      out);
  out += ",\"truncatedAlerts\":0,\"status\":\"" + status + "\",\"receiver\":";
  AppendJsonString(receiver, out);
  out += ",\"groupLabels\":";
  AppendJsonObject(group, out);
  out += ",\"commonLabels\":" + labels + ",\"commonAnnotations\":" + annotations;
  out += ",\"externalURL\":";
  AppendJsonString(external_url, out);
  out += ",\"alerts\":[{\"status\":\"" + status + "\",\"labels\":" + labels +
         ",\"annotations\":" + annotations + ",\"startsAt\":\"" +
         FormatAlertTime(alert.starts_at_ms) + "\",\"endsAt\":\"" +
         (alert.firing() ? "0001-01-01T00:00:00Z" : FormatAlertTime(alert.ends_at_ms)) +
         "\",\"generatorURL\":";
  AppendJsonString(alert.generator_url, out);
  return out + ",\"fingerprint\":\"" + Fingerprint(alert.labels) + "\"}]}";
}

}  // namespace synoptic::alerting
