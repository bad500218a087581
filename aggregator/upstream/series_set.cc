// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/series_set.h"

#include <algorithm>
#include <bit>
#include <iterator>

#include "base/status.h"
#include "promql/model/mixed_samples.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;
using promql::MixedSample;
using promql::MixedSamples;
using promql::RawSeries;
using promql::SampleColumns;
using promql::StepSeries;

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
MixedSamples Union(const MixedSamples& a, const MixedSamples& b) {
  MixedSamples out;
  out.reserve(a.size() + b.size());
  size_t i = 0;
  size_t j = 0;
  bool last_from_a = true;
  while (i < a.size() || j < b.size()) {
    const bool from_a = j == b.size() || (i < a.size() && a[i].t <= b[j].t);
    if (from_a && j < b.size() && a[i].t == b[j].t) ++j;
    out.push_back(from_a ? a[i++] : b[j++]);
    if (from_a != last_from_a) promql::ForgetResetHint(out.back());
    last_from_a = from_a;
  }
  return out;
}

// The usual distance of neighbours.
int64_t UsualInterval(const MixedSamples& samples) {
  std::vector<int64_t> deltas;
  for (size_t i = 1; i < samples.size(); ++i) deltas.push_back(samples[i].t - samples[i - 1].t);
  if (deltas.empty()) return 0;
  const auto middle = deltas.begin() + static_cast<long>(deltas.size() / 2);
  std::nth_element(deltas.begin(), middle, deltas.end());
  return *middle;
}

// The samples of `other` that lie where `base` has none for longer than it should.
MixedSamples InGaps(const MixedSamples& base, const MixedSamples& other) {
  const int64_t interval = UsualInterval(base);
  const int64_t margin = interval / 2;
  MixedSamples out;
  size_t next = 0;  // the first sample of base after other's
  for (const MixedSample& sample : other) {
    const int64_t t = sample.t;
    while (next < base.size() && base[next].t <= t) ++next;
    const bool has_before = next > 0;
    const bool has_after = next < base.size();
    if (has_before && t - base[next - 1].t <= margin) continue;
    if (has_after && base[next].t - t <= margin) continue;
    if (has_before && has_after && base[next].t - base[next - 1].t <= interval * 5 / 2) continue;
    out.push_back(sample);
  }
  return out;
}

bool Overlap(const std::vector<Chunk>& chunks) {
  for (size_t i = 1; i < chunks.size(); ++i) {
    if (chunks[i].min_t <= chunks[i - 1].max_t) return true;
  }
  return false;
}

// A chunk's samples, charged: floats before they are decoded, by what the chunk's header claims,
// which decoding holds it to; histograms as they come.
absl::StatusOr<MixedSamples> Decode(const promql::Labels& labels, const Chunk& chunk,
                                    Reservation& held) {
  const size_t claimed = promql::XorSampleCount(chunk.bytes);
  RETURN_IF_ERROR(held.Grow(static_cast<int64_t>(claimed * sizeof(promql::Sample))));
  ASSIGN_OR_RETURN(MixedSamples samples, promql::ReadMixed({labels, std::vector<Chunk>{chunk}}));
  for (const MixedSample& sample : samples) {
    if (sample.h != nullptr) RETURN_IF_ERROR(held.Grow(promql::HeldBytes(*sample.h)));
  }
  return samples;
}

// All samples of a series by time, each time once: of several the same one stays in whatever order
// their chunks came.
absl::StatusOr<MixedSamples> Decode(const RawSeries& series, Reservation& held) {
  const auto* chunks = std::get_if<std::vector<Chunk>>(&series.data);
  if (chunks == nullptr) return promql::ReadMixed(series);
  struct Placed {
    MixedSample sample;
    bool first;  // of its chunk
    bool last;
    size_t chunk;
  };
  std::vector<Placed> all;
  for (size_t c = 0; c < chunks->size(); ++c) {
    ASSIGN_OR_RETURN(MixedSamples part, Decode(series.labels, (*chunks)[c], held));
    for (size_t i = 0; i < part.size(); ++i) {
      all.push_back({std::move(part[i]), i == 0, i + 1 == part.size(), c});
    }
  }
  std::sort(all.begin(), all.end(), [](const Placed& a, const Placed& b) {
    return a.sample.t != b.sample.t ? a.sample.t < b.sample.t
                                    : promql::BitsLess(a.sample, b.sample);
  });
  MixedSamples out;
  out.reserve(all.size());
  const Placed* previous = nullptr;
  for (Placed& placed : all) {
    if (previous != nullptr && placed.sample.t == out.back().t) continue;
    out.push_back(std::move(placed.sample));
    const bool follows =
        previous == nullptr || previous->chunk == placed.chunk || (previous->last && placed.first);
    if (!follows) promql::ForgetResetHint(out.back());
    previous = &placed;
  }
  return out;
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
  ASSIGN_OR_RETURN(MixedSamples samples, Decode(series, held));
  promql::SetMixed(std::move(samples), series);
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
  std::vector<MixedSamples> parts(count);
  for (size_t s = 0; s < count; ++s) {
    ASSIGN_OR_RETURN(parts[s], Decode(series[s], held));
  }
  std::sort(parts.begin(), parts.end(), [](const MixedSamples& a, const MixedSamples& b) {
    if (a.size() != b.size()) return a.size() > b.size();
    const auto less = [](const MixedSample& x, const MixedSample& y) {
      return x.t != y.t ? x.t < y.t : promql::BitsLess(x, y);
    };
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), less);
  });
  MixedSamples merged = std::move(parts[0]);
  for (size_t s = 1; s < count; ++s) merged = Union(merged, InGaps(merged, parts[s]));
  promql::SetMixed(std::move(merged), series[0]);
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
    bytes += static_cast<size_t>(promql::HeldBytes(series.histograms));
  } else {
    bytes += std::get<std::vector<Chunk>>(series.data).capacity() * sizeof(Chunk);
  }
  return static_cast<int64_t>(bytes);
}

}  // namespace synoptic::aggregator
