// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// sum_over_time and avg_over_time of native histograms: compensated sums, bucket by bucket.
#include <optional>

#include "promql/functions/histogram_kernels.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {
namespace {

using Histograms = std::span<const HistogramPtr>;
using Lost = std::optional<FloatHistogram>;  // what rounding took from a sum

// Both of them said something, and not the same.
bool HintsCollide(Histograms histograms) {
  bool reset = false, not_reset = false;
  for (const HistogramPtr& h : histograms) {
    reset = reset || h->hint == CounterResetHint::kReset;
    not_reset = not_reset || h->hint == CounterResetHint::kNotReset;
  }
  return reset && not_reset;
}

// False when exponential and custom buckets meet.
bool AddCompensated(FloatHistogram& sum, const FloatHistogram& h, Lost& lost, RangeNotes& notes) {
  const auto added = KahanAdd(sum, h, lost);
  if (!added.ok()) return false;
  notes.reconciled_in_aggregation |= added->bounds_reconciled;
  return true;
}

bool AddLost(FloatHistogram& sum, const Lost& lost) {
  return !lost.has_value() || Add(sum, *lost).ok();
}

bool Sum(Histograms histograms, FloatHistogram& sum, RangeNotes& notes) {
  Lost lost;
  for (const HistogramPtr& h : histograms.subspan(1)) {
    if (!AddCompensated(sum, *h, lost, notes)) return false;
  }
  return AddLost(sum, lost);
}

void DivideLost(Lost& lost, double by) {
  if (lost.has_value()) Divide(*lost, by);
}

// From sample `next` on by a running mean: the sum of all would leave the range of a double.
bool RunningMean(Histograms histograms, size_t next, FloatHistogram& mean, Lost& lost,
                 RangeNotes& notes) {
  Divide(mean, static_cast<double>(next));
  DivideLost(lost, static_cast<double>(next));
  for (size_t i = next; i < histograms.size(); ++i) {
    const double n = static_cast<double>(i + 1);
    const double q = (n - 1) / n;
    if (lost.has_value()) Multiply(*lost, q);
    FloatHistogram share = *histograms[i];
    Divide(share, n);
    Multiply(mean, q);
    if (!AddCompensated(mean, share, lost, notes)) return false;
  }
  return AddLost(mean, lost);
}

bool Mean(Histograms histograms, FloatHistogram& sum, RangeNotes& notes) {
  Lost lost;
  for (size_t i = 1; i < histograms.size(); ++i) {
    FloatHistogram next_sum = sum;
    Lost next_lost = lost;
    if (!AddCompensated(next_sum, *histograms[i], next_lost, notes)) return false;
    if (HasOverflow(next_sum)) return RunningMean(histograms, i, sum, lost, notes);
    sum = std::move(next_sum);
    lost = std::move(next_lost);
  }
  const double n = static_cast<double>(histograms.size());
  Divide(sum, n);
  DivideLost(lost, n);
  return AddLost(sum, lost);
}

template <class Combine>
void CombineWindows(const MixedSeries& series, Combine combine) {
  ForEachHistogramWindow(series, [&](size_t s, const Window& w) {
    const Histograms histograms = series.histograms.h.subspan(w.lo, w.size());
    auto result = std::make_shared<FloatHistogram>(*histograms.front());
    RangeNotes notes;
    if (!combine(histograms, *result, notes)) {
      series.notes.mixed_schemas = true;
      return;
    }
    series.notes.reconciled_in_aggregation |= notes.reconciled_in_aggregation;
    series.notes.reset_collision |= HintsCollide(histograms);
    series.histograms_out[s] = std::move(result);
  });
}

}  // namespace

void HistogramSumOverTimeKernel(const MixedSeries& series) { CombineWindows(series, Sum); }

void HistogramAvgOverTimeKernel(const MixedSeries& series) { CombineWindows(series, Mean); }

}  // namespace synoptic::promql
