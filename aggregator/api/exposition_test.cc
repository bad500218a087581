// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/exposition.h"

#include <gtest/gtest.h>

#include <limits>

#include "proto/metrics.pb.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;

ExposedSample Sample(std::vector<std::pair<std::string, std::string>> labels, double v) {
  return {Labels::From(std::move(labels)), 1500, v, nullptr};
}

ExposedSample Histogram(std::string name, bool custom) {
  auto h = std::make_shared<promql::FloatHistogram>();
  h->count = 6;
  h->sum = 7.5;
  h->positive_spans = {{0, 1}, {1, 1}};
  h->positive_buckets = {2, 3};
  if (custom) {
    h->schema = promql::kCustomBucketsSchema;
    h->custom_values = {0.5, 1, 2};
  }
  return {Labels::From({{"__name__", std::move(name)}}), 1500, 0, h};
}

TEST(Exposition, IsTextByName) {
  ExpositionFormat format;
  EXPECT_EQ(
      Expose({Sample({{"__name__", "b"}, {"x", "q\"\\\n"}}, 1e6),
              Sample({{"__name__", "a"}, {"instance", "i"}}, -0.0), Sample({{"no", "name"}}, 1),
              Sample({{"__name__", "b"}}, std::numeric_limits<double>::infinity())},
             Labels(), format),
      "# TYPE a untyped\n"
      "a{instance=\"i\"} 0 1500\n"
      "# TYPE b untyped\n"
      "b{instance=\"\"} +Inf 1500\n"
      "b{x=\"q\\\"\\\\\\n\",instance=\"\"} 1e+06 1500\n");
}

TEST(Exposition, AddsExternalLabelsWhereThereAreNone) {
  EXPECT_EQ(Expose({Sample({{"__name__", "a"}, {"zone", "own"}}, 1)},
                   Labels::From({{"cluster", "c"}, {"zone", "z"}}), {}),
            "# TYPE a untyped\n"
            "a{zone=\"own\",cluster=\"c\",instance=\"\"} 1 1500\n");
}

TEST(Exposition, EscapesNames) {
  const auto expose = [](NameEscaping escaping) {
    return Expose({Sample({{"__name__", "http.status_code"}, {"a b", "v"}}, 1)}, Labels(),
                  {.protobuf = false, .escaping = escaping});
  };
  EXPECT_EQ(expose(NameEscaping::kAllowUtf8),
            "# TYPE \"http.status_code\" untyped\n"
            "{\"http.status_code\",\"a b\"=\"v\",instance=\"\"} 1 1500\n");
  EXPECT_EQ(expose(NameEscaping::kUnderscores),
            "# TYPE http_status_code untyped\nhttp_status_code{a_b=\"v\",instance=\"\"} 1 1500\n");
  EXPECT_EQ(expose(NameEscaping::kDots),
            "# TYPE http_dot_status__code untyped\n"
            "http_dot_status__code{a__b=\"v\",instance=\"\"} 1 1500\n");
  EXPECT_EQ(expose(NameEscaping::kValues),
            "# TYPE U__http_2e_status__code untyped\n"
            "U__http_2e_status__code{U__a_20_b=\"v\",instance=\"\"} 1 1500\n");
}

TEST(Exposition, TextHasClassicHistogramsOnly) {
  EXPECT_EQ(Expose({Histogram("native", false), Histogram("nhcb", true)}, Labels(), {}),
            "# TYPE nhcb histogram\n"
            "nhcb_bucket{instance=\"\",le=\"0.5\"} 2 1500\n"
            "nhcb_bucket{instance=\"\",le=\"1\"} 2 1500\n"
            "nhcb_bucket{instance=\"\",le=\"2\"} 5 1500\n"
            "nhcb_bucket{instance=\"\",le=\"+Inf\"} 6 1500\n"
            "nhcb_sum{instance=\"\"} 7.5 1500\n"
            "nhcb_count{instance=\"\"} 6 1500\n");
}

TEST(Exposition, ProtobufHasNativeOnesToo) {
  const std::string out = Expose({Histogram("native", false), Sample({{"__name__", "x"}}, 3)},
                                 Labels(), {.protobuf = true});
  ASSERT_GT(out.size(), 2u);
  const auto size = static_cast<size_t>(out[0]);  // below 128: one byte
  proto::MetricFamily family;
  ASSERT_TRUE(family.ParseFromString(out.substr(1, size)));
  EXPECT_EQ(family.name(), "native");
  EXPECT_EQ(family.type(), proto::HISTOGRAM);
  EXPECT_EQ(family.metric(0).histogram().positive_count_size(), 2);
  EXPECT_EQ(family.metric(0).histogram().sample_count_float(), 6);
  ASSERT_TRUE(family.ParseFromString(out.substr(2 + size)));
  EXPECT_EQ(family.type(), proto::UNTYPED);
  EXPECT_EQ(family.metric(0).untyped().value(), 3);
  EXPECT_EQ(family.metric(0).timestamp_ms(), 1500);
}

TEST(Exposition, IsChosenByTheAcceptHeader) {
  const char kProtobuf[] =
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
  EXPECT_FALSE(NegotiateExposition("").protobuf);
  EXPECT_FALSE(NegotiateExposition("*/*").protobuf);
  EXPECT_TRUE(NegotiateExposition(kProtobuf).protobuf);
  EXPECT_FALSE(NegotiateExposition(std::string(kProtobuf) + ";q=0.1, text/plain;q=0.5").protobuf);
  EXPECT_TRUE(NegotiateExposition("application/openmetrics-text;q=0.9, " + std::string(kProtobuf) +
                                  ";q=0.5,text/plain;version=0.0.4;q=0.3")
                  .protobuf);
  EXPECT_EQ(NegotiateExposition("text/plain;escaping=allow-utf-8").ContentType(),
            "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8");
  EXPECT_EQ(NegotiateExposition("text/plain;escaping=what").ContentType(),
            "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
}

}  // namespace
}  // namespace synoptic::aggregator
