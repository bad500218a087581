// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// irate and idelta where a window holds histograms: from its last two samples, of either kind.
#include "promql/functions/extrapolate.h"
#include "promql/functions/histogram_kernels.h"
#include "promql/functions/start_timestamp.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {
namespace {

bool IsGauge(const FloatHistogram& h) { return h.hint == CounterResetHint::kGauge; }

class HistogramInstantRate {
 public:
  HistogramInstantRate(bool is_rate, const MixedSeries& series)
      : is_rate_(is_rate), in_(series.histograms), notes_(series.notes) {}

  // From samples `last` - 1 and `last`; null: no answer.
  HistogramPtr Between(size_t last) {
    const FloatHistogram& previous = *in_.h[last - 1];
    const FloatHistogram& current = *in_.h[last];
    auto h = std::make_shared<FloatHistogram>(current);
    if (is_rate_) {
      notes_.not_a_counter |= IsGauge(previous) || IsGauge(current);
    } else {
      notes_.not_a_gauge |= !IsGauge(previous) || !IsGauge(current);
    }
    // After a reset the counter started from zero.
    if (!is_rate_ || !IsReset(last)) {
      const auto subtracted = Subtract(*h, previous);
      if (!subtracted.ok()) {
        notes_.mixed_schemas = true;
        return nullptr;
      }
      notes_.reconciled_in_subtraction |= subtracted->bounds_reconciled;
    }
    h->hint = CounterResetHint::kGauge;
    Compact(*h, 0);
    if (is_rate_) Divide(*h, SecondsBetween(in_.t[last - 1], in_.t[last]));
    return h;
  }

 private:
  bool IsReset(size_t i) const {
    const bool started =
        !in_.st.empty() && IsStartReset({in_.st[i - 1], in_.t[i - 1]}, {in_.st[i], in_.t[i]});
    return started || DetectReset(*in_.h[i], *in_.h[i - 1]);
  }

  const bool is_rate_;
  const HistogramInput& in_;
  RangeNotes& notes_;
};

}  // namespace

void HistogramInstantRateKernel(FunctionId id, const MixedSeries& series) {
  HistogramInstantRate rate(id == FunctionId::kIrate, series);
  const std::span<const int64_t> floats_t = series.floats.t, t = series.histograms.t;
  ForEachMixedWindow(series, [&](size_t s, const Window& floats, const Window& w) {
    // How many of the window's last two samples are histograms.
    int count = 0;
    if (floats.empty()) {
      count = w.size() > 1 ? 2 : 1;
    } else if (t[w.hi - 1] > floats_t[floats.hi - 1]) {
      count = w.size() > 1 && t[w.hi - 2] > floats_t[floats.hi - 1] ? 2 : 1;
    } else if (floats.size() == 1 || floats_t[floats.hi - 2] < t[w.hi - 1]) {
      count = 1;
    }
    if (count == 0) return;  // two floats: the kernel's answer stands
    series.out[s] = Absent();
    if (count == 2) {
      series.histograms_out[s] = rate.Between(w.hi - 1);
    } else if (!floats.empty()) {
      series.notes.mixed_types = true;
    }
  });
}

}  // namespace synoptic::promql
