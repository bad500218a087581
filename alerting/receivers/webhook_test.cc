// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/receivers/webhook.h"

#include <gtest/gtest.h>

#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

OutgoingAlert Alert() {
  OutgoingAlert alert;
  alert.labels = promql::Labels::From({{"alertname", "Lag"}, {"region", "eu"}});
  alert.annotations = {{"summary", "behind"}};
  alert.starts_at_ms = 1'700'000'000'123;
  alert.ends_at_ms = 1'700'000'060'000;
  alert.valid_for_ms = 240'000;
  alert.generator_url = "http://s/g";
  return alert;
}

// Keeps the request and answers 200.
class FakeClient final : public net::HttpClient {
 public:
  Task<> Send(const net::Origin&, net::HttpRequest sent, const net::ResponseLimits&, Deadline,
              net::BodySink& sink) override {
    request = std::move(sent);
    co_return sink.OnHead(200, {});
  }
  net::HttpRequest request;
};

// The fingerprint is the one that Alertmanager gives to these labels.
TEST(Webhook, WritesWhatAlertmanagersWebhookWrites) {
  EXPECT_EQ(EncodeWebhook(Alert(), "hook", "http://s"),
            R"x({"version":"4","groupKey":"{}:{alertname=\"Lag\"}","truncatedAlerts":0,)x"
            R"x("status":"firing","receiver":"hook","groupLabels":{"alertname":"Lag"},)x"
            R"x("commonLabels":{"alertname":"Lag","region":"eu"},)x"
            R"x("commonAnnotations":{"summary":"behind"},"externalURL":"http://s","alerts":[)x"
            R"x({"status":"firing","labels":{"alertname":"Lag","region":"eu"},)x"
            R"x("annotations":{"summary":"behind"},"startsAt":"2023-11-14T22:13:20.123Z",)x"
            R"x("endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://s/g",)x"
            R"x("fingerprint":"f0c5189d525714ba"}]})x");
}

TEST(Webhook, OneTransitionHasOneKeyWhoeverSendsItAndHoweverOften) {
  OutgoingAlert again = Alert();
  again.annotations.Set("summary", "behind by more");
  again.ends_at_ms += 60'000;
  EXPECT_EQ(IdempotencyKey(again), IdempotencyKey(Alert()));
  OutgoingAlert resolved = Alert();
  resolved.valid_for_ms = 0;
  EXPECT_NE(IdempotencyKey(resolved), IdempotencyKey(Alert()));
  OutgoingAlert later = Alert();
  later.starts_at_ms += 15'000;
  EXPECT_NE(IdempotencyKey(later), IdempotencyKey(Alert()));
}

TEST(Webhook, SaysWhichAttemptItIs) {
  FakeClient client;
  WebhookOptions options;
  options.name = "hook";
  options.target = "/in?x=1";
  const auto receiver = NewWebhook(options, client);
  SendRequest request;
  request.alerts.push_back(std::make_shared<const OutgoingAlert>(Alert()));
  request.attempt = 3;
  ASSERT_TRUE(RunForTest(receiver->Send(request, Deadline::Infinite())).ok());
  EXPECT_EQ(client.request.target, "/in?x=1");
  EXPECT_EQ(client.request.headers.Get("X-Synoptic-Attempt"), "3");
  EXPECT_EQ(client.request.headers.Get("Idempotency-Key"), IdempotencyKey(Alert()));
  EXPECT_EQ(receiver->max_batch(), 1u);
  EXPECT_FALSE(receiver->wants_repetitions());
}

}  // namespace
}  // namespace synoptic::alerting
