// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/series_description.h"

#include "base/go_format.h"
#include "base/status.h"
#include "gmock/gmock.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

std::string Parsed(std::string_view text) {
  const auto description = ParseSeriesDescription(text, 1000);
  if (!description.ok()) return std::string(MessageOf(description.status()));
  std::string out = description->labels.ToString();
  for (const SeriesItem& item : description->items) {
    out += " ";
    if (item.omitted) {
      out += "_";
    } else if (item.histogram) {
      out += item.histogram->ToString();
    } else {
      out += IsStaleNaN(item.value) ? "stale" : GoFloatG(item.value);
    }
  }
  return out;
}

TEST(SeriesDescription, ExpandsSequences) {
  EXPECT_EQ(Parsed("foo"), "foo");
  EXPECT_EQ(Parsed("foo{a=\"b\"} 1 2.5 -3 NaN Inf"), "foo{a=\"b\"} 1 2.5 -3 NaN +Inf");
  EXPECT_EQ(Parsed("foo 1x2 _ _x2 stale"), "foo 1 1 1 _ _ _ stale");
  EXPECT_EQ(Parsed("foo 0+2x3 5-1x1"), "foo 0 2 4 6 5 4");
  EXPECT_EQ(Parsed("{\"foo\"} -2-2x1"), "foo -2 -4");
}

TEST(SeriesDescription, ReadsHistograms) {
  const auto series = ParseSeriesDescription(
      "h {{schema:1 sum:-0.3 count:3.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 7] offset:-3 "
      "n_buckets:[4.1 5] n_offset:-5 counter_reset_hint:gauge}}x1 {{}}");
  ASSERT_TRUE(series.ok()) << series.status();
  ASSERT_EQ(series->items.size(), 3u);
  const FloatHistogram& h = *series->items[0].histogram;
  EXPECT_EQ(h.schema, 1);
  EXPECT_EQ(h.sum, -0.3);
  EXPECT_EQ(h.count, 3.1);
  EXPECT_EQ(h.zero_count, 7.1);
  EXPECT_EQ(h.zero_threshold, 0.05);
  EXPECT_EQ(h.positive_spans, (std::vector<HistogramSpan>{{-3, 3}}));
  EXPECT_EQ(h.positive_buckets, (std::vector<double>{5.1, 10, 7}));
  EXPECT_EQ(h.negative_spans, (std::vector<HistogramSpan>{{-5, 2}}));
  EXPECT_EQ(h.hint, CounterResetHint::kGauge);
  EXPECT_TRUE(series->items[1].hint_given);
  EXPECT_FALSE(series->items[2].hint_given);
  EXPECT_TRUE(series->items[2].histogram->positive_spans.empty());
}

TEST(SeriesDescription, NamesWhatIsWrong) {
  const struct {
    std::string_view text;
    std::string_view error;
  } kCases[] = {
      {"foo 1x", "1:7: parse error: unexpected end of input in series values"},
      {"foo bar",
       "1:5: parse error: unexpected identifier \"bar\" in series values, expected number "
       "or \"stale\""},
      {"foo{a=~\"b\"} 1", "1:6: parse error: unexpected <op:=~> in label set, expected \"=\""},
      {"foo 1x1.5",
       "1:7: parse error: invalid repetition in series values: strconv.ParseUint: "
       "parsing \"1.5\": invalid syntax"},
      {"foo {{sum:1 sum:2}}", "1:1: parse error: duplicate key \"sum\" in histogram"},
      {"foo {{nope:1}}", "1:7: parse error: bad histogram descriptor found: \"nope\""},
      {"foo {{sum 1}}", "1:7: parse error: missing `:` for histogram descriptor"},
      {"foo {{schema:2}}+{{schema:1}}x3",
       "1:31: parse error: error combining histograms: cannot merge from schema 1 to 2"},
      {"foo {{sum:1}}+{{sum:1}}", "1:24: parse error: unexpected end of input in series values"},
      {"foo 1x1000", "1:7: parse error: series has more than 1000 values"},
      {"foo _x18446744073709551615", "1:7: parse error: series has more than 1000 values"},
      {"foo 1x18446744073709551615", "1:7: parse error: series has more than 1000 values"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Parsed(c.text), c.error) << c.text;
}

}  // namespace
}  // namespace synoptic::promql
