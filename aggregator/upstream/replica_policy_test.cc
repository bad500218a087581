// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/replica_policy.h"

#include <gtest/gtest.h>

#include "base/fake_clock.h"

namespace synoptic::aggregator {
namespace {

using Admission = ReplicaPolicy::Admission;
using Outcome = ReplicaPolicy::Outcome;

class ReplicaPolicyTest : public ::testing::Test {
 protected:
  MonoTime now() const { return clock_.Mono(); }
  // One request that takes `ms`.
  void Request(ReplicaPolicy& policy, Outcome outcome, int64_t ms = 1) {
    const MonoTime started = now();
    ASSERT_EQ(policy.Allow(started), Admission::kYes);
    clock_.AdvanceMillis(ms);
    policy.OnResult(started, now(), outcome);
  }
  void Probe(ReplicaPolicy& policy, bool ok, int64_t ms = 1) {
    const MonoTime started = now();
    clock_.AdvanceMillis(ms);
    policy.OnProbe(started, now(), ok);
  }

  FakeClock clock_;
  ReplicaPolicy::Options options_;
};

TEST_F(ReplicaPolicyTest, OpensOnConsecutiveFailuresOnly) {
  ReplicaPolicy policy(options_, 1);
  for (int i = 0; i < 4; ++i) Request(policy, Outcome::kFailed);
  Request(policy, Outcome::kAnswered);
  for (int i = 0; i < 4; ++i) Request(policy, Outcome::kFailed);
  EXPECT_EQ(policy.state(now()), BreakerState::kClosed);
  Request(policy, Outcome::kFailed);
  EXPECT_EQ(policy.state(now()), BreakerState::kOpen);
  EXPECT_EQ(policy.Allow(now()), Admission::kOpen);
  EXPECT_FALSE(policy.available(now()));
}

TEST_F(ReplicaPolicyTest, OpensWhenHalfOfManyFail) {
  ReplicaPolicy policy(options_, 1);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(policy.state(now()), BreakerState::kClosed) << i;
    Request(policy, Outcome::kAnswered);
    Request(policy, Outcome::kFailed);
  }
  EXPECT_EQ(policy.state(now()), BreakerState::kOpen);
}

TEST_F(ReplicaPolicyTest, ForgetsFailuresOlderThanTheWindow) {
  ReplicaPolicy policy(options_, 1);
  for (int i = 0; i < 9; ++i) {
    Request(policy, Outcome::kAnswered);
    Request(policy, Outcome::kFailed);
  }
  clock_.AdvanceMillis(11'000);
  Request(policy, Outcome::kAnswered);
  Request(policy, Outcome::kFailed);
  EXPECT_EQ(policy.state(now()), BreakerState::kClosed);
}

TEST_F(ReplicaPolicyTest, SilentTimeoutOpensAtOnce) {
  ReplicaPolicy policy(options_, 1);
  Request(policy, Outcome::kTimedOut, 2000);
  EXPECT_EQ(policy.state(now()), BreakerState::kOpen);
}

TEST_F(ReplicaPolicyTest, SlowReplicaThatAnswersOthersStaysClosed) {
  ReplicaPolicy policy(options_, 1);
  for (int i = 0; i < 10; ++i) {
    const MonoTime started = now();
    ASSERT_EQ(policy.Allow(started), Admission::kYes);
    clock_.AdvanceMillis(1000);
    policy.OnSignOfLife(now());
    clock_.AdvanceMillis(1000);
    policy.OnResult(started, now(), Outcome::kTimedOut);
  }
  EXPECT_EQ(policy.state(now()), BreakerState::kClosed);
}

TEST_F(ReplicaPolicyTest, FailedProbeOpensWhileARequestWaits) {
  ReplicaPolicy policy(options_, 1);
  ASSERT_EQ(policy.Allow(now()), Admission::kYes);
  Probe(policy, false, 1000);
  EXPECT_EQ(policy.state(now()), BreakerState::kOpen);
  EXPECT_FALSE(policy.up());
}

TEST_F(ReplicaPolicyTest, FailedProbeOpensAfterAnAbandonedSilentRequest) {
  ReplicaPolicy policy(options_, 1);
  Request(policy, Outcome::kAbandoned, 500);
  EXPECT_EQ(policy.state(now()), BreakerState::kClosed);
  Probe(policy, false, 1000);
  EXPECT_EQ(policy.state(now()), BreakerState::kOpen);
}

TEST_F(ReplicaPolicyTest, LoneProbeFailureIsForgiven) {
  ReplicaPolicy policy(options_, 1);
  Probe(policy, false);
  EXPECT_EQ(policy.state(now()), BreakerState::kClosed);
  Probe(policy, true);
  Probe(policy, false);
  EXPECT_EQ(policy.state(now()), BreakerState::kClosed);
  Probe(policy, false);
  EXPECT_EQ(policy.state(now()), BreakerState::kOpen);
}

TEST_F(ReplicaPolicyTest, ProbeClosesAfterTheOpenTimeAndRequestsNever) {
  ReplicaPolicy policy(options_, 1);
  Request(policy, Outcome::kTimedOut, 2000);
  Probe(policy, true);
  EXPECT_EQ(policy.state(now()), BreakerState::kOpen) << "too early";
  clock_.AdvanceMillis(1300);
  EXPECT_EQ(policy.state(now()), BreakerState::kHalfOpen);
  EXPECT_EQ(policy.Allow(now()), Admission::kOpen) << "a query must not be the trial";
  Probe(policy, true);
  EXPECT_EQ(policy.state(now()), BreakerState::kClosed);
  EXPECT_EQ(policy.Allow(now()), Admission::kYes);
}

TEST_F(ReplicaPolicyTest, WithoutProbesOneRequestIsTheTrial) {
  options_.probed = false;
  ReplicaPolicy policy(options_, 1);
  Request(policy, Outcome::kTimedOut, 2000);
  EXPECT_FALSE(policy.available(now()));
  clock_.AdvanceMillis(1300);
  EXPECT_TRUE(policy.available(now()));
  const MonoTime started = now();
  ASSERT_EQ(policy.Allow(started), Admission::kYes);
  EXPECT_EQ(policy.Allow(now()), Admission::kOpen) << "only one";
  policy.OnResult(started, now(), Outcome::kFailed);
  EXPECT_EQ(policy.state(now()), BreakerState::kOpen) << "open again";
  clock_.AdvanceMillis(3000);
  Request(policy, Outcome::kAnswered);
  EXPECT_EQ(policy.state(now()), BreakerState::kClosed);
}

TEST_F(ReplicaPolicyTest, OpenTimeDoublesWithEachFlapAndJitters) {
  options_.jitter = 0.25;
  ReplicaPolicy policy(options_, 7);
  double expected = 1;
  for (int flap = 0; flap < 8; ++flap) {
    Request(policy, Outcome::kTimedOut, 100);
    const double open = std::chrono::duration<double>(policy.open_until() - now()).count();
    EXPECT_GE(open, 0.75 * expected) << flap;
    EXPECT_LE(open, 1.25 * expected) << flap;
    clock_.AdvanceMillis(static_cast<int64_t>(open * 1000) + 1);
    Probe(policy, true);
    ASSERT_EQ(policy.state(now()), BreakerState::kClosed);
    expected = std::min(expected * 2, 30.0);
  }
  clock_.AdvanceMillis(61'000);
  Request(policy, Outcome::kTimedOut, 100);
  EXPECT_LE(policy.open_until() - now(), std::chrono::milliseconds(1250)) << "flaps are forgotten";
}

TEST_F(ReplicaPolicyTest, PlacesRampUpAfterClosing) {
  options_.max_in_flight = 20;
  ReplicaPolicy policy(options_, 1);
  const auto places = [&](Lane lane = Lane::kRules) {
    int taken = 0;
    while (policy.Allow(now(), lane) == Admission::kYes) ++taken;
    for (int i = 0; i < taken; ++i) policy.OnResult(now(), now(), Outcome::kAbandoned);
    return taken;
  };
  EXPECT_EQ(places(), 16) << "not all before it is known what it bears";
  EXPECT_EQ(places(Lane::kDashboards), 12);
  EXPECT_EQ(places(Lane::kReports), 8);
  Request(policy, Outcome::kTimedOut, 100);
  clock_.AdvanceMillis(2000);
  Probe(policy, true, 0);
  EXPECT_EQ(places(), 1);
  clock_.AdvanceMillis(5000);
  EXPECT_EQ(places(), 8);
  clock_.AdvanceMillis(5000);
  EXPECT_EQ(places(), 16);
}

TEST_F(ReplicaPolicyTest, TracksLatency) {
  ReplicaPolicy policy(options_, 1);
  EXPECT_EQ(policy.Latency(95), MonoDuration::zero());
  for (int64_t ms = 1; ms <= 100; ++ms) Request(policy, Outcome::kAnswered, ms);
  EXPECT_EQ(policy.Latency(95), std::chrono::milliseconds(95));
}

}  // namespace
}  // namespace synoptic::aggregator
