// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/raw_reader.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/status.h"
#include "promql/functions/columns.h"
#include "promql/model/column_chunk.h"

namespace synoptic::promql::internal {
namespace {

// [first, second) of the indexes with min_t <= t <= max_t.
std::pair<size_t, size_t> Range(const std::vector<int64_t>& t, int64_t min_t, int64_t max_t) {
  const auto first = std::lower_bound(t.begin(), t.end(), min_t);
  const auto last = std::upper_bound(first, t.end(), max_t);
  return {static_cast<size_t>(first - t.begin()), static_cast<size_t>(last - t.begin())};
}

template <class T>
std::span<const T> Part(const std::vector<T>& column, const std::pair<size_t, size_t>& range) {
  if (column.empty()) return {};
  return std::span(column).subspan(range.first, range.second - range.first);
}

SampleSpan SpanOf(const SampleColumns& columns) { return {columns.t, columns.v, columns.st}; }
HistogramSamples SpanOf(const HistogramColumns& columns) {
  return {columns.t, columns.h, columns.st};
}

bool IsStale(double v) { return IsStaleNaN(v); }
bool IsStale(const HistogramPtr& h) { return IsStaleNaN(h->sum); }

size_t FirstStale(const auto& values) {
  size_t i = 0;
  while (i < values.size() && !IsStale(values[i])) ++i;
  return i;
}

// `columns` without what is stale from `first_stale` on.
void Compact(std::vector<int64_t>& t, std::vector<int64_t>& st, auto& values, size_t first_stale) {
  size_t kept = first_stale;
  for (size_t i = first_stale; i < t.size(); ++i) {
    if (IsStale(values[i])) continue;
    t[kept] = t[i];
    values[kept] = std::move(values[i]);
    if (!st.empty()) st[kept] = st[i];
    ++kept;
  }
  t.resize(kept);
  values.resize(kept);
  if (!st.empty()) st.resize(kept);
}

int64_t BytesOf(const FloatHistogram& h) {
  const size_t doubles =
      h.positive_buckets.size() + h.negative_buckets.size() + h.custom_values.size();
  const size_t spans = h.positive_spans.size() + h.negative_spans.size();
  return static_cast<int64_t>(sizeof(FloatHistogram) + doubles * sizeof(double) +
                              spans * sizeof(HistogramSpan));
}

}  // namespace

bool HasFloatsOnly(const RawSeries& series, int64_t min_t, int64_t max_t) {
  const auto* chunks = std::get_if<std::vector<Chunk>>(&series.data);
  if (chunks == nullptr) return series.histograms.empty();
  return std::ranges::all_of(ChunksIn(*chunks, min_t, max_t),
                             [](const Chunk& chunk) { return HoldsFloats(chunk.encoding); });
}

absl::StatusOr<SeriesSamples> RawReader::Read(const RawSeries& series, int64_t min_t,
                                              int64_t max_t) {
  ASSIGN_OR_RETURN(SeriesSamples samples, ReadWhole(series, min_t, max_t));
  if (!stats_plan_.has_value() || samples.histograms.empty()) return samples;
  RETURN_IF_ERROR(StripBuckets(series, samples));
  return samples;
}

absl::Status RawReader::StripBuckets(const RawSeries& series, SeriesSamples& samples) {
  const auto& [t, h, st] = samples.histograms;
  const auto hints = stats_reader_.Hints(samples.floats.t, t, h, *stats_plan_);
  if (std::holds_alternative<std::vector<Chunk>>(series.data)) {
    // Decoded just now, for nobody else.
    for (size_t i = 0; i < hints.size(); ++i) {
      KeepStats(hints[i], *std::const_pointer_cast<FloatHistogram>(histogram_buffer_.h[i]));
    }
    return absl::OkStatus();
  }
  histogram_buffer_.clear();
  pool_.BeginRound();
  histogram_buffer_.t.assign(t.begin(), t.end());
  histogram_buffer_.st.assign(st.begin(), st.end());
  for (size_t i = 0; i < hints.size(); ++i) {
    const std::shared_ptr<FloatHistogram>& stats = pool_.Take();
    stats->schema = h[i]->schema;
    stats->count = h[i]->count;
    stats->sum = h[i]->sum;
    KeepStats(hints[i], *stats);
    histogram_buffer_.h.emplace_back() = stats;
  }
  samples.histograms = SpanOf(histogram_buffer_);
  return ChargeBuffers();
}

absl::StatusOr<SeriesSamples> RawReader::ReadWhole(const RawSeries& series, int64_t min_t,
                                                   int64_t max_t) {
  if (const auto* columns = std::get_if<SampleColumns>(&series.data)) {
    const auto range = Range(columns->t, min_t, max_t);
    SeriesSamples samples{
        {Part(columns->t, range), Part(columns->v, range), Part(columns->st, range)}, {}};
    const HistogramColumns& histograms = series.histograms;
    if (!histograms.empty()) {
      const auto part = Range(histograms.t, min_t, max_t);
      samples.histograms = {Part(histograms.t, part), Part(histograms.h, part),
                            Part(histograms.st, part)};
    }
    return samples;
  }
  buffer_.clear();
  histogram_buffer_.clear();
  pool_.BeginRound();
  RETURN_IF_ERROR(ReadSamples(series, min_t, max_t, buffer_, &histogram_buffer_));
  RETURN_IF_ERROR(ChargeBuffers());
  return SeriesSamples{SpanOf(buffer_), SpanOf(histogram_buffer_)};
}

absl::StatusOr<SeriesSamples> RawReader::ReadLive(const RawSeries& series, int64_t min_t,
                                                  int64_t max_t) {
  ASSIGN_OR_RETURN(SeriesSamples samples, Read(series, min_t, max_t));
  RETURN_IF_ERROR(DropStaleFloats(samples.floats));
  if (!samples.histograms.empty()) RETURN_IF_ERROR(DropStaleHistograms(samples.histograms));
  return samples;
}

absl::StatusOr<DenseSamples*> RawReader::ReadDense(const RawSeries& series, int64_t min_t,
                                                   int64_t max_t) {
  const auto* const all = std::get_if<std::vector<Chunk>>(&series.data);
  if (all == nullptr || max_t < min_t) return nullptr;
  const std::span<const Chunk> chunks = ChunksIn(*all, min_t, max_t);
  if (chunks.empty() || HoldsFloats(chunks.front().encoding)) return nullptr;
  if (dense_ == nullptr) dense_ = std::make_unique<Dense>();
  // Where it mostly fails it is not tried.
  constexpr size_t kTries = 4;
  if (dense_->refused > kTries + 2 * dense_->read) return nullptr;
  DenseSamples& samples = dense_->samples;
  if (!dense_->reader.Read(chunks, min_t, max_t, stats_plan_.has_value(), samples)) {
    ++dense_->refused;
    return nullptr;
  }
  ++dense_->read;
  if (stats_plan_.has_value()) SettleHints(samples);
  const int64_t bytes =
      samples.rows.HeldBytes() + static_cast<int64_t>(samples.t.capacity() * sizeof(int64_t));
  if (bytes > memory_.bytes()) RETURN_IF_ERROR(memory_.Grow(bytes - memory_.bytes()));
  return &samples;
}

// As StatsReader::Hints, and what is a reset then: buckets are no longer looked at.
void RawReader::SettleHints(DenseSamples& samples) {
  using Hint = CounterResetHint;
  DenseHistograms& rows = samples.rows;
  const auto steps = stats_reader_.Steps(samples.t, *stats_plan_);
  std::vector<size_t> resets;
  size_t next = 0;
  for (size_t i = 0; i < rows.rows(); ++i) {
    while (next < samples.resets.size() && samples.resets[next] < i) ++next;
    const bool is_reset = next < samples.resets.size() && samples.resets[next] == i;
    Hint hint = steps[i] == StatsReader::Step::kNever ? Hint::kUnknown : rows.hint(i);
    if (hint == Hint::kUnknown && steps[i] == StatsReader::Step::kBehind) {
      hint = is_reset ? Hint::kReset : Hint::kNotReset;
    }
    rows.set_hint(i, hint);
    const auto count = [&](size_t row) { return rows.Row(row)[DenseHistograms::kCount]; };
    const bool decreased = hint == Hint::kUnknown && i > 0 && count(i) < count(i - 1);
    if (hint == Hint::kReset || decreased) resets.push_back(i);
  }
  samples.resets = std::move(resets);
}

SeriesSamples RawReader::ReadAsObjects() {
  const DenseSamples& samples = dense_->samples;
  buffer_.clear();
  histogram_buffer_.clear();
  pool_.BeginRound();
  histogram_buffer_.t.assign(samples.t.begin(), samples.t.end());
  for (size_t i = 0; i < samples.rows.rows(); ++i) {
    const std::shared_ptr<FloatHistogram>& object = pool_.Take();
    samples.rows.Copy(i, *object);
    histogram_buffer_.h.emplace_back(object);
  }
  return SeriesSamples{SpanOf(buffer_), SpanOf(histogram_buffer_)};
}

absl::Status RawReader::DropStaleFloats(SampleSpan& samples) {
  if (CountAbsent(samples.v) == 0) return absl::OkStatus();  // quick to see: the same bits
  const size_t first_stale = FirstStale(samples.v);
  if (samples.t.data() != buffer_.t.data()) {
    buffer_.t.assign(samples.t.begin(), samples.t.end());
    buffer_.v.assign(samples.v.begin(), samples.v.end());
    buffer_.st.assign(samples.st.begin(), samples.st.end());
    RETURN_IF_ERROR(ChargeBuffers());
  }
  Compact(buffer_.t, buffer_.st, buffer_.v, first_stale);
  samples = SpanOf(buffer_);
  return absl::OkStatus();
}

absl::Status RawReader::DropStaleHistograms(HistogramSamples& samples) {
  const size_t first_stale = FirstStale(samples.h);
  if (first_stale == samples.size()) return absl::OkStatus();
  if (samples.t.data() != histogram_buffer_.t.data()) {
    histogram_buffer_.t.assign(samples.t.begin(), samples.t.end());
    histogram_buffer_.h.assign(samples.h.begin(), samples.h.end());
    histogram_buffer_.st.assign(samples.st.begin(), samples.st.end());
    RETURN_IF_ERROR(ChargeBuffers());
  }
  Compact(histogram_buffer_.t, histogram_buffer_.st, histogram_buffer_.h, first_stale);
  samples = SpanOf(histogram_buffer_);
  return absl::OkStatus();
}

absl::Status RawReader::ChargeBuffers() {
  int64_t bytes =
      static_cast<int64_t>((buffer_.t.capacity() + buffer_.st.capacity()) * sizeof(int64_t) +
                           buffer_.v.capacity() * sizeof(double));
  for (const HistogramPtr& h : histogram_buffer_.h) bytes += BytesOf(*h);
  return bytes > memory_.bytes() ? memory_.Grow(bytes - memory_.bytes()) : absl::OkStatus();
}

}  // namespace synoptic::promql::internal
