// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Layout: "SYF1", CRC-32C of what follows (little endian), stream, block, first, span, time of
// fetching, replica, warnings, infos, series. Texts come with their length, lists with their count.
// A series: labels, then its chunks (encoding, start after the fragment's, span, bytes).
#include "aggregator/cache/fragment_codec.h"

#include <optional>

#include "base/crc32c.h"
#include "base/status.h"
#include "base/varint.h"
#include "promql/model/column_chunk.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;

constexpr std::string_view kMagic = "SYF1";
constexpr size_t kHeaderBytes = 8;
// More than this in one of our own fragments is not possible.
constexpr uint64_t kMostTexts = 10'000;

absl::Status Damaged(std::string_view what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "fragment: {}", what);
}

void PutText(std::string& out, std::string_view text) {
  PutVarint(out, text.size());
  out += text;
}
void PutTexts(std::string& out, const std::vector<std::string>& texts) {
  PutVarint(out, texts.size());
  for (const std::string& text : texts) PutText(out, text);
}
void PutTime(std::string& out, int64_t value) { PutVarint(out, ZigZag(value)); }

// Takes apart what cannot be trusted; after a failure everything reads as zero and empty.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  bool ok() const { return ok_; }
  bool done() const { return in_.empty(); }

  uint64_t Number() {
    uint64_t value = 0;
    if (ok_ && !TakeVarint(in_, value)) Fail();
    return ok_ ? value : 0;
  }
  int64_t Time() { return UnZigZag(Number()); }
  std::string_view Text() {
    const uint64_t size = Number();
    if (size > in_.size()) Fail();
    if (!ok_) return {};
    const std::string_view text = in_.substr(0, size);
    in_.remove_prefix(size);
    return text;
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> out;
    const uint64_t count = Number();
    if (count > kMostTexts) Fail();
    for (uint64_t i = 0; ok_ && i < count; ++i) out.emplace_back(Text());
    return out;
  }
  void Fail() {
    ok_ = false;
    in_ = {};
  }

 private:
  std::string_view in_;
  bool ok_ = true;
};

EncodedHeader TakeHeader(Reader& in) {
  EncodedHeader out;
  out.stream = in.Text();
  out.block = in.Time();
  out.first = in.Time();
  const uint64_t span = in.Number();
  int64_t last = 0;
  if (span > INT64_MAX || __builtin_add_overflow(out.first, static_cast<int64_t>(span), &last)) {
    in.Fail();
  }
  out.last = last;
  return out;
}

// Null when the labels are not such as we write.
std::optional<promql::Labels> TakeLabels(Reader& in) {
  std::vector<promql::Label> pairs;
  for (uint64_t left = in.Number(); in.ok() && left > 0; --left) {
    const std::string_view name = in.Text();
    const std::string_view value = in.Text();
    if (name.empty() || value.empty()) return std::nullopt;
    if (!pairs.empty() && pairs.back().name >= name) return std::nullopt;
    pairs.push_back({name, value});
  }
  if (!in.ok()) return std::nullopt;
  return promql::Labels::FromSorted(pairs.data(), pairs.size());
}

// Whether the chunk decodes to samples in order that fill exactly the times it claims.
bool IsSound(const Chunk& chunk, int64_t after, int64_t last) {
  if (chunk.min_t <= after || chunk.max_t < chunk.min_t || chunk.max_t > last) return false;
  promql::SampleColumns floats;
  promql::HistogramColumns histograms;
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  if (!promql::DecodeChunk(chunk, kMin, kMax, floats, &histograms).ok()) return false;
  const std::vector<int64_t>& t = floats.empty() ? histograms.t : floats.t;
  if (t.empty() || t.size() != promql::XorSampleCount(chunk.bytes)) return false;
  for (size_t i = 1; i < t.size(); ++i) {
    if (t[i] <= t[i - 1]) return false;
  }
  return t.front() == chunk.min_t && t.back() == chunk.max_t;
}

bool IsKnown(uint64_t encoding) {
  return (encoding >= 1 && encoding <= 6) ||
         encoding == static_cast<uint64_t>(promql::kColumnChunk);
}

absl::Status TakeSeries(Reader& in, const EncodedHeader& header, FragmentBuilder& builder) {
  std::optional<promql::Labels> before;
  for (uint64_t left = in.Number(); in.ok() && left > 0; --left) {
    std::optional<promql::Labels> labels = TakeLabels(in);
    if (!labels || (before && *labels <= *before)) return Damaged("labels out of order");
    builder.Begin(*labels);
    before = std::move(labels);
    int64_t after = header.first - 1;
    const uint64_t chunks = in.Number();
    if (chunks == 0) return Damaged("a series without samples");
    for (uint64_t i = 0; in.ok() && i < chunks; ++i) {
      Chunk chunk;
      const uint64_t encoding = in.Number();
      const uint64_t start = in.Number();
      const uint64_t span = in.Number();
      chunk.bytes = in.Text();
      const auto length = static_cast<uint64_t>(header.last - header.first);
      if (!in.ok() || !IsKnown(encoding) || start > length || span > length) {
        return Damaged("a chunk out of bounds");
      }
      chunk.encoding = static_cast<promql::ChunkEncoding>(encoding);
      chunk.min_t = header.first + static_cast<int64_t>(start);
      chunk.max_t = chunk.min_t + static_cast<int64_t>(span);
      if (!IsSound(chunk, after, header.last)) return Damaged("a chunk that does not decode");
      builder.AddChunk(chunk);
      after = chunk.max_t;
    }
  }
  return in.ok() && in.done() ? absl::OkStatus() : Damaged("cut short, or too long");
}

uint32_t ChecksumIn(std::string_view bytes) {
  uint32_t out = 0;
  for (size_t i = kHeaderBytes; i > kMagic.size(); --i) {
    out = (out << 8) | static_cast<unsigned char>(bytes[i - 1]);
  }
  return out;
}

}  // namespace

std::string EncodeFragment(std::string_view stream, int64_t block, const Fragment& fragment) {
  std::string out(kMagic);
  out.resize(kHeaderBytes);
  PutText(out, stream);
  PutTime(out, block);
  PutTime(out, fragment.first());
  PutVarint(out, static_cast<uint64_t>(fragment.last() - fragment.first()));
  const FragmentOrigin& origin = fragment.origin();
  PutTime(out, origin.fetched_ms);
  PutText(out, origin.replica);
  PutTexts(out, origin.warnings);
  PutTexts(out, origin.infos);
  PutVarint(out, fragment.size());
  for (size_t i = 0; i < fragment.size(); ++i) {
    PutVarint(out, fragment.labels(i).size());
    for (const promql::Label label : fragment.labels(i)) {
      PutText(out, label.name);
      PutText(out, label.value);
    }
    const std::vector<Chunk> chunks = fragment.Chunks(i);
    PutVarint(out, chunks.size());
    for (const Chunk& chunk : chunks) {
      PutVarint(out, static_cast<uint64_t>(chunk.encoding));
      PutVarint(out, static_cast<uint64_t>(chunk.min_t - fragment.first()));
      PutVarint(out, static_cast<uint64_t>(chunk.max_t - chunk.min_t));
      PutText(out, chunk.bytes);
    }
  }
  uint32_t crc = Crc32c(std::string_view(out).substr(kHeaderBytes));
  for (size_t i = kMagic.size(); i < kHeaderBytes; ++i, crc >>= 8) {
    out[i] = static_cast<char>(crc & 0xff);
  }
  return out;
}

absl::StatusOr<EncodedHeader> ReadHeader(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return Damaged("not one of ours");
  Reader in(bytes.substr(kHeaderBytes));
  const EncodedHeader header = TakeHeader(in);
  if (!in.ok()) return Damaged("cut short");
  return header;
}

absl::StatusOr<FragmentPtr> DecodeFragment(std::string_view bytes, std::string_view stream,
                                           int64_t block, FragmentPtr like) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return Damaged("not one of ours");
  if (Crc32c(bytes.substr(kHeaderBytes)) != ChecksumIn(bytes)) return Damaged("wrong checksum");
  Reader in(bytes.substr(kHeaderBytes));
  const EncodedHeader header = TakeHeader(in);
  if (!in.ok()) return Damaged("cut short");
  if (header.stream != stream || header.block != block) {
    return absl::NotFoundError("fragment: of another block");
  }
  FragmentOrigin origin;
  origin.fetched_ms = in.Time();
  origin.replica = in.Text();
  origin.warnings = in.Texts();
  origin.infos = in.Texts();
  FragmentBuilder builder(header.first, header.last, std::move(origin), std::move(like));
  RETURN_IF_ERROR(TakeSeries(in, header, builder));
  return builder.Build();
}

}  // namespace synoptic::aggregator
