// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace synoptic {
namespace {

TEST(Metrics, ExposesFamiliesSortedByName) {
  Metrics metrics;
  metrics.Gauge("synoptic_up", "Is it.", {{"region", "eu\"1"}}).Set(1);
  metrics.Counter("synoptic_a_total", "How many.", {{"code", "200"}}).Increment();
  metrics.Counter("synoptic_a_total", "How many.", {{"code", "200"}}).Increment(2);
  metrics.Histogram("synoptic_seconds", "How long.", {}, {1, 2}).Observe(1.5);
  EXPECT_EQ(metrics.Expose(),
            "# HELP synoptic_a_total How many.\n"
            "# TYPE synoptic_a_total counter\n"
            "synoptic_a_total{code=\"200\"} 3\n"
            "# HELP synoptic_seconds How long.\n"
            "# TYPE synoptic_seconds histogram\n"
            "synoptic_seconds_count 1\n"
            "synoptic_seconds_sum 1.5\n"
            "synoptic_seconds_bucket{le=\"1\"} 0\n"
            "synoptic_seconds_bucket{le=\"2\"} 1\n"
            "synoptic_seconds_bucket{le=\"+Inf\"} 1\n"
            "# HELP synoptic_up Is it.\n"
            "# TYPE synoptic_up gauge\n"
            "synoptic_up{region=\"eu\\\"1\"} 1\n");
}

TEST(Metrics, CollectsJustBeforeExposition) {
  Metrics metrics;
  Gauge gauge = metrics.Gauge("g", "h");
  metrics.OnCollect([gauge]() mutable { gauge.Add(1); });
  metrics.Expose();
  EXPECT_THAT(metrics.Expose(), testing::HasSubstr("\ng 2\n"));
}

TEST(Metrics, RemovedLabelSetsAreGone) {
  Metrics metrics;
  metrics.Gauge("g", "h", {{"region", "a"}}).Set(1);
  metrics.Gauge("g", "h", {{"region", "b"}}).Set(1);
  metrics.RemoveGauge("g", {{"region", "a"}});
  EXPECT_THAT(metrics.Expose(), testing::Not(testing::HasSubstr("region=\"a\"")));
  EXPECT_THAT(metrics.Expose(), testing::HasSubstr("region=\"b\""));
}

TEST(Metrics, DefaultHandlesCountNowhere) {
  Counter counter;
  counter.Increment();
  EXPECT_EQ(counter.value(), 0);
}

}  // namespace
}  // namespace synoptic
