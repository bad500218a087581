// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Native histograms are read from chunks as rows where they have the same buckets. The same samples
// given as objects go the long way: answers and notes are equal to the last bit.
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "promql/eval/eval_test_support.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::promql {
namespace {

using Random = std::mt19937_64;

// How the histograms of a series look; most series of a world have the same.
FloatHistogram Shape(Random& random) {
  FloatHistogram h;
  switch (random() % 4) {
    case 0:
      h.schema = kCustomBucketsSchema;
      h.custom_values = {1, 2, 5};
      h.positive_spans = {{0, 4}};
      break;
    case 1:
      h.schema = 1;
      h.zero_threshold = 0.001;
      h.positive_spans = {{0, 2}, {1, 2}};
      h.negative_spans = {{-1, 3}};
      break;
    case 2:
      h.zero_threshold = 4;  // over the first buckets: no regular layout
      h.positive_spans = {{0, 6}};
      break;
    default:
      h.schema = 3;
      h.positive_spans = {{-2, 11}};
      break;
  }
  for (const HistogramSpan& span : h.positive_spans) {
    h.positive_buckets.resize(h.positive_buckets.size() + span.length);
  }
  for (const HistogramSpan& span : h.negative_spans) {
    h.negative_buckets.resize(h.negative_buckets.size() + span.length);
  }
  return h;
}

void Observe(Random& random, double size, FloatHistogram& h) {
  const auto grow = [&](double& count) {
    const double more = random() % 3 == 0 ? 0 : static_cast<double>(random() % 100) * size;
    count += more;
    h.count += more;
  };
  for (double& count : h.positive_buckets) grow(count);
  for (double& count : h.negative_buckets) grow(count);
  if (!h.UsesCustomBuckets()) grow(h.zero_count);
  h.sum += static_cast<double>(random() % 1000) / 7;
}

RawSeries MakeSeries(Random& random, FloatHistogram h, const std::string& name) {
  RawSeries series;
  series.labels =
      Labels::From({{"__name__", "m"}, {"g", std::to_string(random() % 2)}, {"i", name}});
  const double size = random() % 10 == 0 ? 1e290 : 1;
  const uint64_t rare = random() % 3 == 0 ? 20 : 1'000'000;  // resets, gaps, stale markers
  h.hint = random() % 8 == 0 ? CounterResetHint::kGauge : CounterResetHint::kUnknown;
  const bool integers = size == 1 && random() % 2 == 0;
  HistogramWriter<FloatHistogram> float_writer(false);
  HistogramWriter<IntegerHistogram> integer_writer(false);
  const FloatHistogram empty = h;
  const int64_t period = random() % 3 == 0 ? 150'000 : 15'000;
  for (int64_t t = static_cast<int64_t>(random() % 20'000); t < 3'600'000; t += period) {
    Observe(random, size, h);
    if (random() % rare == 0) h = empty;
    if (random() % rare == 0) t += 400'000;
    FloatHistogram sample = h;
    if (random() % rare == 0) sample.sum = StaleNaN();
    const bool cut = random() % 40 == 0;
    if (integers) {
      integer_writer.Append(t, ToInteger(sample).value());
      if (cut) integer_writer.Cut();
    } else {
      float_writer.Append(t, sample);
      if (cut) float_writer.Cut();
    }
  }
  auto& chunks = series.data.emplace<std::vector<Chunk>>();
  for (EncodedChunk& chunk : integers ? integer_writer.Take() : float_writer.Take()) {
    const auto bytes = std::make_shared<const std::string>(std::move(chunk.bytes));
    chunks.push_back({chunk.min_t, chunk.max_t, chunk.encoding, *bytes, bytes});
  }
  return series;
}

std::vector<RawSeries> World(Random& random) {
  std::vector<RawSeries> all;
  const FloatHistogram usual = Shape(random);
  const size_t count = 1 + random() % 6;
  for (size_t i = 0; i < count; ++i) {
    const FloatHistogram shape = random() % 6 == 0 ? Shape(random) : usual;
    all.push_back(MakeSeries(random, shape, std::to_string(i)));
    if (random() % 12 == 0) {
      RawSeries floats;
      floats.labels = Labels::From({{"__name__", "m"}, {"g", "0"}, {"i", std::to_string(i) + "f"}});
      auto& columns = floats.data.emplace<SampleColumns>();
      for (int64_t t = 0; t < 3'000'000; t += 60'000) columns.push_back(t, 1);
      all.push_back(std::move(floats));
    }
  }
  return all;
}

std::vector<RawSeries> AsObjects(const std::vector<RawSeries>& chunks) {
  std::vector<RawSeries> all;
  for (const RawSeries& from : chunks) {
    RawSeries& to = all.emplace_back(RawSeries{from.labels, SampleColumns(), {}});
    EXPECT_TRUE(
        ReadSamples(from, INT64_MIN, INT64_MAX, std::get<SampleColumns>(to.data), &to.histograms)
            .ok());
  }
  return all;
}

class DenseHistogramsTest : public testing::TestWithParam<int> {};

TEST_P(DenseHistogramsTest, RowsAnswerAsObjectsDo) {
  Random random(static_cast<uint64_t>(GetParam()));  // NOLINT: the same worlds in every run
  const std::vector<RawSeries> chunks = World(random);
  const std::vector<RawSeries> objects = AsObjects(chunks);
  for (const char* query : {
           "m",
           "m @ 1800",
           "sum(m)",
           "avg(m)",
           "sum by (g) (m)",
           "count(m)",
           "rate(m[5m])",
           "sum(rate(m[5m]))",
           "sum(rate(m[1m]))",
           "avg by (g) (rate(m[10m] offset 3m))",
           "sum(increase(m[5m]))",
           "sum(delta(m[5m]))",
           "histogram_count(m)",
           "histogram_sum(sum(m))",
           "histogram_count(rate(m[5m]))",
           "histogram_count(sum by (g) (rate(m[5m])))",
           "histogram_avg(avg(increase(m[15s])))",
           "histogram_count(sum(rate(m[5m]))) / histogram_sum(sum(rate(m[5m])))",
           "histogram_quantile(0.9, sum(rate(m[5m])))",
           "histogram_quantile(0.9, rate(m[5m]))",
           "count_values(\"v\", rate(m[5m] @ 1800))",
           "rate(m[5m]) == on (i) rate(m[5m])",
           "sum_over_time(m[10m])",
           "sum_over_time(sum(rate(m[5m]))[20m:1m])",
       }) {
    for (const int64_t step : {30'000, 60'000, 420'000}) {
      EvalOptions options;
      options.grid = {0, 3'900'000, step};
      options.range_query = true;
      const auto dense = eval_test::RunQuery(chunks, query, options);
      const auto plain = eval_test::RunQuery(objects, query, options);
      ASSERT_EQ(dense.status(), plain.status()) << query;
      if (!plain.ok()) continue;
      EXPECT_EQ(eval_test::Text(*dense), eval_test::Text(*plain)) << query << " step " << step;
      EXPECT_EQ(dense->stats.samples_read, plain->stats.samples_read) << query << " step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Worlds, DenseHistogramsTest, testing::Range(0, 30));

}  // namespace
}  // namespace synoptic::promql
