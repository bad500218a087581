// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/dense_reader.h"

#include <algorithm>
#include <cmath>

#include "promql/model/histogram_fill.h"
#include "promql/model/histogram_math.h"
#include "promql/model/histogram_walker.h"

namespace synoptic::promql {
namespace {

using internal::FloatCoding;
using internal::HistogramLayout;
using internal::HistogramWalker;
using internal::IntegerCoding;

using Rows = DenseHistograms;

bool HasShape(const HistogramLayout& layout, const HistogramShape& shape) {
  return layout.schema == shape.schema && layout.zero_threshold == shape.zero_threshold &&
         layout.positive_spans == shape.positive_spans &&
         layout.negative_spans == shape.negative_spans &&
         layout.custom_values == shape.custom_values;
}

HistogramShape ShapeOf(const HistogramLayout& layout) {
  return {layout.schema, layout.zero_threshold, layout.positive_spans, layout.negative_spans,
          layout.custom_values};
}

HistogramShape WithoutBuckets(int32_t schema) {
  HistogramShape shape;
  shape.schema = std::min(schema, kExponentialSchemaMax);
  return shape;
}

// As DetectReset of histograms with the same regular buckets and no hint.
bool Decreased(const Rows& rows, size_t i) {
  const double* const now = rows.Row(i);
  const double* const before = rows.Row(i - 1);
  bool decreased = now[Rows::kCount] < before[Rows::kCount];
  for (size_t k = Rows::kZeroCount; k < rows.width(); ++k) decreased |= now[k] < before[k];
  return decreased;
}

}  // namespace

DenseReader::DenseReader() : scratch_(std::make_unique<internal::HistogramScratch>()) {}
DenseReader::~DenseReader() = default;

bool DenseReader::Read(std::span<const Chunk> chunks, int64_t min_t, int64_t max_t, bool stats_only,
                       DenseSamples& out) {
  out.t.clear();
  out.resets.clear();
  out.gauges = false;
  for (const Chunk& chunk : chunks) {
    switch (chunk.encoding) {
      case ChunkEncoding::kHistogram:
        if (!ReadChunk<IntegerCoding>(chunk, min_t, max_t, stats_only, out)) return false;
        break;
      case ChunkEncoding::kFloatHistogram:
        if (!ReadChunk<FloatCoding>(chunk, min_t, max_t, stats_only, out)) return false;
        break;
      default:
        return false;
    }
  }
  return !out.t.empty();
}

template <class Coding>
bool DenseReader::ReadChunk(const Chunk& chunk, int64_t min_t, int64_t max_t, bool stats_only,
                            DenseSamples& out) {
  if (!out.t.empty() && chunk.min_t <= out.t.back()) return false;
  HistogramWalker<Coding> walker(chunk.bytes, false, *scratch_);
  const size_t before = out.t.size();
  while (walker.Next()) {
    const int64_t t = walker.t();
    if (t > max_t) return true;
    if (t < min_t) continue;
    if (walker.stale()) return false;
    const HistogramLayout& layout = walker.layout();
    const bool first = out.t.size() == before;
    if (first) {
      if (before > 0 && t <= out.t.back()) return false;
      if (stats_only) {
        const HistogramShape shape = WithoutBuckets(layout.schema);
        if (before == 0) out.rows.Begin(shape);
        if (out.rows.shape().schema != shape.schema) return false;
      } else if (before == 0) {
        const HistogramShape shape = ShapeOf(layout);
        if (shape.schema > kExponentialSchemaMax || !shape.IsRegular()) return false;
        out.rows.Begin(shape);
      } else if (!HasShape(layout, out.rows.shape())) {
        return false;
      }
    }
    const CounterResetHint hint = internal::HintOf(walker.reset_header(), walker.number());
    out.gauges |= hint == CounterResetHint::kGauge;
    double* const row = out.rows.AddRow(hint);
    out.t.push_back(t);
    const Coding& coding = walker.coding();
    row[Rows::kCount] = internal::CountOf(coding.count);
    row[Rows::kSum] = walker.sum();
    const bool compared = first && before > 0 && hint == CounterResetHint::kUnknown;
    if (stats_only) {
      row[Rows::kZeroCount] = 0;
      if (compared) {
        internal::Fill(walker, first_);
        if (DetectReset(first_, last_)) out.resets.push_back(before);
      }
      if (walker.number() + 1 == walker.total()) internal::Fill(walker, last_);
      continue;
    }
    row[Rows::kZeroCount] = internal::CountOf(coding.zero_count);
    if (row[Rows::kZeroCount] != 0 && layout.schema == kCustomBucketsSchema) return false;
    const size_t positive = walker.positive_buckets();
    coding.Absolute(0, positive, row + Rows::kBuckets);
    coding.Absolute(positive, walker.buckets(), row + Rows::kBuckets + positive);
    if (compared && Decreased(out.rows, before)) out.resets.push_back(before);
  }
  return walker.status().ok();
}

}  // namespace synoptic::promql
