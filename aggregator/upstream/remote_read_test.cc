// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/remote_read.h"

#include <gtest/gtest.h>
#include <snappy.h>

#include "aggregator/upstream/read_decoder.h"
#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/series_set.h"
#include "aggregator/upstream/testing.h"
#include "base/crc32c.h"
#include "proto/remote.pb.h"

namespace synoptic::aggregator {
namespace {

const LabelRules kRules(promql::Labels::From({{"region", "eu"}}), {"region"}, {"replica"});
const promql::Labels kExternal = promql::Labels::From({{"region", "eu-west"}, {"site", "s1"}});
constexpr char kStreamed[] =
    "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
constexpr char kSamples[] = "application/x-protobuf";

std::string Frame(const std::string& payload, uint32_t checksum) {
  std::string out;
  uint64_t size = payload.size();
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(size | 0x80);
  out += static_cast<char>(size);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(checksum >> shift);
  return out + payload;
}
std::string Frame(const std::string& payload) { return Frame(payload, Crc32c(payload)); }

struct TestChunk {
  std::vector<int64_t> t;
  std::vector<double> v;
  proto::Chunk::Encoding type = proto::Chunk::XOR;
};

std::string SeriesFrame(const std::vector<std::pair<std::string, std::string>>& labels,
                        const std::vector<TestChunk>& chunks, int64_t query_index = 0) {
  proto::ChunkedReadResponse message;
  message.set_query_index(query_index);
  proto::ChunkedSeries& series = *message.add_chunked_series();
  for (const auto& [name, value] : labels) {
    proto::Label& label = *series.add_labels();
    label.set_name(name);
    label.set_value(value);
  }
  for (const TestChunk& chunk : chunks) {
    proto::Chunk& out = *series.add_chunks();
    out.set_min_time_ms(chunk.t.front());
    out.set_max_time_ms(chunk.t.back());
    out.set_type(chunk.type);
    out.set_data(promql::EncodeXor(chunk.t.data(), chunk.v.data(), chunk.t.size()));
  }
  return Frame(message.SerializeAsString());
}

std::string Read(std::string_view body, const char* type, size_t piece = std::string_view::npos,
                 int64_t limit = 0) {
  MemoryBudget budget("query memory", limit);
  std::string out;
  {
    ReadDecoder decoder(kRules, kExternal, &budget, 1 << 20);
    const absl::Status status = FeedAll(decoder, body, type, 200, piece);
    if (!status.ok()) {
      out = ReasonOf(status) + ": " + std::string(MessageOf(status));
    } else {
      RawAnswer answer;
      decoder.Take(answer);
      out = ToText(answer.series);
      EXPECT_EQ(budget.used(), answer.info.charged_bytes);
      budget.Release(answer.info.charged_bytes);
    }
  }
  EXPECT_EQ(budget.used(), 0);
  return out;
}

const std::string kTwoFrames =
    SeriesFrame({{"__name__", "up"}, {"region", "eu-west"}, {"site", "s1"}},
                {{{1000, 2000}, {1, 2}}, {{3000}, {promql::StaleNaN()}}}) +
    SeriesFrame({{"__name__", "up"}, {"region", "other"}, {"replica", "a"}, {"site", "s2"}},
                {{{1500}, {7}}});
constexpr char kTwoFramesText[] =
    "up{exported_region=\"other\", region=\"eu\", site=\"s2\"} 7@1500\n"
    "up{region=\"eu\"} 1@1000 2@2000 stale@3000\n";

TEST(StreamedRead, KeepsChunksAndAppliesLabelRules) {
  EXPECT_EQ(Read(kTwoFrames, kStreamed), kTwoFramesText);
  EXPECT_EQ(Read("", kStreamed), "") << "no frame is no series";
}

TEST(StreamedRead, IsTheSameHoweverTheBodyIsCut) {
  for (size_t piece = 1; piece < kTwoFrames.size(); ++piece) {
    ASSERT_EQ(Read(kTwoFrames, kStreamed, piece), kTwoFramesText) << piece;
  }
}

TEST(StreamedRead, RefusesEveryTruncationInsideAFrame) {
  const size_t first = SeriesFrame({{"__name__", "up"}, {"region", "eu-west"}, {"site", "s1"}},
                                   {{{1000, 2000}, {1, 2}}, {{3000}, {promql::StaleNaN()}}})
                           .size();
  for (size_t size = 1; size < kTwoFrames.size(); ++size) {
    if (size == first) continue;
    ASSERT_TRUE(
        Read(kTwoFrames.substr(0, size), kStreamed).starts_with("bad_response: the body ends"))
        << size;
  }
}

TEST(StreamedRead, JoinsASeriesThatComesInSeveralFrames) {
  const std::vector<std::pair<std::string, std::string>> labels = {{"a", "b"}};
  EXPECT_EQ(
      Read(SeriesFrame(labels, {{{1, 2}, {1, 2}}}) + SeriesFrame(labels, {{{3}, {3}}}), kStreamed),
      "{a=\"b\", region=\"eu\"} 1@1 2@2 3@3\n");
}

TEST(StreamedRead, MergesChunksThatOverlap) {
  EXPECT_EQ(Read(SeriesFrame({{"a", "b"}}, {{{1, 3, 5}, {1, 3, 5}}, {{2, 3, 9}, {20, 30, 90}}}),
                 kStreamed),
            "{a=\"b\", region=\"eu\"} 1@1 20@2 3@3 5@5 90@9\n");
}

TEST(StreamedRead, FillsOnlyGapsFromAnotherReplica) {
  std::vector<int64_t> t;
  std::vector<double> v;
  for (int64_t i = 0; i < 10; ++i) {
    if (i >= 4 && i <= 6) continue;  // the gap
    t.push_back(i * 1000);
    v.push_back(static_cast<double>(i));
  }
  const std::string a = SeriesFrame({{"replica", "a"}}, {{t, v}});
  const std::string b =
      SeriesFrame({{"replica", "b"}}, {{{300, 4300, 5300, 8300}, {-1, -2, -3, -4}}});
  const std::string expected =
      "{region=\"eu\"} 0@0 1@1000 2@2000 3@3000 -2@4300 -3@5300 7@7000 "
      "8@8000 9@9000\n";
  EXPECT_EQ(Read(a + b, kStreamed), expected);
  EXPECT_EQ(Read(b + a, kStreamed), expected) << "whatever the order";
}

TEST(StreamedRead, KeepsHistogramChunksCompressed) {
  ReadDecoder decoder(kRules, kExternal, nullptr, 1 << 20);
  ASSERT_TRUE(FeedAll(decoder,
                      SeriesFrame({{"a", "b"}}, {{{1, 2}, {1, 2}},
                                                 {{3}, {3}, proto::Chunk::HISTOGRAM},
                                                 {{4}, {4}, proto::Chunk::FLOAT_HISTOGRAM_ST}}),
                      kStreamed)
                  .ok());
  RawAnswer answer;
  decoder.Take(answer);
  const auto& chunks = std::get<std::vector<promql::Chunk>>(answer.series.at(0).data);
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[1].encoding, promql::ChunkEncoding::kHistogram);
  EXPECT_EQ(chunks[2].encoding, promql::ChunkEncoding::kFloatHistogramSt);
}

TEST(StreamedRead, RefusesHostileFrames) {
  const std::string good = SeriesFrame({{"a", "b"}}, {{{1}, {1}}});
  std::string flipped = good;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_EQ(Read(flipped, kStreamed), "bad_response: frame 0: checksum mismatch");
  EXPECT_EQ(Read(good + Frame("payload", 1), kStreamed),
            "bad_response: frame 1: checksum mismatch");
  EXPECT_EQ(Read(Frame(""), kStreamed), "bad_response: frame 0 is empty");
  // A length of 2^63.
  EXPECT_EQ(Read(std::string(9, '\x80') + "\x01" + "abcdefgh", kStreamed),
            "too_large: frame 0 of 9223372036854775808 bytes: limit is 16777216");
  EXPECT_EQ(Read(std::string(12, '\xff'), kStreamed), "bad_response: frame 0: malformed length");
  EXPECT_EQ(Read(Frame("\x08"), kStreamed), "bad_response: malformed protobuf");
  EXPECT_EQ(Read(Frame(std::string("\x0a\xff\xff\xff\xff\x0f", 6)), kStreamed),
            "bad_response: malformed protobuf");
  EXPECT_EQ(Read(Frame("\x0b"), kStreamed), "bad_response: malformed protobuf") << "groups";
  EXPECT_EQ(Read(Frame(std::string("\x08\x05", 2)), kStreamed), "bad_response: malformed protobuf")
      << "a number where a message belongs";
  EXPECT_EQ(Read(SeriesFrame({{"a", "b"}}, {{{1}, {1}}}, 1), kStreamed),
            "bad_response: an answer to query 1: asked one");
  EXPECT_EQ(Read(SeriesFrame({{"a", "b"}, {"a", "c"}}, {}), kStreamed),
            "bad_response: label \"a\" is given twice in one series");
  EXPECT_EQ(Read(SeriesFrame({{"", "b"}}, {}), kStreamed),
            "bad_response: a label name of 0 bytes: expected 1 to 1024");
  EXPECT_EQ(Read(kTwoFrames, "text/html"),
            "bad_response: content type \"text/html\": expected application/x-streamed-protobuf or "
            "application/x-protobuf");
}

TEST(StreamedRead, ClaimedLengthsDoNotAllocate) {
  // A frame that claims 16 MiB and sends little: charged for what came.
  const std::string head = Frame(std::string(16 << 20, 'x')).substr(0, 1000);
  EXPECT_EQ(Read(head, kStreamed, 100, 128 << 10), "bad_response: the body ends inside frame 0");
}

TEST(StreamedRead, StopsAtTheBudget) {
  std::string body;
  for (int i = 0; i < 2000; ++i) {
    body += SeriesFrame({{"i", std::to_string(i)}}, {{{1, 2, 3}, {1, 2, 3}}});
  }
  EXPECT_TRUE(Read(body, kStreamed, 4096, 64 << 10).starts_with("too_large: "));
}

TEST(StreamedRead, SaysWhenChunksAreOfANewerEncoding) {
  ReadDecoder decoder(kRules, kExternal, nullptr, 1 << 20);
  const absl::Status status = FeedAll(
      decoder, SeriesFrame({{"a", "b"}}, {{{1}, {1}, static_cast<proto::Chunk::Encoding>(7)}}),
      kStreamed);
  EXPECT_TRUE(absl::IsUnimplemented(status));
  EXPECT_TRUE(decoder.unknown_encoding());
}

std::string Compressed(const proto::ReadResponse& response) {
  const std::string plain = response.SerializeAsString();
  std::string out;
  snappy::Compress(plain.data(), plain.size(), &out);
  return out;
}

proto::TimeSeries& AddSeries(proto::ReadResponse& response, const std::string& value,
                             const std::vector<std::pair<int64_t, double>>& samples) {
  if (response.results_size() == 0) response.add_results();
  proto::TimeSeries& series = *response.mutable_results(0)->add_timeseries();
  proto::Label& label = *series.add_labels();
  label.set_name("a");
  label.set_value(value);
  for (const auto& [t, v] : samples) {
    proto::Sample& sample = *series.add_samples();
    sample.set_timestamp(t);
    sample.set_value(v);
  }
  return series;
}

TEST(SamplesRead, DecodesIntoColumns) {
  proto::ReadResponse response;
  AddSeries(response, "2", {{-5, 1.5}, {0, 0}, {7, promql::StaleNaN()}});
  AddSeries(response, "1", {{1, 1}});
  const std::string expected =
      "{a=\"1\", region=\"eu\"} 1@1\n{a=\"2\", region=\"eu\"} 1.5@-5 0@0 stale@7\n";
  const std::string body = Compressed(response);
  for (size_t piece = 1; piece <= body.size(); ++piece) {
    ASSERT_EQ(Read(body, kSamples, piece), expected);
  }
}

TEST(SamplesRead, KeepsHistogramsBesideFloats) {
  proto::ReadResponse response;
  proto::TimeSeries& series = AddSeries(response, "1", {{10, 1}, {40, 4}});
  for (const int64_t t : {20, 30}) {
    proto::Histogram& histogram = *series.add_histograms();
    histogram.set_timestamp(t);
    histogram.set_count_int(static_cast<uint64_t>(t));
    histogram.set_zero_count_int(0);
  }
  MemoryBudget budget("query memory", 0);
  ReadDecoder decoder(kRules, kExternal, &budget, 1 << 20);
  ASSERT_TRUE(FeedAll(decoder, Compressed(response), kSamples).ok());
  RawAnswer answer;
  decoder.Take(answer);
  ASSERT_EQ(answer.series.size(), 1u);
  const promql::RawSeries& one = answer.series[0];
  EXPECT_EQ(std::get<promql::SampleColumns>(one.data).t, (std::vector<int64_t>{10, 40}));
  EXPECT_EQ(one.histograms.t, (std::vector<int64_t>{20, 30}));
  EXPECT_EQ(one.histograms.h[1]->count, 30);
  EXPECT_GE(answer.info.charged_bytes, HeldBytes(one));
}

TEST(SamplesRead, ChargesHistogramsBeforeTheyAreKept) {
  proto::ReadResponse response;
  proto::TimeSeries& series = AddSeries(response, "1", {});
  for (int64_t t = 0; t < 200; ++t) {
    proto::Histogram& histogram = *series.add_histograms();
    histogram.set_timestamp(t);
    histogram.add_positive_spans()->set_length(1000);
    for (int i = 0; i < 1000; ++i) histogram.add_positive_deltas(0);
  }
  EXPECT_TRUE(Read(Compressed(response), kSamples, 4096, 512 << 10).starts_with("too_large: "));
}

TEST(SamplesRead, RefusesHostileBodies) {
  // Claims 2^32-1 bytes in six.
  EXPECT_EQ(Read(std::string("\xff\xff\xff\xff\x0f\x00", 6), kSamples),
            "too_large: a snappy block of 6 bytes claims to hold 4294967295: limit is 196");
  EXPECT_EQ(Read("", kSamples), "bad_response: malformed snappy block");
  EXPECT_EQ(Read(std::string("\x00", 1), kSamples), "bad_response: no result: asked one query");
  std::string plain(64, '\x0b');
  std::string garbage;
  snappy::Compress(plain.data(), plain.size(), &garbage);
  EXPECT_EQ(Read(garbage, kSamples), "bad_response: malformed protobuf");
  proto::ReadResponse two;
  two.add_results();
  two.add_results();
  EXPECT_EQ(Read(Compressed(two), kSamples), "bad_response: more than one result: asked one query");
  proto::ReadResponse falling;
  AddSeries(falling, "1", {{2, 1}, {1, 1}});
  EXPECT_EQ(
      Read(Compressed(falling), kSamples),
      "bad_response: series {a=\"1\", region=\"eu\"}: time 1 follows 2: expected rising times");
  proto::ReadResponse backwards;
  proto::TimeSeries& series = AddSeries(backwards, "1", {});
  for (const int64_t t : {2, 2}) series.add_histograms()->set_timestamp(t);
  EXPECT_EQ(
      Read(Compressed(backwards), kSamples),
      "bad_response: series {a=\"1\", region=\"eu\"}: time 2 follows 2: expected rising times");
  proto::ReadResponse histogram;
  AddSeries(histogram, "1", {}).add_histograms()->set_schema(99);
  EXPECT_TRUE(Read(Compressed(histogram), kSamples)
                  .starts_with("bad_response: series {a=\"1\", region=\"eu\"}: histogram has an "
                               "invalid schema"));
  std::string large(2 << 20, 'x');
  std::string bomb;
  snappy::Compress(large.data(), large.size(), &bomb);
  EXPECT_TRUE(Read(bomb, kSamples).starts_with("too_large: ")) << "over the response's limit";
}

TEST(ReadRequest, SaysWhatPrometheusExpects) {
  RawRequest request;
  request.matchers = {promql::Matcher::Create(promql::MatchOp::kEqual, "__name__", "up").value(),
                      promql::Matcher::Create(promql::MatchOp::kNotRegex, "job", "a|b").value()};
  request.min_t = -5;
  request.max_t = 1000;
  request.hint_func = "rate";
  request.hint_step_ms = 15'000;
  request.hint_range_ms = 60'000;
  std::string plain;
  const std::string body = EncodeReadRequest(request, true);
  ASSERT_TRUE(snappy::Uncompress(body.data(), body.size(), &plain));
  proto::ReadRequest message;
  ASSERT_TRUE(message.ParseFromString(plain));
  ASSERT_EQ(message.queries_size(), 1);
  const proto::Query& query = message.queries(0);
  EXPECT_EQ(query.start_timestamp_ms(), -5);
  EXPECT_EQ(query.end_timestamp_ms(), 1000);
  ASSERT_EQ(query.matchers_size(), 2);
  EXPECT_EQ(query.matchers(1).type(), proto::LabelMatcher::NRE);
  EXPECT_EQ(query.matchers(1).name(), "job");
  EXPECT_EQ(query.matchers(1).value(), "a|b");
  EXPECT_EQ(query.hints().func(), "rate");
  EXPECT_EQ(query.hints().range_ms(), 60'000);
  ASSERT_EQ(message.accepted_response_types_size(), 2);
  EXPECT_EQ(message.accepted_response_types(0), proto::ReadRequest::STREAMED_XOR_CHUNKS);
}

}  // namespace
}  // namespace synoptic::aggregator
