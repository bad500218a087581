// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Bytes that a real Prometheus 2.42 answered, in all forms of one question: series `up` and
// `reqs_total` of 15 minutes, external labels {on="yes", region="eu-west-1", replica="a"}.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "aggregator/upstream/query_decoder.h"
#include "aggregator/upstream/read_decoder.h"
#include "aggregator/upstream/testing.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kEnd = 1'700'000'900'000;

std::string File(const std::string& name) {
  std::ifstream in("aggregator/upstream/testdata/prometheus_2.42_" + name, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  EXPECT_FALSE(out.str().empty()) << name;
  return out.str();
}

const LabelRules& Rules() {
  static const LabelRules rules(promql::Labels::From({{"region", "eu"}}), {"region"}, {"replica"});
  return rules;
}

// Trimmed to the time asked for: chunks hold more.
std::string Trimmed(const RawAnswer& answer) {
  std::vector<promql::RawSeries> trimmed;
  for (const promql::RawSeries& series : answer.series) {
    promql::SampleColumns samples;
    EXPECT_TRUE(promql::ReadSamples(series, kStart, kEnd, samples).ok());
    trimmed.push_back({series.labels, samples});
  }
  return ToText(trimmed);
}

std::string Read(const std::string& file, const char* type, size_t piece) {
  const promql::Labels external =
      promql::Labels::From({{"on", "yes"}, {"region", "eu-west-1"}, {"replica", "a"}});
  ReadDecoder decoder(Rules(), external, nullptr, 1 << 20);
  EXPECT_TRUE(FeedAll(decoder, File(file), type, 200, piece).ok());
  RawAnswer answer;
  decoder.Take(answer);
  return Trimmed(answer);
}

TEST(Golden, AllFormsOfARawReadAgree) {
  MatrixDecoder decoder(Rules(), nullptr);
  ASSERT_TRUE(FeedAll(decoder, File("range_selector.json")).ok());
  RawAnswer answer;
  decoder.Take(answer);
  const std::string expected = Trimmed(answer);
  EXPECT_TRUE(expected.starts_with(
      "reqs_total{path=\"/é\", region=\"eu\"} 0@1700000000000 1@1700000015000 "))
      << expected;
  EXPECT_NE(expected.find("\nup{exported_region=\"inner\", job=\"api\", region=\"eu\"} "),
            std::string::npos);
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{4096}}) {
    EXPECT_EQ(Read("streamed.bin", "application/x-streamed-protobuf; proto=x", piece), expected);
    EXPECT_EQ(Read("samples.bin", "application/x-protobuf", piece), expected);
  }
}

TEST(Golden, StepsLieOnTheGrid) {
  StepDecoder decoder({kStart, kEnd, 30'000}, false, Rules(), nullptr);
  ASSERT_TRUE(FeedAll(decoder, File("query_range.json")).ok());
  StepAnswer answer;
  decoder.Take(answer);
  ASSERT_EQ(answer.series.size(), 3u);
  EXPECT_EQ(answer.series[0].labels.ToString(), "reqs_total{path=\"/é\", region=\"eu\"}");
  EXPECT_EQ(answer.series[0].values[2], 16);
  EXPECT_EQ(answer.series[2].labels.Get("job"), "db \"x\"\\");
  EXPECT_TRUE(promql::IsAbsent(answer.series[2].values[0]));
}

}  // namespace
}  // namespace synoptic::aggregator
