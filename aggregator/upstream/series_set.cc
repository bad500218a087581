// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/series_set.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;
using promql::RawSeries;
using promql::SampleColumns;
using promql::StepSeries;

constexpr int64_t kMinTime = std::numeric_limits<int64_t>::min();
constexpr int64_t kMaxTime = std::numeric_limits<int64_t>::max();
// Merging costs time with their number; no set of replicas is near this.
constexpr size_t kMaxReplicas = 32;

template <class Series>
void SortByLabels(std::vector<Series>& series) {
  const auto less = [](const Series& a, const Series& b) { return a.labels < b.labels; };
  // Prometheus sends most answers in this order already.
  if (!std::is_sorted(series.begin(), series.end(), less)) {
    std::sort(series.begin(), series.end(), less);
  }
}

// Hands every run of equal series to `merge`, which leaves the result in the first; the others go.
template <class Series, class Merge>
absl::Status MergeEqual(std::vector<Series>& series, Merge merge) {
  size_t kept = 0;
  for (size_t i = 0; i < series.size();) {
    size_t end = i + 1;
    while (end < series.size() && series[end].labels == series[i].labels) ++end;
    if (end - i > 1) RETURN_IF_ERROR(merge(&series[i], end - i));
    if (kept != i) series[kept] = std::move(series[i]);
    ++kept;
    i = end;
  }
  series.erase(series.begin() + static_cast<long>(kept), series.end());
  return absl::OkStatus();
}

size_t PresentCount(const StepSeries& series) {
  return static_cast<size_t>(std::count_if(series.values.begin(), series.values.end(),
                                           [](double v) { return !promql::IsAbsent(v); }));
}

bool BitsLess(const std::vector<double>& a, const std::vector<double>& b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(),
      [](double x, double y) { return std::bit_cast<uint64_t>(x) < std::bit_cast<uint64_t>(y); });
}

absl::Status MergeSteps(StepSeries* series, size_t count) {
  std::sort(series, series + count, [](const StepSeries& a, const StepSeries& b) {
    const size_t in_a = PresentCount(a);
    const size_t in_b = PresentCount(b);
    return in_a != in_b ? in_a > in_b : BitsLess(a.values, b.values);
  });
  std::vector<double>& base = series[0].values;
  for (size_t s = 1; s < count; ++s) {
    for (size_t i = 0; i < base.size(); ++i) {
      if (promql::IsAbsent(base[i])) base[i] = series[s].values[i];
    }
  }
  return absl::OkStatus();
}

// Both by time; of equal times `a`'s stays.
SampleColumns Union(const SampleColumns& a, const SampleColumns& b) {
  SampleColumns out;
  out.t.reserve(a.size() + b.size());
  out.v.reserve(a.size() + b.size());
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a.t[i] <= b.t[j])) {
      if (j < b.size() && a.t[i] == b.t[j]) ++j;
      out.push_back(a.t[i], a.v[i]);
      ++i;
    } else {
      out.push_back(b.t[j], b.v[j]);
      ++j;
    }
  }
  return out;
}

// The usual distance of neighbours.
int64_t UsualInterval(const SampleColumns& samples) {
  std::vector<int64_t> deltas;
  for (size_t i = 1; i < samples.size(); ++i) deltas.push_back(samples.t[i] - samples.t[i - 1]);
  if (deltas.empty()) return 0;
  const auto middle = deltas.begin() + static_cast<long>(deltas.size() / 2);
  std::nth_element(deltas.begin(), middle, deltas.end());
  return *middle;
}

// The samples of `other` that lie where `base` has none for longer than it should.
SampleColumns InGaps(const SampleColumns& base, const SampleColumns& other) {
  const int64_t interval = UsualInterval(base);
  const int64_t margin = interval / 2;
  SampleColumns out;
  size_t next = 0;  // the first sample of base after other's
  for (size_t j = 0; j < other.size(); ++j) {
    const int64_t t = other.t[j];
    while (next < base.size() && base.t[next] <= t) ++next;
    const bool has_before = next > 0;
    const bool has_after = next < base.size();
    if (has_before && t - base.t[next - 1] <= margin) continue;
    if (has_after && base.t[next] - t <= margin) continue;
    if (has_before && has_after && base.t[next] - base.t[next - 1] <= interval * 5 / 2) continue;
    out.push_back(t, other.v[j]);
  }
  return out;
}

bool Overlap(const std::vector<Chunk>& chunks) {
  for (size_t i = 1; i < chunks.size(); ++i) {
    if (chunks[i].min_t <= chunks[i - 1].max_t) return true;
  }
  return false;
}

// For the columns that the series' chunks will become, before they are made: by what the chunks'
// headers claim, which decoding holds them to.
absl::Status ChargeDecoded(const RawSeries& series, Reservation& held) {
  const auto* chunks = std::get_if<std::vector<Chunk>>(&series.data);
  if (chunks == nullptr) return absl::OkStatus();
  size_t samples = 0;
  for (const Chunk& chunk : *chunks) samples += promql::XorSampleCount(chunk.bytes);
  return held.Grow(static_cast<int64_t>(samples * sizeof(promql::Sample)));
}

// Puts the chunks of one series in order, as columns when they overlap.
absl::Status Straighten(RawSeries& series, Reservation& held) {
  auto* chunks = std::get_if<std::vector<Chunk>>(&series.data);
  if (chunks == nullptr) return absl::OkStatus();
  const auto less = [](const Chunk& a, const Chunk& b) {
    return a.min_t != b.min_t ? a.min_t < b.min_t : a.bytes < b.bytes;
  };
  if (!std::is_sorted(chunks->begin(), chunks->end(), less)) {
    std::sort(chunks->begin(), chunks->end(), less);
  }
  if (!Overlap(*chunks)) return absl::OkStatus();
  RETURN_IF_ERROR(ChargeDecoded(series, held));
  std::vector<promql::Sample> samples;
  for (const Chunk& chunk : *chunks) {
    SampleColumns part;
    RETURN_IF_ERROR(
        promql::ReadSamples({series.labels, std::vector<Chunk>{chunk}}, kMinTime, kMaxTime, part));
    for (size_t i = 0; i < part.size(); ++i) samples.push_back({part.t[i], part.v[i]});
  }
  std::sort(samples.begin(), samples.end(), [](const promql::Sample& x, const promql::Sample& y) {
    return x.t != y.t ? x.t < y.t : std::bit_cast<uint64_t>(x.v) < std::bit_cast<uint64_t>(y.v);
  });
  SampleColumns merged;
  for (const promql::Sample& sample : samples) {
    if (merged.empty() || sample.t > merged.t.back()) merged.push_back(sample.t, sample.v);
  }
  series.data = std::move(merged);
  return absl::OkStatus();
}

bool AllChunks(const RawSeries* series, size_t count) {
  return std::all_of(series, series + count, [](const RawSeries& one) {
    return std::holds_alternative<std::vector<Chunk>>(one.data);
  });
}

absl::Status MergeRaw(RawSeries* series, size_t count, Reservation& held) {
  if (AllChunks(series, count)) {
    std::vector<Chunk> all;
    for (size_t s = 0; s < count; ++s) {
      const auto& chunks = std::get<std::vector<Chunk>>(series[s].data);
      all.insert(all.end(), chunks.begin(), chunks.end());
    }
    std::sort(all.begin(), all.end(),
              [](const Chunk& a, const Chunk& b) { return a.min_t < b.min_t; });
    if (!Overlap(all)) {
      series[0].data = std::move(all);
      return absl::OkStatus();
    }
  }
  if (count > kMaxReplicas) {
    return MakeStatus(absl::StatusCode::kDataLoss,
                      "series {} came {} times: expected at most {} replicas",
                      series[0].labels.ToString(), count, kMaxReplicas);
  }
  std::vector<SampleColumns> parts(count);
  for (size_t s = 0; s < count; ++s) {
    RETURN_IF_ERROR(ChargeDecoded(series[s], held));
    RETURN_IF_ERROR(promql::ReadSamples(series[s], kMinTime, kMaxTime, parts[s]));
  }
  std::sort(parts.begin(), parts.end(), [](const SampleColumns& a, const SampleColumns& b) {
    if (a.size() != b.size()) return a.size() > b.size();
    if (a.t != b.t) return a.t < b.t;
    return BitsLess(a.v, b.v);
  });
  SampleColumns merged = std::move(parts[0]);
  for (size_t s = 1; s < count; ++s) merged = Union(merged, InGaps(merged, parts[s]));
  series[0].data = std::move(merged);
  return absl::OkStatus();
}

}  // namespace

void MakeSet(std::vector<StepSeries>& series) {
  SortByLabels(series);
  MergeEqual(series, MergeSteps).IgnoreError();  // MergeSteps has no errors
}

absl::Status MakeSet(std::vector<RawSeries>& series, Reservation& held) {
  for (RawSeries& one : series) RETURN_IF_ERROR(Straighten(one, held));
  SortByLabels(series);
  return MergeEqual(series,
                    [&held](RawSeries* run, size_t count) { return MergeRaw(run, count, held); });
}

int64_t HeldBytes(const StepSeries& series) {
  return static_cast<int64_t>(sizeof(StepSeries) + series.labels.MemoryBytes() +
                              series.values.capacity() * sizeof(double));
}

int64_t HeldBytes(const RawSeries& series) {
  size_t bytes = sizeof(RawSeries) + series.labels.MemoryBytes();
  if (const auto* columns = std::get_if<SampleColumns>(&series.data)) {
    bytes += columns->t.capacity() * sizeof(int64_t) + columns->v.capacity() * sizeof(double);
  } else {
    bytes += std::get<std::vector<Chunk>>(series.data).capacity() * sizeof(Chunk);
  }
  return static_cast<int64_t>(bytes);
}

}  // namespace synoptic::aggregator
