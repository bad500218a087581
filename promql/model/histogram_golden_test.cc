// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Histograms and chunks against the recordings of tests/compat/histograms, bit by bit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cstdlib>
#include <fstream>

#include "base/strings.h"
#include "promql/model/chunk.h"
#include "promql/model/classic_histogram.h"
#include "promql/model/histogram_math.h"
#include "promql/model/histogram_writer.h"

namespace synoptic::promql {
namespace {

std::ifstream Recording() {
  const char* const larger = std::getenv("SYNOPTIC_HISTOGRAMS");
  return std::ifstream(larger != nullptr ? larger : "tests/compat/histograms/golden.txt");
}

template <class T>
T Number(std::string_view text, int base = 10) {
  T number{};
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}
int ToInt(std::string_view text) { return Number<int>(text); }

std::vector<std::string_view> List(std::string_view text, char separator = ',') {
  return text.empty() ? std::vector<std::string_view>() : Split(text, separator);
}

double FromBits(std::string_view text) { return std::bit_cast<double>(Number<uint64_t>(text, 16)); }

std::vector<double> Floats(std::string_view text) {
  std::vector<double> values;
  for (const std::string_view part : List(text)) values.push_back(FromBits(part));
  return values;
}

std::vector<HistogramSpan> Spans(std::string_view text) {
  std::vector<HistogramSpan> spans;
  for (const std::string_view part : List(text)) {
    const auto pair = Split(part, ':');
    spans.push_back({Number<int32_t>(pair[0]), Number<uint32_t>(pair[1])});
  }
  return spans;
}

FloatHistogram Parse(std::string_view text) {
  const auto fields = Split(text, '|');
  const std::vector<double> numbers = Floats(fields[2]);
  return {Number<int32_t>(fields[0]),
          numbers[0],
          numbers[1],
          numbers[2],
          numbers[3],
          Spans(fields[3]),
          Spans(fields[4]),
          Floats(fields[5]),
          Floats(fields[6]),
          Floats(fields[7]),
          static_cast<CounterResetHint>(ToInt(fields[1]))};
}

// All NaNs but the stale one look alike: which NaN comes of two is the processor's choice.
std::string Bits(double v) {
  if (v != v && !IsStaleNaN(v)) v = NormalNaN();
  return fmt::format("{:x}", std::bit_cast<uint64_t>(v));
}

std::string Bits(const std::vector<double>& values) {
  std::vector<std::string> parts;
  for (const double v : values) parts.push_back(Bits(v));
  return Join(parts, ",");
}

std::string Text(const std::vector<HistogramSpan>& spans) {
  std::vector<std::string> parts;
  for (const HistogramSpan& s : spans) parts.push_back(fmt::format("{}:{}", s.offset, s.length));
  return Join(parts, ",");
}

std::string Text(const FloatHistogram& h) {
  return fmt::format("{}|{}|{}|{}|{}|{}|{}|{}", h.schema, static_cast<int>(h.hint),
                     Bits({h.zero_threshold, h.zero_count, h.count, h.sum}), Text(h.positive_spans),
                     Text(h.negative_spans), Bits(h.positive_buckets), Bits(h.negative_buckets),
                     Bits(h.custom_values));
}
// The recording's text with NaNs alike.
std::string Text(std::string_view recorded) {
  return recorded.find('|') == std::string_view::npos ? std::string(recorded)
                                                      : Text(Parse(recorded));
}

std::string Flags(const HistogramOutcome& outcome) {
  return fmt::format("{:d}{:d}", outcome.counter_reset_collision, outcome.bounds_reconciled);
}

class Operations {
 public:
  void Define(const std::vector<std::string_view>& line) { all_.push_back(Parse(line[2])); }

  // What a recorded line should say behind its operands, and how many those are.
  std::pair<std::string, size_t> Run(const std::vector<std::string_view>& line) {
    const std::string_view name = line[0];
    if (name == "kahan") return {Kahan(line[1]), 1};
    FloatHistogram h = Named(line[1]);
    if (name == "add" || name == "sub") return {AddOrSubtract(h, line), 2};
    if (name == "mul") Multiply(h, FromBits(line[2]));
    if (name == "div") Divide(h, FromBits(line[2]));
    if (name == "compact") Compact(h, ToInt(line[2]));
    if (name == "copy") h = CopyToSchema(h, ToInt(line[2]));
    if (name == "reduce" && !ReduceResolution(h, ToInt(line[2])).ok()) return {"error", 2};
    if (name == "reset") return {fmt::format("{:d}", DetectReset(h, Named(line[2]))), 2};
    if (name == "equal") return {fmt::format("{:d}", Equal(h, Parse(line[2]))), 2};
    if (name == "facts") return {fmt::format("{} {:d}", SizeInSamples(h), HasOverflow(h)), 1};
    if (name == "trim") {
      TrimBuckets(h, FromBits(line[2]), line[3] == "1");
      return {Text(h), 3};
    }
    return {Text(h), 2};
  }

 private:
  const FloatHistogram& Named(std::string_view id) const {
    return all_.at(static_cast<size_t>(ToInt(id)));
  }
  std::string AddOrSubtract(FloatHistogram& h, const std::vector<std::string_view>& line) {
    const auto outcome = line[0] == "add" ? Add(h, Named(line[2])) : Subtract(h, Named(line[2]));
    return outcome.ok() ? Text(h) + " " + Flags(*outcome) : "error";
  }
  std::string Kahan(std::string_view ids) {
    const auto list = Split(ids, ',');
    FloatHistogram sum = Named(list[0]);
    std::optional<FloatHistogram> c;
    std::string seen;
    for (size_t i = 1; i < list.size(); ++i) {
      const auto outcome = KahanAdd(sum, Named(list[i]), c);
      seen += outcome.ok() ? Flags(*outcome) : "e";
    }
    return fmt::format("{} {} {}", Text(sum), c.has_value() ? Text(*c) : "-", seen);
  }

  std::vector<FloatHistogram> all_;
};

TEST(RecordedHistograms, OperationsGiveWhatPrometheusGives) {
  std::ifstream in = Recording();
  Operations operations;
  size_t cases = 0;
  for (std::string line; std::getline(in, line);) {
    const auto fields = Split(line, ' ');
    if (fields[0] == "h") {
      operations.Define(fields);
      continue;
    }
    if (fields[0] == "series") break;
    const auto [got, operands] = operations.Run(fields);
    std::vector<std::string> want;
    for (size_t i = operands + 1; i < fields.size(); ++i) want.push_back(Text(fields[i]));
    ASSERT_EQ(got, Join(want, " ")) << line.substr(0, 200);
    ++cases;
  }
  EXPECT_GE(cases, 700u);
}

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(Number<int>(hex.substr(i, 2), 16));
  }
  return bytes;
}

struct Recorded {
  ChunkEncoding encoding;
  size_t cut;
  std::vector<std::vector<std::string>> samples;  // t, start, histogram or value
  std::vector<std::string> chunks;
  std::vector<std::vector<std::vector<std::string>>> read;  // per chunk
};

std::vector<Recorded> RecordedSeries() {
  std::ifstream in = Recording();
  std::vector<Recorded> all;
  for (std::string line; std::getline(in, line);) {
    const auto fields = Split(line, ' ');
    const auto strings = [&] { return std::vector<std::string>(fields.begin() + 1, fields.end()); };
    if (fields[0] == "series") {
      all.push_back({static_cast<ChunkEncoding>(ToInt(fields[1])),
                     static_cast<size_t>(ToInt(fields[2])),
                     {},
                     {},
                     {}});
    } else if (fields[0] == "sample") {
      all.back().samples.push_back(strings());
    } else if (fields[0] == "chunk") {
      all.back().chunks.push_back(FromHex(fields[1]));
      all.back().read.emplace_back();
    } else if (fields[0] == "read") {
      all.back().read.back().push_back(strings());
    }
  }
  return all;
}

std::vector<std::vector<std::string>> Read(ChunkEncoding encoding, const std::string& bytes,
                                           int64_t min_t, int64_t max_t) {
  // A copy of the very size lets AddressSanitizer see a read past the end.
  const std::vector<char> copy(bytes.begin(), bytes.end());
  SampleColumns floats;
  HistogramColumns histograms;
  const Chunk chunk{0, 0, encoding, {copy.data(), copy.size()}, nullptr};
  EXPECT_TRUE(DecodeChunk(chunk, min_t, max_t, floats, &histograms).ok());
  std::vector<std::vector<std::string>> out;
  const auto start = [](const auto& columns, size_t i) {
    return std::to_string(columns.st.empty() ? 0 : columns.st[i]);
  };
  for (size_t i = 0; i < floats.size(); ++i) {
    out.push_back({std::to_string(floats.t[i]), start(floats, i), Bits(floats.v[i])});
  }
  for (size_t i = 0; i < histograms.size(); ++i) {
    out.push_back({std::to_string(histograms.t[i]), start(histograms, i), Text(*histograms.h[i])});
  }
  return out;
}

TEST(RecordedChunks, AreReadAsPrometheusReadsThem) {
  size_t samples = 0;
  for (const Recorded& series : RecordedSeries()) {
    for (size_t i = 0; i < series.chunks.size(); ++i) {
      auto want = series.read[i];
      for (auto& sample : want) {
        sample[2] =
            sample[2].find('|') == std::string::npos ? Bits(FromBits(sample[2])) : Text(sample[2]);
      }
      ASSERT_EQ(Read(series.encoding, series.chunks[i], INT64_MIN, INT64_MAX), want);
      samples += want.size();
      // A part of the range, which must not change what later samples are.
      const size_t first = want.size() / 3;
      const size_t last = want.size() * 2 / 3;
      const auto t = [&](size_t k) { return Number<int64_t>(want[k][0]); };
      const std::vector<std::vector<std::string>> part(
          want.begin() + static_cast<ptrdiff_t>(first),
          want.begin() + static_cast<ptrdiff_t>(last) + 1);
      ASSERT_EQ(Read(series.encoding, series.chunks[i], t(first), t(last)), part);
    }
  }
  EXPECT_GE(samples, 1000u);
}

template <class H>
std::vector<std::string> Written(const Recorded& series, bool with_start,
                                 H (*convert)(const FloatHistogram&)) {
  HistogramWriter<H> writer(with_start);
  for (size_t i = 0; i < series.samples.size(); ++i) {
    const auto& sample = series.samples[i];
    if (series.cut > 0 && i % series.cut == 0) writer.Cut();
    writer.Append(Number<int64_t>(sample[0]), convert(Parse(sample[2])),
                  Number<int64_t>(sample[1]));
  }
  std::vector<std::string> chunks;
  for (EncodedChunk& chunk : writer.Take()) {
    EXPECT_EQ(chunk.encoding, series.encoding);
    chunks.push_back(std::move(chunk.bytes));
  }
  return chunks;
}

std::vector<std::string> WrittenFloats(const Recorded& series) {
  SampleColumns in;
  std::vector<int64_t> starts;
  for (const auto& sample : series.samples) {
    in.push_back(Number<int64_t>(sample[0]), FromBits(sample[2]));
    starts.push_back(Number<int64_t>(sample[1]));
  }
  return {EncodeXor2(in.t.data(), in.v.data(), starts.data(), in.size())};
}

IntegerHistogram Integer(const FloatHistogram& h) {
  if (IsStaleNaN(h.sum)) {
    IntegerHistogram stale;
    stale.sum = h.sum;
    return stale;
  }
  return ToInteger(h).value();
}

TEST(RecordedChunks, AreWrittenAsPrometheusWritesThem) {
  for (const Recorded& series : RecordedSeries()) {
    std::vector<std::string> got;
    if (series.encoding == ChunkEncoding::kXor2) {
      got = WrittenFloats(series);
    } else if (series.encoding == ChunkEncoding::kHistogram ||
               series.encoding == ChunkEncoding::kHistogramSt) {
      got = Written<IntegerHistogram>(series, series.encoding == ChunkEncoding::kHistogramSt,
                                      Integer);
    } else {
      got = Written<FloatHistogram>(series, series.encoding == ChunkEncoding::kFloatHistogramSt,
                                    [](const FloatHistogram& h) { return h; });
    }
    ASSERT_EQ(got, series.chunks) << static_cast<int>(series.encoding) << " "
                                  << series.samples[0][0];
  }
}

TEST(RecordedHistograms, ClassicOnesBecomeTheNativeOnesOfPrometheus) {
  std::ifstream in = Recording();
  size_t cases = 0;
  for (std::string line; std::getline(in, line);) {
    const auto fields = Split(line, ' ');
    if (fields[0] != "classic") continue;
    ClassicHistogram classic;
    for (const std::string_view part : Split(fields[1], ',')) {
      if (part == "-") continue;
      const auto pair = Split(part, ':');
      classic.SetBucket(FromBits(pair[0]), FromBits(pair[1])).IgnoreError();
    }
    if (fields[2] != "-") classic.SetCount(FromBits(fields[2])).IgnoreError();
    classic.SetSum(FromBits(fields[3])).IgnoreError();
    const absl::StatusOr<FloatHistogram> got = classic.ToNative();
    if (fields[4] == "error") {
      const std::string want = line.substr(line.find(" error ") + 7);
      ASSERT_EQ(std::string(got.status().message()), want) << line;
    } else {
      ASSERT_TRUE(got.ok()) << got.status() << line;
      ASSERT_EQ(Text(*got), Text(fields[4])) << line;
    }
    ++cases;
  }
  EXPECT_GE(cases, 50u);
}

}  // namespace
}  // namespace synoptic::promql
