// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/receivers/alertmanager.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "net/async/testing.h"

namespace synoptic::alerting {
namespace {

TEST(Alertmanager, WritesAlertsAsPrometheusDoes) {
  OutgoingAlert alert;
  alert.labels = promql::Labels::From({{"alertname", "Lag"}, {"db", "a\"b"}, {"region", "eu"}});
  alert.annotations = {{"summary", "5s\nbehind"}};
  alert.starts_at_ms = 1'700'000'000'123;
  alert.ends_at_ms = 1'700'000'060'000;
  alert.generator_url = "http://s/graph?g0.expr=up";
  EXPECT_EQ(EncodeAlerts({&alert, 1}),
            R"([{"annotations":{"summary":"5s\nbehind"},"endsAt":"2023-11-14T22:14:20.000Z",)"
            R"("startsAt":"2023-11-14T22:13:20.123Z","generatorURL":"http://s/graph?g0.expr=up",)"
            R"("labels":{"alertname":"Lag","db":"a\"b","region":"eu"}}])");
  EXPECT_EQ(EncodeAlerts({}), "[]");
}

TEST(Alertmanager, TellsRepliesWorthARetryFromThoseThatAreNot) {
  EXPECT_TRUE(StatusOfAlertmanagerReply(200, "").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(StatusOfAlertmanagerReply(400, "bad label")));
  EXPECT_TRUE(absl::IsResourceExhausted(StatusOfAlertmanagerReply(413, "")));
  for (const int about_us : {401, 403, 404, 408, 429, 302}) {
    EXPECT_TRUE(absl::IsUnavailable(StatusOfAlertmanagerReply(about_us, ""))) << about_us;
  }
  EXPECT_TRUE(absl::IsUnavailable(StatusOfAlertmanagerReply(503, "")));
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
