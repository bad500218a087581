// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Chunks as an upstream may send them, and our own as a damaged disk may hold them; the first byte
// chooses the encoding. Oracles: read or DataLoss; times rise; no more buckets than bits; a part of
// the range is that part of the whole; what was read, written by us and read again, is the same;
// arithmetic stands whatever came.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "promql/model/chunk.h"
#include "promql/model/column_chunk.h"
#include "promql/model/histogram_math.h"
#include "promql/model/histogram_writer.h"

namespace {

using namespace synoptic::promql;

void Check(bool holds) {
  if (!holds) std::abort();
}

struct Decoded {
  absl::Status status;
  SampleColumns floats;
  HistogramColumns histograms;
};

Decoded Decode(ChunkEncoding encoding, std::string_view bytes, int64_t min_t = INT64_MIN,
               int64_t max_t = INT64_MAX) {
  Decoded out;
  out.status =
      DecodeChunk({0, 0, encoding, bytes, nullptr}, min_t, max_t, out.floats, &out.histograms);
  Check(out.status.ok() || out.status.code() == absl::StatusCode::kDataLoss);
  const auto rises = [](const std::vector<int64_t>& t) {
    return std::adjacent_find(t.begin(), t.end(), std::greater_equal<>()) == t.end();
  };
  Check(rises(out.floats.t) && rises(out.histograms.t));
  return out;
}

int64_t Start(const std::vector<int64_t>& st, size_t i) { return st.empty() ? 0 : st[i]; }

bool Same(const SampleColumns& a, size_t i, const SampleColumns& b, size_t j) {
  return a.t[i] == b.t[j] && Start(a.st, i) == Start(b.st, j) &&
         std::bit_cast<uint64_t>(a.v[i]) == std::bit_cast<uint64_t>(b.v[j]);
}
bool Same(const HistogramColumns& a, size_t i, const HistogramColumns& b, size_t j) {
  return a.t[i] == b.t[j] && Start(a.st, i) == Start(b.st, j) && Equal(*a.h[i], *b.h[j]);
}

// `part` are the samples of `all` from `first` on.
template <class Columns>
void CheckPart(const Columns& all, size_t first, const Columns& part) {
  Check(all.size() - first == part.size());
  for (size_t i = 0; i < part.size(); ++i) Check(Same(all, first + i, part, i));
}

template <class H>
HistogramColumns Rewritten(const HistogramColumns& in, const std::vector<H>& histograms) {
  HistogramWriter<H> writer(!in.st.empty());
  for (size_t i = 0; i < in.size(); ++i) writer.Append(in.t[i], histograms[i], Start(in.st, i));
  HistogramColumns out;
  for (const EncodedChunk& chunk : writer.Take()) {
    Check(DecodeHistograms(chunk.encoding, chunk.bytes, chunk.min_t, chunk.max_t, out).ok());
  }
  return out;
}

void CheckRoundTrip(ChunkEncoding encoding, const Decoded& in) {
  const SampleColumns& f = in.floats;
  if (encoding == ChunkEncoding::kXor) {
    CheckPart(f, 0, Decode(encoding, EncodeXor(f.t.data(), f.v.data(), f.size())).floats);
  } else if (encoding == ChunkEncoding::kXor2) {
    const int64_t* const st = f.st.empty() ? nullptr : f.st.data();
    CheckPart(f, 0, Decode(encoding, EncodeXor2(f.t.data(), f.v.data(), st, f.size())).floats);
  } else if (encoding == kColumnChunk) {
    const EncodedFloats written = EncodeFloats(f.t.data(), f.v.data(), f.size());
    CheckPart(f, 0, Decode(written.encoding, written.bytes).floats);
  } else {
    std::vector<FloatHistogram> floats;
    std::vector<IntegerHistogram> integers;
    for (const HistogramPtr& h : in.histograms.h) {
      floats.push_back(*h);
      if (auto integer = ToInteger(*h)) integers.push_back(*std::move(integer));
    }
    CheckPart(in.histograms, 0, Rewritten(in.histograms, floats));
    if (integers.size() == floats.size()) {
      CheckPart(in.histograms, 0, Rewritten(in.histograms, integers));
    }
  }
}

void Calculate(const FloatHistogram& a, const FloatHistogram& b) {
  FloatHistogram sum = a;
  const bool mixed = !Add(sum, b).ok();
  Check(mixed == (a.UsesCustomBuckets() != b.UsesCustomBuckets()));
  FloatHistogram difference = a;
  Subtract(difference, b).IgnoreError();
  std::optional<FloatHistogram> c;
  FloatHistogram kahan = a;
  if (KahanAdd(kahan, b, c).ok()) KahanAdd(kahan, a, c).IgnoreError();
  DetectReset(a, b);
  Check(Equal(a, a));
  for (FloatHistogram* h : {&sum, &difference, &kahan}) {
    TrimBuckets(*h, 1.5, true);
    Compact(*h, 2);
    Compact(*h, 0);
    if (!h->UsesCustomBuckets()) ReduceResolution(*h, h->schema - 1).IgnoreError();
    if (h->Validate().ok()) h->ToString();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const int choice = data[0] % 7;
  const auto encoding = choice == 6 ? kColumnChunk : static_cast<ChunkEncoding>(1 + choice);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Decoded all = Decode(encoding, bytes);
  size_t buckets = 0;
  for (const HistogramPtr& h : all.histograms.h) {
    buckets += h->positive_buckets.size() + h->negative_buckets.size();
  }
  Check(buckets <= bytes.size() * 8);
  if (!all.floats.empty()) {
    const size_t first = all.floats.size() / 2;
    CheckPart(all.floats, first, Decode(encoding, bytes, all.floats.t[first]).floats);
  }
  const HistogramColumns& h = all.histograms;
  if (!h.empty()) {
    const size_t first = h.size() / 2;
    CheckPart(h, first, Decode(encoding, bytes, h.t[first]).histograms);
    Calculate(*h.h.front(), *h.h.back());
    Calculate(*h.h[first], *h.h.front());
  }
  if (all.status.ok()) CheckRoundTrip(encoding, all);
  return 0;
}
