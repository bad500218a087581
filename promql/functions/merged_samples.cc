// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/merged_samples.h"

#include <cmath>

#include "promql/functions/start_timestamp.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {

MergedSamples::MergedSamples(const RangeInput& floats, const HistogramInput& histograms)
    : v_(floats.v), h_(histograms.h), float_st_(floats.st), histogram_st_(histograms.st) {
  const size_t size = floats.t.size() + histograms.t.size();
  t_.reserve(size);
  places_.reserve(size);
  size_t f = 0, h = 0;
  while (t_.size() < size) {
    const bool is_histogram =
        f == floats.t.size() || (h < histograms.t.size() && histograms.t[h] < floats.t[f]);
    size_t& next = is_histogram ? h : f;
    t_.push_back(is_histogram ? histograms.t[next] : floats.t[next]);
    places_.push_back({is_histogram, next++});
  }
}

bool MergedSamples::IsChange(size_t i) const {
  const Place &previous = places_[i - 1], &current = places_[i];
  if (previous.is_histogram != current.is_histogram) return true;
  if (current.is_histogram) return !Equal(*h_[current.index], *h_[previous.index]);
  const double a = v_[previous.index], b = v_[current.index];
  return a != b && !(std::isnan(a) && std::isnan(b));
}

bool MergedSamples::IsReset(size_t i) const {
  const Place &previous = places_[i - 1], &current = places_[i];
  if (previous.is_histogram != current.is_histogram) return true;
  if (IsStartReset({StartOf(previous), t_[i - 1]}, {StartOf(current), t_[i]})) return true;
  if (current.is_histogram) return DetectReset(*h_[current.index], *h_[previous.index]);
  return v_[current.index] < v_[previous.index];
}

int64_t MergedSamples::StartOf(const Place& place) const {
  const std::span<const int64_t> st = place.is_histogram ? histogram_st_ : float_st_;
  return st.empty() ? 0 : st[place.index];
}

}  // namespace synoptic::promql
