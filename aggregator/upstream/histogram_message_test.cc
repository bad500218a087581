// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/histogram_message.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/status.h"
#include "promql/model/sample.h"
#include "proto/types.pb.h"

namespace synoptic::aggregator {
namespace {

using promql::CounterResetHint;

void AddSpan(proto::BucketSpan* span, int offset, unsigned length) {
  span->set_offset(offset);
  span->set_length(length);
}

proto::Histogram Integers() {
  proto::Histogram message;
  message.set_count_int(12);
  message.set_sum(18.5);
  message.set_schema(1);
  message.set_zero_threshold(0.001);
  message.set_zero_count_int(2);
  AddSpan(message.add_positive_spans(), -2, 2);
  AddSpan(message.add_positive_spans(), 1, 1);
  for (const int delta : {3, -1, 2}) message.add_positive_deltas(delta);
  AddSpan(message.add_negative_spans(), 0, 1);
  message.add_negative_deltas(1);
  message.set_reset_hint(proto::Histogram::YES);
  message.set_timestamp(-1500);
  return message;
}

// "t count:..., sum:..., buckets" or the error.
std::string Parsed(const std::string& bytes) {
  const auto parsed = ParseHistogram(bytes);
  if (!parsed.ok()) return std::string(MessageOf(parsed.status()));
  return std::to_string(parsed->t) + " " + parsed->histogram->ToString();
}
std::string Parsed(const proto::Histogram& message) { return Parsed(message.SerializeAsString()); }

TEST(ParseHistogram, AddsIntegerDifferencesUp) {
  const auto parsed = ParseHistogram(Integers().SerializeAsString());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const promql::FloatHistogram& h = *parsed->histogram;
  EXPECT_EQ(parsed->t, -1500);
  EXPECT_EQ(h.hint, CounterResetHint::kReset);
  EXPECT_EQ(h.schema, 1);
  EXPECT_EQ(h.zero_threshold, 0.001);
  EXPECT_EQ(h.zero_count, 2);
  EXPECT_EQ(h.count, 12);
  EXPECT_EQ(h.positive_buckets, (std::vector<double>{3, 2, 4}));
  EXPECT_EQ(h.negative_buckets, (std::vector<double>{1}));
  EXPECT_EQ(h.positive_spans, (std::vector<promql::HistogramSpan>{{-2, 2}, {1, 1}}));
}

TEST(ParseHistogram, TakesFloatCounts) {
  proto::Histogram message;
  message.set_count_float(6.5);
  message.set_sum(-1);
  message.set_schema(-53);
  AddSpan(message.add_positive_spans(), 0, 3);
  for (const double count : {1.0, 2.0, 3.5}) message.add_positive_counts(count);
  for (const double bound : {0.1, 2.0}) message.add_custom_values(bound);
  message.set_reset_hint(proto::Histogram::GAUGE);
  EXPECT_EQ(Parsed(message), "0 {count:6.5, sum:-1, [-Inf,0.1]:1, (0.1,2]:2, (2,+Inf]:3.5}");
}

TEST(ParseHistogram, TakesNumbersThatAreNotPacked) {
  const std::string bytes = Integers().SerializeAsString();
  proto::Histogram rest = Integers();
  rest.clear_positive_deltas();
  std::string unpacked = rest.SerializeAsString();
  for (const int zigzag : {6, 1, 4}) {
    unpacked += static_cast<char>(12 << 3);
    unpacked += static_cast<char>(zigzag);
  }
  EXPECT_EQ(Parsed(unpacked), Parsed(bytes));
}

TEST(ParseHistogram, TakesAStaleMarker) {
  proto::Histogram message;
  message.set_count_int(0);
  message.set_sum(promql::StaleNaN());
  const auto parsed = ParseHistogram(message.SerializeAsString());
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(promql::IsStaleNaN(parsed->histogram->sum));
}

TEST(ParseHistogram, RefusesWhatIsNoHistogram) {
  proto::Histogram both = Integers();
  both.add_positive_counts(1);
  EXPECT_EQ(Parsed(both), "malformed histogram") << "differences and counts";
  proto::Histogram wide = Integers();
  wide.mutable_positive_spans(0)->set_length(1'000'000);
  EXPECT_EQ(Parsed(wide),
            "positive side: spans need 1000001 buckets, have 3 buckets: histogram spans specify "
            "different number of buckets than provided");
  proto::Histogram negative = Integers();
  negative.set_positive_deltas(1, -9);
  EXPECT_NE(Parsed(negative).find("negative"), std::string::npos);
  proto::Histogram fine = Integers();
  fine.set_schema(127);
  EXPECT_NE(Parsed(fine).find("got schema 127"), std::string::npos);
  proto::Histogram overflow = Integers();
  overflow.set_positive_deltas(0, std::numeric_limits<int64_t>::max());
  overflow.set_positive_deltas(1, std::numeric_limits<int64_t>::max());
  EXPECT_NE(Parsed(overflow).find("negative"), std::string::npos);
  const std::string whole = Integers().SerializeAsString();
  for (size_t size = 1; size < whole.size(); ++size) (void)Parsed(whole.substr(0, size));
  EXPECT_EQ(Parsed(std::string("\x6a\x03"
                               "abc",
                               5)),
            "malformed histogram")
      << "three bytes of a double";
  EXPECT_EQ(Parsed(std::string("\x70\x04", 2)), "malformed histogram") << "an unknown hint";
}

}  // namespace
}  // namespace synoptic::aggregator
