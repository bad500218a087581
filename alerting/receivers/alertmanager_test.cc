// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/receivers/alertmanager.h"

#include <gtest/gtest.h>

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
  EXPECT_TRUE(absl::IsUnavailable(StatusOfAlertmanagerReply(429, "")));
  EXPECT_TRUE(absl::IsUnavailable(StatusOfAlertmanagerReply(503, "")));
}

}  // namespace
}  // namespace synoptic::alerting
