// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/series.h"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "base/status.h"
#include "promql/model/histogram_pool.h"

namespace synoptic::promql {
namespace {

// Calls append(first, last) with the index range of the times in [min_t, max_t].
template <class F>
void ForTimes(const std::vector<int64_t>& t, int64_t min_t, int64_t max_t, F append) {
  const auto first = std::lower_bound(t.begin(), t.end(), min_t);
  const auto last = std::upper_bound(first, t.end(), max_t);
  append(static_cast<size_t>(first - t.begin()), static_cast<size_t>(last - t.begin()));
}

// The sample before `i` is none of its chunk: what the chunk says of a reset was said of another.
void ForgetReset(HistogramColumns& histograms, size_t i) {
  if (i >= histograms.size() || histograms.h[i]->hint != CounterResetHint::kNotReset) return;
  auto copy = std::make_shared<FloatHistogram>(*histograms.h[i]);
  copy->hint = CounterResetHint::kUnknown;
  histograms.h[i] = std::move(copy);
}

bool HasOverlaps(std::span<const Chunk> chunks) {
  for (size_t i = 1; i < chunks.size(); ++i) {
    if (chunks[i].min_t <= chunks[i - 1].max_t) return true;
  }
  return false;
}

// While it lives histograms are read whole or as stats.
class StatsOnly {
 public:
  StatsOnly(const HistogramColumns* histograms, bool stats_only)
      : pool_(histograms == nullptr ? nullptr : histograms->pool) {
    if (pool_ == nullptr) return;
    before_ = pool_->stats_only();
    pool_->set_stats_only(stats_only);
  }
  ~StatsOnly() {
    if (pool_ != nullptr) pool_->set_stats_only(before_);
  }
  StatsOnly(const StatsOnly&) = delete;
  StatsOnly& operator=(const StatsOnly&) = delete;

 private:
  HistogramPool* const pool_;
  bool before_ = false;
};

absl::Status ReadChunks(const RawSeries& series, const std::vector<Chunk>& chunks, int64_t min_t,
                        int64_t max_t, SampleColumns& floats, HistogramColumns* histograms) {
  const std::span<const Chunk> in_range = ChunksIn(chunks, min_t, max_t);
  const bool stats_only = histograms != nullptr && histograms->pool != nullptr &&
                          histograms->pool->stats_only() && !HasOverlaps(in_range);
  const StatsOnly mode(histograms, stats_only);
  for (const Chunk& chunk : in_range) {
    // Columns stay rising whatever an upstream sent: an overlap yields to what is there already.
    int64_t from = min_t;
    if (!floats.empty()) from = std::max(from, floats.t.back() + 1);
    if (histograms != nullptr && !histograms->empty()) {
      from = std::max(from, histograms->t.back() + 1);
    }
    const size_t before = histograms == nullptr ? 0 : histograms->size();
    const absl::Status status = DecodeChunk(chunk, from, max_t, floats, histograms);
    if (!status.ok()) return Annotate(status, "series " + series.labels.ToString());
    const bool overlaps = from > min_t && from > chunk.min_t;
    if (overlaps && histograms != nullptr) ForgetReset(*histograms, before);
  }
  return absl::OkStatus();
}

// The first chunk that ends at `min_t` or later. Most are equally long: one is guessed, and what a
// look at it and its neighbour leaves open is searched.
size_t FirstEndingFrom(const std::vector<Chunk>& chunks, int64_t min_t) {
  const auto ends_before = [&](const Chunk& c) { return c.max_t < min_t; };
  size_t low = 0, high = chunks.size();  // it is one of these or the end
  if (high > 2 && min_t > chunks.front().min_t) {
    const double start = static_cast<double>(chunks.front().min_t);
    const double share = (static_cast<double>(min_t) - start) /
                         std::max(static_cast<double>(chunks.back().max_t) - start, 1.0);
    const size_t last = high - 1;
    const size_t guess =
        share < 1 ? std::min(last, static_cast<size_t>(share * static_cast<double>(high))) : last;
    if (ends_before(chunks[guess])) {
      low = guess + 1;
      if (low < high && !ends_before(chunks[low])) high = low;
    } else {
      high = guess;
      if (guess > 0 && ends_before(chunks[guess - 1])) low = guess;
    }
  }
  const auto begin = chunks.begin();
  return static_cast<size_t>(std::partition_point(begin + static_cast<ptrdiff_t>(low),
                                                  begin + static_cast<ptrdiff_t>(high),
                                                  ends_before) -
                             begin);
}

}  // namespace

std::span<const Chunk> ChunksIn(const std::vector<Chunk>& chunks, int64_t min_t, int64_t max_t) {
  const auto first = chunks.begin() + static_cast<ptrdiff_t>(FirstEndingFrom(chunks, min_t));
  auto last = first;
  while (last != chunks.end() && last->min_t <= max_t) ++last;
  return {first, last};
}

absl::Status ReadSamples(const RawSeries& series, int64_t min_t, int64_t max_t,
                         SampleColumns& floats, HistogramColumns* histograms) {
  if (max_t < min_t) return absl::OkStatus();
  if (const auto* chunks = std::get_if<std::vector<Chunk>>(&series.data)) {
    return ReadChunks(series, *chunks, min_t, max_t, floats, histograms);
  }
  const auto& columns = std::get<SampleColumns>(series.data);
  ForTimes(columns.t, min_t, max_t, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      floats.push_back(columns.t[i], columns.v[i], columns.st.empty() ? 0 : columns.st[i]);
    }
  });
  if (histograms == nullptr) return absl::OkStatus();
  const HistogramColumns& from = series.histograms;
  ForTimes(from.t, min_t, max_t, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      histograms->push_back(from.t[i], from.h[i], from.st.empty() ? 0 : from.st[i]);
    }
  });
  return absl::OkStatus();
}

absl::Status ReadSamples(const RawSeries& series, int64_t min_t, int64_t max_t,
                         SampleColumns& floats) {
  HistogramColumns histograms;
  RETURN_IF_ERROR(ReadSamples(series, min_t, max_t, floats, &histograms));
  if (histograms.empty()) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kUnimplemented,
                    "series {}: native histograms are not supported here",
                    series.labels.ToString());
}

const char* ApiName(ValueType type) {
  switch (type) {
    case ValueType::kScalar:
      return "scalar";
    case ValueType::kString:
      return "string";
    case ValueType::kVector:
      return "vector";
    case ValueType::kMatrix:
      return "matrix";
    case ValueType::kNone:
      return "none";
  }
  return "none";
}

const char* DocumentedName(ValueType type) {
  switch (type) {
    case ValueType::kVector:
      return "instant vector";
    case ValueType::kMatrix:
      return "range vector";
    default:
      return ApiName(type);
  }
}

}  // namespace synoptic::promql
