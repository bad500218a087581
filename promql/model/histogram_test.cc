// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/histogram.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <functional>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::promql {
namespace {

// The histograms of tests/compat/chunks/histograms.go.
FloatHistogram Named(std::string_view name) {
  FloatHistogram h;
  if (name == "both") {
    h = {1, 0.001, 2.5, 17, -3.25, {{-2, 2}, {3, 1}}, {{0, 0}, {1, 2}}, {1, 0, 4}, {2, 1e6}, {}};
  } else if (name == "overlap") {
    h = {0, 0.75, 1, 3, NAN, {{0, 1}}, {{0, 1}}, {1}, {1}, {}};
  } else if (name == "custom") {
    h = {-53, 0, 0, 6, 1e21, {{0, 4}}, {}, {1, 2, 0, 3}, {}, {-1, 0.5, 10}};
  }
  return h;
}

std::string BucketsText(const FloatHistogram& h) {
  std::vector<std::string> parts;
  for (const HistogramBucket& b : h.Buckets()) {
    parts.push_back(GoFloatG(b.lower) + " " + GoFloatG(b.upper) + " " +
                    (b.lower_inclusive ? "true " : "false ") +
                    (b.upper_inclusive ? "true " : "false ") + GoFloatG(b.count));
  }
  return Join(parts, ",");
}

TEST(FloatHistogram, PrintsAndListsBucketsAsPrometheusDoes) {
  std::ifstream golden("tests/compat/chunks/golden.txt");
  size_t cases = 0;
  for (std::string line; std::getline(golden, line);) {
    if (line.rfind("histogram ", 0) != 0) continue;
    const std::vector<std::string_view> fields = Split(std::string_view(line).substr(10), '|');
    const FloatHistogram h = Named(fields[0]);
    EXPECT_TRUE(h.Validate().ok()) << fields[0];
    EXPECT_EQ(h.ToString(), fields[1]);
    EXPECT_EQ(BucketsText(h), fields[2]) << fields[0];
    ++cases;
  }
  EXPECT_EQ(cases, 4u);
}

TEST(ExponentialBound, HasTheBitsOfPrometheus) {
  std::ifstream golden("tests/compat/chunks/golden.txt");
  size_t cases = 0;
  for (std::string line; std::getline(golden, line);) {
    if (line.rfind("bound ", 0) != 0) continue;
    const std::vector<std::string_view> fields = Split(line, ' ');
    const double bound =
        ExponentialBound(std::stoll(std::string(fields[2])), std::stoi(std::string(fields[1])));
    EXPECT_EQ(std::bit_cast<uint64_t>(bound), std::stoull(std::string(fields[3]), nullptr, 16))
        << line;
    ++cases;
  }
  EXPECT_EQ(cases, 386u);
}

TEST(FloatHistogram, ValidateNamesWhatIsWrong) {
  struct Case {
    const char* base;
    std::function<void(FloatHistogram&)> damage;
    const char* message;
  };
  const Case cases[] = {
      {"both", [](auto& h) { h.schema = 9; },
       "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, "
       "or "
       "-53 for custom buckets, got schema 9"},
      {"both", [](auto& h) { h.positive_spans.Mutable()[1].offset = -1; },
       "positive side: span number 2 with offset -1: histogram has a span whose offset is "
       "negative"},
      {"both", [](auto& h) { h.negative_buckets.pop_back(); },
       "negative side: spans need 2 buckets, have 1 buckets: histogram spans specify different "
       "number of buckets than provided"},
      {"both", [](auto& h) { h.positive_buckets[2] = -4; },
       "positive side: bucket number 3 has observation count of -4: histogram has a bucket whose "
       "observation count is negative"},
      {"both", [](auto& h) { h.zero_count = -1; },
       "zero bucket has observation count of -1: histogram has a bucket whose observation count is "
       "negative"},
      {"both", [](auto& h) { h.count = -1; },
       "observation count is -1: histogram's observation count is negative"},
      {"both", [](auto& h) { h.custom_values = {1}; },
       "histogram with exponential schema must not have custom bounds"},
      {"custom", [](auto& h) { h.custom_values = {1, 2}; },
       "custom buckets: only 2 custom bounds defined which is insufficient to cover total span "
       "length of 4: histogram custom bounds are too few"},
      {"custom", [](auto& h) { h.custom_values.Mutable()[1] = -1; },
       "custom buckets: previous bound is -1.000000 and current is -1.000000: histogram custom "
       "bounds must be in strictly increasing order"},
      {"custom", [](auto& h) { h.custom_values.Mutable()[2] = INFINITY; },
       "custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds "
       "must "
       "be finite"},
      {"custom", [](auto& h) { h.custom_values.Mutable()[2] = NAN; },
       "custom buckets: histogram custom bounds must not be NaN"},
      {"custom", [](auto& h) { h.positive_spans.Mutable()[0].offset = -1; },
       "custom buckets: span number 1 with offset -1: histogram has a span whose offset is "
       "negative"},
      {"custom", [](auto& h) { h.zero_count = 1; }, "custom buckets: must have zero count of 0"},
      {"custom", [](auto& h) { h.zero_threshold = 1; },
       "custom buckets: must have zero threshold of 0"},
      {"custom", [](auto& h) { h.negative_spans = {{0, 0}}; },
       "custom buckets: must not have negative spans"},
      {"custom", [](auto& h) { h.negative_buckets = {1}; },
       "custom buckets: must not have negative buckets"},
  };
  for (const Case& c : cases) {
    FloatHistogram h = Named(c.base);
    c.damage(h);
    EXPECT_EQ(MessageOf(h.Validate()), c.message);
  }
}

TEST(FloatHistogram, ListsTheZeroBucketOnlyIfItCountsSomething) {
  FloatHistogram h;
  h.zero_threshold = 1;
  for (const double count : {-1.0, 0.0, static_cast<double>(NAN)}) {
    h.zero_count = count;
    EXPECT_TRUE(h.Buckets().empty()) << count;
  }
  h.zero_count = 2;
  EXPECT_EQ(h.Buckets().size(), 1);
}

TEST(ExponentialBound, AnyIndexIsSafe) {
  EXPECT_EQ(ExponentialBound(INT64_MAX, 8), INFINITY);
  EXPECT_EQ(ExponentialBound(INT64_MIN, -4), 0);
}

}  // namespace
}  // namespace synoptic::promql
