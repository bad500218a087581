// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Layouts with fewer buckets: without empty ones, and of a coarser schema.
#include <algorithm>
#include <utility>

#include "base/status.h"
#include "promql/model/histogram_internal.h"
#include "promql/model/histogram_math.h"
#include "promql/model/kahan.h"

namespace synoptic::promql {
namespace internal {
namespace {

bool IsCompact(const Side& side, int64_t max_empty) {
  if (std::ranges::any_of(side.counts, [](double count) { return count == 0; })) return false;
  for (size_t i = 0; i < side.spans.size(); ++i) {
    if (side.spans[i].length == 0 || (i > 0 && side.spans[i].offset <= max_empty)) return false;
  }
  return true;
}

// How many empty buckets closing small gaps between spans can add at most.
size_t MostInserted(const Spans& spans, int64_t max_empty) {
  size_t inserted = 0;
  int64_t offset = 0;
  for (size_t i = 1; i < spans.size(); ++i) {
    offset = spans[i - 1].length == 0 ? offset + spans[i].offset : spans[i].offset;
    if (offset > 0 && offset <= max_empty) inserted += static_cast<size_t>(offset);
  }
  return inserted;
}

// Writes counts behind each other, over those that were read already.
struct Writer {
  double* counts;
  double* c;  // may be null
  size_t size = 0;

  void Put(double count, double lost) {
    counts[size] = count;
    if (c != nullptr) c[size] = lost;
    ++size;
  }
};

}  // namespace

void CompactSide(Side side, int64_t max_empty) {
  if (IsCompact(side, max_empty)) return;
  // Where gaps are closed, more may be written than was read: then from a copy.
  const size_t read_size = side.counts.size();
  const size_t inserted = max_empty > 0 ? MostInserted(side.spans, max_empty) : 0;
  Counts counts_copy;
  Counts lost_copy;
  if (inserted > 0) {
    counts_copy = side.counts;
    side.counts.resize(read_size + inserted);
    if (side.c != nullptr) {
      lost_copy = *side.c;
      side.c->resize(read_size + inserted);
    }
  }
  const double* const counts = inserted > 0 ? counts_copy.data() : side.counts.data();
  const double* lost = nullptr;
  if (side.c != nullptr) lost = inserted > 0 ? lost_copy.data() : side.c->data();
  Writer out{side.counts.data(), side.c == nullptr ? nullptr : side.c->data()};

  std::vector<HistogramSpan> spans;
  int64_t index = 0;
  int64_t end = 0;        // behind the last populated bucket
  size_t run_begins = 0;  // position of the first bucket of successive spans
  size_t last_populated = 0;
  size_t position = 0;
  for (const HistogramSpan& span : side.spans) {
    index += span.offset;
    if (span.offset != 0) run_begins = position;
    for (uint32_t i = 0; i < span.length && position < read_size; ++i, ++index, ++position) {
      const double c = lost == nullptr ? 0 : lost[position];
      if (counts[position] == 0 && c == 0) continue;
      const double count = counts[position];
      const int64_t gap = index - end;
      if (spans.empty() || gap < 0 || gap > max_empty) {
        spans.push_back({static_cast<int32_t>(gap), 1});
      } else {
        // Few empty ones in one run stay as they are; between runs they are made.
        const bool same_run = last_populated >= run_begins;
        for (int64_t k = gap; k > 0; --k) {
          const size_t from = position - static_cast<size_t>(k);
          out.Put(same_run ? counts[from] : 0, same_run && lost != nullptr ? lost[from] : 0);
        }
        spans.back().length += static_cast<uint32_t>(gap) + 1;
      }
      out.Put(count, c);
      end = index + 1;
      last_populated = position;
    }
  }
  side.counts.resize(out.size);
  if (side.c != nullptr) side.c->resize(out.size);
  side.spans = std::move(spans);
}

void ReduceSide(Side side, int32_t schema, int32_t target) {
  std::vector<HistogramSpan> spans;
  spans.reserve(side.spans.size());
  SpanBuilder builder(spans);
  size_t size = 0;
  int64_t last = 0;
  ForBuckets(side.spans, side.counts.size(), [&](int64_t index, size_t i) {
    const int64_t merged = CoarserIndex(index, schema, target);
    if (size == 0 || merged != last) {
      builder.Add(merged);
      side.counts[size] = side.counts[i];
      if (side.c != nullptr) (*side.c)[size] = (*side.c)[i];
      ++size;
      last = merged;
    } else if (side.c == nullptr) {
      side.counts[size - 1] += side.counts[i];
    } else {
      KahanSum sum{side.counts[size - 1], (*side.c)[size - 1]};
      sum.Add(side.counts[i]);
      sum.Add((*side.c)[i]);
      side.counts[size - 1] = sum.sum;
      (*side.c)[size - 1] = sum.c;
    }
    return true;
  });
  side.counts.resize(size);
  if (side.c != nullptr) side.c->resize(size);
  side.spans = std::move(spans);
}

}  // namespace internal

void Compact(FloatHistogram& h, int max_empty) {
  internal::CompactSide({h.positive_spans, h.positive_buckets, nullptr}, max_empty);
  internal::CompactSide({h.negative_spans, h.negative_buckets, nullptr}, max_empty);
}

absl::Status ReduceResolution(FloatHistogram& h, int32_t target_schema) {
  if (h.UsesCustomBuckets()) {
    return InvalidArgument("cannot reduce resolution when there are custom buckets");
  }
  if (target_schema == kCustomBucketsSchema) {
    return InvalidArgument("cannot reduce resolution to custom buckets schema");
  }
  if (target_schema >= h.schema) {
    return InvalidArgument("cannot reduce resolution from schema {} to {}", h.schema,
                           target_schema);
  }
  internal::ReduceSide({h.positive_spans, h.positive_buckets, nullptr}, h.schema, target_schema);
  internal::ReduceSide({h.negative_spans, h.negative_buckets, nullptr}, h.schema, target_schema);
  h.schema = target_schema;
  return absl::OkStatus();
}

FloatHistogram CopyToSchema(const FloatHistogram& h, int32_t target_schema) {
  FloatHistogram copy = h;
  if (target_schema == h.schema) return copy;
  // A counter in another schema: whether it was reset is no longer known.
  copy.hint = CounterResetHint::kUnknown;
  internal::ReduceSide({copy.positive_spans, copy.positive_buckets, nullptr}, h.schema,
                       target_schema);
  internal::ReduceSide({copy.negative_spans, copy.negative_buckets, nullptr}, h.schema,
                       target_schema);
  copy.schema = target_schema;
  return copy;
}

}  // namespace synoptic::promql
