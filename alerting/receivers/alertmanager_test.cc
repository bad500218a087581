// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/receivers/alertmanager.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

TEST(Alertmanager, WritesAlertsAsPrometheusDoes) {
  auto made = std::make_shared<OutgoingAlert>();
  OutgoingAlert& alert = *made;
  const SharedAlert shared = made;
  alert.labels = promql::Labels::From({{"alertname", "Lag"}, {"db", "a\"b"}, {"region", "eu"}});
  alert.annotations = {{"summary", "5s\nbehind"}};
  alert.starts_at_ms = 1'700'000'000'123;
  alert.ends_at_ms = 1'700'000'060'000;
  alert.generator_url = "http://s/graph?g0.expr=up";
  EXPECT_EQ(EncodeAlerts({&shared, 1}, 0),
            R"([{"annotations":{"summary":"5s\nbehind"},"endsAt":"2023-11-14T22:14:20.000Z",)"
            R"("startsAt":"2023-11-14T22:13:20.123Z","generatorURL":"http://s/graph?g0.expr=up",)"
            R"("labels":{"alertname":"Lag","db":"a\"b","region":"eu"}}])");
  EXPECT_EQ(EncodeAlerts({}, 0), "[]");
}

// Otherwise Alertmanager would take it for resolved.
TEST(Alertmanager, WhatWaitedLongIsValidFromWhenItGoes) {
  auto alert = std::make_shared<OutgoingAlert>();
  alert->ends_at_ms = 240'000;
  const SharedAlert shared = alert;
  const auto has = [&shared](int64_t now_ms, const char* ends_at) {
    return EncodeAlerts({&shared, 1}, now_ms).find(ends_at) != std::string::npos;
  };
  EXPECT_TRUE(has(600'000, "\"endsAt\":\"1970-01-01T00:04:00.000Z\""));  // resolved then
  alert->valid_for_ms = 240'000;
  EXPECT_TRUE(has(0, "\"endsAt\":\"1970-01-01T00:04:00.000Z\""));
  EXPECT_TRUE(has(600'000, "\"endsAt\":\"1970-01-01T00:14:00.000Z\""));
}

TEST(Receiver, HearsForHowLongItIsAskedToWait) {
  EXPECT_EQ(RetryAfterOf(StatusOfReply(429, "", "7")), std::chrono::seconds(7));
  EXPECT_EQ(RetryAfterOf(StatusOfReply(503, "", "86400")), std::chrono::seconds(120));
  for (const char* none : {"", "0", "-1", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_EQ(RetryAfterOf(StatusOfReply(503, "", none)), MonoDuration::zero()) << none;
  }
}

TEST(Alertmanager, TellsRepliesWorthARetryFromThoseThatAreNot) {
  EXPECT_TRUE(StatusOfReply(200, "", "").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(StatusOfReply(400, "bad label", "")));
  EXPECT_TRUE(absl::IsResourceExhausted(StatusOfReply(413, "", "")));
  for (const int about_us : {401, 403, 404, 408, 429, 302}) {
    EXPECT_TRUE(absl::IsUnavailable(StatusOfReply(about_us, "", ""))) << about_us;
  }
  EXPECT_TRUE(absl::IsUnavailable(StatusOfReply(503, "", "")));
}

// Answers 200 or fails; remembers where the last one went.
class FakeClient final : public net::HttpClient {
 public:
  Task<> Send(const net::Origin& origin, net::HttpRequest request, const net::ResponseLimits&,
              Deadline, net::BodySink& sink) override {
    target = origin.path_prefix + request.target;
    if (!failure.ok()) co_return failure;
    co_return sink.OnHead(200, {});
  }
  std::string target;
  absl::Status failure;
};

TEST(Alertmanager, SendsBelowThePathOfItsUrl) {
  FakeClient client;
  const auto receiver = NewAlertmanager(
      {.url = "http://a/am", .origin = *net::Origin::Parse("http://a/am"), .headers = {}}, client);
  EXPECT_TRUE(RunForTest(receiver->Send({}, Deadline::Infinite())).ok());
  EXPECT_EQ(client.target, "/am/api/v2/alerts");
}

// Otherwise the outbox would blame the alerts and drop them.
TEST(Alertmanager, AnUnreadableAnswerIsWorthARetry) {
  FakeClient client;
  const auto receiver = NewAlertmanager({.url = "", .origin = {}, .headers = {}}, client);
  for (const auto code :
       {absl::StatusCode::kInvalidArgument, absl::StatusCode::kResourceExhausted}) {
    client.failure = absl::Status(code, "not HTTP");
    EXPECT_TRUE(absl::IsUnavailable(RunForTest(receiver->Send({}, Deadline::Infinite()))));
  }
}

}  // namespace
}  // namespace synoptic::alerting
