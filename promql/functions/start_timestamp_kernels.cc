// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/start_timestamp_kernels.h"

#include <algorithm>
#include <optional>

#include "promql/functions/extrapolate.h"
#include "promql/functions/pair_events.h"
#include "promql/functions/start_timestamp.h"
#include "promql/model/sample.h"

namespace synoptic::promql {
namespace {

class StartTimestampRate {
 public:
  StartTimestampRate(const RangeInput& in, RangeNotes& notes) : in_(in), notes_(notes) {}

  void Extrapolated(std::span<double> out, double rate_seconds) {
    ForEachWindow(in_, out, [&](const Window& w, size_t) { return Extrapolated(w, rate_seconds); });
  }

  void Instant(std::span<double> out) {
    ForEachWindow(in_, out, [&](const Window& w, size_t) {
      if (w.size() < 2) return Absent();
      const size_t i = w.hi - 1;
      const double increase = IsReset(i) ? in_.v[i] : in_.v[i] - in_.v[i - 1];
      return increase / SecondsBetween(in_.t[i - 1], in_.t[i]);
    });
  }

  void CountResets(std::span<double> out) {
    ForEachWindow(in_, out,
                  [&](const Window& w, size_t) { return static_cast<double>(Resets(w).size()); });
  }

 private:
  StampedTime At(size_t i) const { return {in_.st[i], in_.t[i]}; }
  bool IsReset(size_t i) const { return in_.v[i] < in_.v[i - 1] || IsStartReset(At(i - 1), At(i)); }
  std::span<const size_t> Resets(const Window& w) {
    return resets_.In(w, [this](size_t i) { return IsReset(i); });
  }

  bool HoldsHistogram(const Window& w) const {
    const auto it = std::upper_bound(in_.histogram_t.begin(), in_.histogram_t.end(), w.start);
    return it != in_.histogram_t.end() && *it <= w.end;
  }

  double Extrapolated(const Window& w, double rate_seconds) {
    const double first = in_.v[w.lo];
    double increase = in_.v[w.hi - 1] - first;
    const auto overlaps =
        overlaps_.In(w, [this](size_t i) { return StartOverlaps(At(i - 1), At(i)); });
    // A window that holds histograms too has no result, and nothing is said of its starts.
    if (!overlaps.empty() && !HoldsHistogram(w)) ++notes_.overlaps;
    for (const size_t i : Resets(w)) increase += in_.v[i - 1];

    Sampled sampled{in_.t[w.lo], in_.t[w.hi - 1], w.size(), std::nullopt};
    std::optional<double> to_zero;
    const int64_t st = in_.st[w.lo];
    if (st != 0 && st > w.start && st < in_.t[w.lo]) {
      sampled.start = st;
      increase += first;
    } else if (w.size() == 1) {
      return Absent();
    } else if (increase > 0 && first >= 0) {
      to_zero = first / increase;
    }
    return increase * ExtrapolationFactor(sampled, w, to_zero, rate_seconds);
  }

  const RangeInput& in_;
  RangeNotes& notes_;
  PairEvents resets_;
  PairEvents overlaps_;
};

}  // namespace

bool UsesStartTimestamps(FunctionId id) {
  return id == FunctionId::kRate || id == FunctionId::kIrate || id == FunctionId::kIncrease ||
         id == FunctionId::kResets;
}

void StartTimestampKernel(FunctionId id, const RangeInput& input, std::span<double> out,
                          RangeNotes& notes) {
  StartTimestampRate rate(input, notes);
  switch (id) {
    case FunctionId::kRate:
      return rate.Extrapolated(out, DurationSeconds(input.range_ms));
    case FunctionId::kIncrease:
      return rate.Extrapolated(out, 0);
    case FunctionId::kIrate:
      return rate.Instant(out);
    default:
      return rate.CountResets(out);
  }
}

}  // namespace synoptic::promql
