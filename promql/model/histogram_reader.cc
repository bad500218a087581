// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Histogram chunks into columns. A sample takes one bit a bucket at least, so what is allocated is
// bounded by the bytes there are; spans and bounds are shared by all samples.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "promql/model/chunk.h"
#include "promql/model/histogram_fill.h"
#include "promql/model/histogram_pool.h"
#include "promql/model/histogram_walker.h"

namespace synoptic::promql {
namespace {

using internal::FloatCoding;
using internal::HistogramWalker;
using internal::IntegerCoding;

// A place for a histogram to be filled, at the end of `out`.
FloatHistogram& Append(bool stale, HistogramColumns& out) {
  HistogramPtr& place = out.h.emplace_back();
  if (out.pool != nullptr && !stale) {
    const std::shared_ptr<FloatHistogram>& taken = out.pool->Take();
    place = taken;
    return *taken;
  }
  auto made = std::make_shared<FloatHistogram>();
  FloatHistogram& histogram = *made;
  place = std::move(made);
  return histogram;
}

// What histogram_count() and its kin look at.
template <class Coding>
void FillStats(const HistogramWalker<Coding>& walker, FloatHistogram& h) {
  h.sum = walker.sum();
  h.hint = internal::HintOf(walker.reset_header(), walker.number());
  h.schema = std::min(walker.layout().schema, kExponentialSchemaMax);
  h.count = internal::CountOf(walker.coding().count);
}

void PutTimes(int64_t t, int64_t start, HistogramColumns& out) {
  if (start != 0 && out.st.empty()) out.st.resize(out.t.size(), 0);
  out.t.push_back(t);
  if (start != 0 || !out.st.empty()) out.st.push_back(start);
}

void Truncate(size_t size, HistogramColumns& out) {
  out.t.resize(size);
  out.h.resize(size);
  if (!out.st.empty()) out.st.resize(size);
}

template <class Coding>
absl::Status Decode(std::string_view bytes, bool with_start, int64_t min_t, int64_t max_t,
                    bool stats_only, HistogramColumns& out) {
  std::optional<internal::HistogramScratch> own;
  HistogramWalker<Coding> walker(bytes, with_start,
                                 out.pool != nullptr ? out.pool->scratch() : own.emplace());
  const size_t before = out.size();
  while (walker.Next()) {
    if (walker.t() > max_t) return absl::OkStatus();
    if (walker.t() < min_t) continue;
    if (stats_only && walker.stale()) {
      // Then the last histogram that is none is one inside of the chunk.
      Truncate(before, out);
      return Decode<Coding>(bytes, with_start, min_t, max_t, false, out);
    }
    PutTimes(walker.t(), walker.start(), out);
    FloatHistogram& h = Append(walker.stale(), out);
    // The first and the last of a chunk are compared with their neighbours in others.
    const bool at_the_edge = out.size() == before + 1 || walker.number() + 1 == walker.total();
    if (stats_only && !at_the_edge) {
      FillStats(walker, h);
    } else {
      internal::Fill(walker, h);
    }
  }
  return walker.status();
}

}  // namespace

absl::Status DecodeHistograms(ChunkEncoding encoding, std::string_view bytes, int64_t min_t,
                              int64_t max_t, HistogramColumns& out) {
  const bool stats_only = out.pool != nullptr && out.pool->stats_only();
  switch (encoding) {
    case ChunkEncoding::kHistogram:
      return Decode<IntegerCoding>(bytes, false, min_t, max_t, stats_only, out);
    case ChunkEncoding::kHistogramSt:
      return Decode<IntegerCoding>(bytes, true, min_t, max_t, stats_only, out);
    case ChunkEncoding::kFloatHistogramSt:
      return Decode<FloatCoding>(bytes, true, min_t, max_t, stats_only, out);
    default:
      return Decode<FloatCoding>(bytes, false, min_t, max_t, stats_only, out);
  }
}

}  // namespace synoptic::promql
