// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/encode.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "base/go_format.h"

namespace synoptic::aggregator {
namespace {

using promql::FloatHistogram;
using promql::Labels;
using promql::QueryValue;
using promql::ValueType;

FloatHistogram Exponential() {
  FloatHistogram h;
  h.schema = 0;
  h.zero_threshold = 0.25;
  h.zero_count = 3;
  h.count = 42;
  h.sum = 34593.34;
  h.positive_spans = {{0, 2}, {1, 1}};
  h.positive_buckets = {12, 0, 6};
  h.negative_spans = {{0, 1}};
  h.negative_buckets = {21};
  return h;
}

std::string Encoded(const FloatHistogram& h) {
  std::string out;
  AppendHistogram(h, out);
  return out;
}

std::string Encoded(const QueryValue& value) {
  std::string out;
  AppendQueryValue(value, out);
  return out;
}

TEST(EncodeHistogram, WritesBoundsAndWhoTheyBelongTo) {
  EXPECT_EQ(Encoded(Exponential()),
            R"({"count":"42","sum":"34593.34","buckets":[[1,"-1","-0.5","21"],)"
            R"([3,"-0.25","0.25","3"],[0,"0.5","1","12"],[0,"4","8","6"]]})");
  FloatHistogram custom;
  custom.schema = promql::kCustomBucketsSchema;
  custom.custom_values = {0.1, 2};
  custom.positive_spans = {{0, 3}};
  custom.positive_buckets = {1, 2, 3.5};
  custom.count = 6.5;
  custom.sum = -1;
  EXPECT_EQ(Encoded(custom), R"({"count":"6.5","sum":"-1","buckets":[[3,"-Inf","0.1","1"],)"
                             R"([0,"0.1","2","2"],[0,"2","+Inf","3.5"]]})");
}

TEST(EncodeHistogram, LeavesOutANegativeZeroBucketAlone) {
  FloatHistogram h = Exponential();
  h.zero_count = -3;
  h.positive_buckets = {-12, 0, 6};
  EXPECT_EQ(Encoded(h), R"({"count":"42","sum":"34593.34","buckets":[[1,"-1","-0.5","21"],)"
                        R"([0,"0.5","1","-12"],[0,"4","8","6"]]})");
  FloatHistogram custom;
  custom.schema = promql::kCustomBucketsSchema;
  custom.positive_spans = {{0, 1}};
  custom.positive_buckets = {-1};
  EXPECT_EQ(Encoded(custom), R"({"count":"0","sum":"0","buckets":[[3,"-Inf","+Inf","-1"]]})");
}

TEST(EncodeHistogram, WithoutBucketsHasNoSuchKey) {
  FloatHistogram h;
  h.sum = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Encoded(h), R"({"count":"0","sum":"NaN"})");
  h.count = 1e21;
  h.sum = 1e-7;
  h.positive_spans = {{0, 1}};
  h.positive_buckets = {0};
  EXPECT_EQ(Encoded(h), R"({"count":"1e+21","sum":"1e-07"})");
}

TEST(EncodeValue, AVectorHasAValueOrAHistogramForEachSeries) {
  const auto h = std::make_shared<const FloatHistogram>();
  QueryValue value;
  value.type = ValueType::kVector;
  value.grid = promql::Grid::Instant(1500);
  value.series.push_back({Labels::From({{"a", "1"}}), {7}});
  value.series.push_back({Labels::From({{"a", "2"}}), {promql::Absent()}, {h}});
  value.series.push_back({Labels::From({{"a", "3"}}), {promql::Absent()}, {nullptr}});
  EXPECT_EQ(Encoded(value),
            R"("resultType":"vector","result":[{"metric":{"a":"1"},"value":[1.500,"7"]},)"
            R"({"metric":{"a":"2"},"histogram":[1.500,{"count":"0","sum":"0"}]}])");
}

TEST(EncodeValue, AMatrixListsValuesThenHistograms) {
  const auto h = std::make_shared<const FloatHistogram>();
  QueryValue value;
  value.type = ValueType::kMatrix;
  value.grid = {0, 2000, 1000};
  const double none = promql::Absent();
  value.series.push_back({Labels::From({{"a", "mixed"}}), {1, none, 3}, {nullptr, h, nullptr}});
  value.series.push_back({Labels::From({{"a", "only"}}), {none, none, none}, {h, nullptr, h}});
  EXPECT_EQ(Encoded(value), R"("resultType":"matrix","result":[)"
                            R"({"metric":{"a":"mixed"},"values":[[0,"1"],[2,"3"]],)"
                            R"("histograms":[[1,{"count":"0","sum":"0"}]]},)"
                            R"({"metric":{"a":"only"},"histograms":[[0,{"count":"0","sum":"0"}],)"
                            R"([2,{"count":"0","sum":"0"}]]}])");
}

TEST(EncodeValue, ARangeSelectorListsItsOwnSamples) {
  const auto h = std::make_shared<const FloatHistogram>();
  QueryValue value;
  value.type = ValueType::kMatrix;
  value.points.push_back({Labels::From({{"a", "1"}}), {{1000}, {5}}, {{2000}, {h}}});
  value.points.push_back({Labels::From({{"a", "2"}}), {}, {{2000, 3001}, {h, h}}});
  EXPECT_EQ(Encoded(value),
            R"("resultType":"matrix","result":[)"
            R"({"metric":{"a":"1"},"values":[[1,"5"]],"histograms":[[2,{"count":"0","sum":"0"}]]},)"
            R"({"metric":{"a":"2"},"histograms":[[2,{"count":"0","sum":"0"}],)"
            R"([3.001,{"count":"0","sum":"0"}]]}])");
}

TEST(EncodeMatrix, ALongColumnIsWhatItsPointsAre) {
  QueryValue value;
  value.type = ValueType::kMatrix;
  value.grid = {1'000'500, 1'000'500 + 999 * 15'000, 15'000};
  std::string points;
  std::vector<double> column;
  for (size_t i = 0; i < 1000; ++i) {
    column.push_back(i % 7 == 0 ? promql::Absent() : static_cast<double>(i) / (i % 2 == 0 ? 1 : 3));
    if (promql::IsAbsent(column.back())) continue;
    if (!points.empty()) points += ',';
    points += '[';
    AppendTimestamp(value.grid.at(i), points);
    points += ",\"" + GoJsonFloat(column.back()) + "\"]";
  }
  std::string all;
  for (int i = 0; i < 40; ++i) {
    value.series.push_back({Labels::From({{"n", std::to_string(i)}}), column});
    all += (i == 0 ? "" : ",") +
           ("{\"metric\":{\"n\":\"" + std::to_string(i) + "\"},\"values\":[" + points + "]}");
  }
  EXPECT_EQ(Encoded(value), "\"resultType\":\"matrix\",\"result\":[" + all + "]");
}

TEST(EncodePoints, AreWhatTheVectorOfThemIs) {
  QueryValue value;
  value.type = ValueType::kVector;
  value.grid = promql::Grid::Instant(1'435'781'451'781);
  std::vector<PointTexts> parts;
  for (const char* region : {"ap", "eu", "us"}) {
    std::vector<promql::StepSeries> series;
    for (int i = 0; i < 30; ++i) {
      series.push_back({Labels::From({{"n", std::to_string(10 + i)}, {"region", region}}),
                        {i % 3 == 0 ? -0.0 : i / 7.0 * 1e9}});
    }
    series.push_back({Labels::From({{"q", "\"<\\\n"}, {"region", region}}), {INFINITY}});
    parts.push_back(PointTexts::Of(series));
    value.series.insert(value.series.end(), series.begin(), series.end());
  }
  std::sort(value.series.begin(), value.series.end(),
            [](const auto& a, const auto& b) { return a.labels < b.labels; });
  std::string out;
  AppendPoints(PointUnion(std::move(parts)), value.grid.start, out);
  EXPECT_EQ(out, Encoded(value));
  out.clear();
  AppendPoints(PointUnion({}), 0, out);
  EXPECT_EQ(out, R"("resultType":"vector","result":[])");
}

}  // namespace
}  // namespace synoptic::aggregator
