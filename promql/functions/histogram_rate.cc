// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// rate, increase and delta of native histograms.
//
// The increase is last - first plus what was lost at each reset, over histograms of the coarsest
// schema in the window. Whether neighbours are a reset is found once per pair; what depends on the
// schemas and hints of a whole window is looked at per window only where they differ at all.
#include <algorithm>
#include <optional>

#include "promql/functions/extrapolate.h"
#include "promql/functions/histogram_increase.h"
#include "promql/functions/histogram_kernels.h"
#include "promql/functions/pair_events.h"
#include "promql/functions/start_timestamp.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql {
namespace {

bool IsGauge(const FloatHistogram& h) { return h.hint == CounterResetHint::kGauge; }

class HistogramRate {
 public:
  HistogramRate(FunctionId id, const MixedSeries& series)
      : counter_(id != FunctionId::kDelta),
        rate_seconds_(id == FunctionId::kRate ? DurationSeconds(series.floats.range_ms) : 0),
        in_(series.histograms),
        notes_(series.notes),
        increases_(series.histograms.pool) {
    const FloatHistogram& first = *in_.h.front();
    for (const HistogramPtr& h : in_.h) {
      uniform_ = uniform_ && h->schema == first.schema;
      no_gauges_ = no_gauges_ && !IsGauge(*h);
    }
  }

  // Null: no answer.
  HistogramPtr Over(const Window& w) {
    const bool started = StartsInside(w);
    if (w.size() == 1 && !started) return nullptr;
    const FloatHistogram& first = *in_.h[w.lo];
    std::shared_ptr<FloatHistogram> increase;
    if (w.size() > 1 && !started && IsPlain(w)) {
      increase = increases_.Between(*in_.h[w.hi - 1], first);
    } else if (w.size() == 1) {
      increase = std::make_shared<FloatHistogram>(first);
    } else {
      const RangeNotes before = notes_;
      increase = Increase(w);
      if (increase == nullptr) {
        // Where histograms could not be added, Prometheus says nothing else of the window.
        if (forget_) notes_ = before;
        notes_.mixed_schemas = true;
        forget_ = false;
        return nullptr;
      }
      if (started && !AddTo(*increase, first)) return nullptr;
    }
    Sampled sampled{in_.t[w.lo], in_.t[w.hi - 1], w.size(), std::nullopt};
    std::optional<double> to_zero;
    if (started) {
      sampled.start = in_.st[w.lo];
    } else if (counter_ && increase->count > 0 && first.count >= 0) {
      to_zero = first.count / increase->count;
    }
    Multiply(*increase, ExtrapolationFactor(sampled, w, to_zero, rate_seconds_));
    return increase;
  }

 private:
  StampedTime At(size_t i) const { return {in_.st[i], in_.t[i]}; }
  bool IsReset(size_t i) const {
    return (!in_.st.empty() && IsStartReset(At(i - 1), At(i))) ||
           DetectReset(*in_.h[i], *in_.h[i - 1]);
  }
  bool Overlaps(size_t i) const { return StartOverlaps(At(i - 1), At(i)); }

  bool StartsInside(const Window& w) const {
    if (!counter_ || in_.st.empty()) return false;
    const int64_t st = in_.st[w.lo];
    return st != 0 && st > w.start && st < in_.t[w.lo];
  }

  // Nothing is to be told or made good, and first and last sample have the same buckets.
  bool IsPlain(const Window& w) {
    if (!uniform_ || !no_gauges_ || !counter_ || !in_.st.empty()) return false;
    if (!resets_.In(w, [this](size_t i) { return IsReset(i); }).empty()) return false;
    return increases_.CanDo(*in_.h[w.hi - 1], *in_.h[w.lo]);
  }

  // The coarsest schema that counts; nullopt when exponential and custom buckets are mixed.
  std::optional<int32_t> CommonSchema(const Window& w, const FloatHistogram& first) {
    if (uniform_ && no_gauges_) return first.schema;
    const FloatHistogram& last = *in_.h[w.hi - 1];
    bool gauge = IsGauge(*in_.h[w.lo]) || IsGauge(last);
    if (last.UsesCustomBuckets() != first.UsesCustomBuckets()) {
      notes_.not_a_counter |= counter_ && gauge;
      return Mixed();
    }
    int32_t schema = std::min(last.schema, first.schema);
    if (!counter_) return schema;
    for (size_t i = w.lo + 1; i + 1 < w.hi; ++i) {
      const FloatHistogram& h = *in_.h[i];
      if (h.UsesCustomBuckets() != first.UsesCustomBuckets()) return Mixed();
      gauge = gauge || IsGauge(h);
      schema = std::min(schema, h.schema);
    }
    notes_.not_a_counter |= gauge;
    return schema;
  }
  std::optional<int32_t> Mixed() {
    notes_.mixed_schemas = true;
    return std::nullopt;
  }

  void Forget() { forget_ = true; }

  std::shared_ptr<FloatHistogram> Increase(const Window& w) {
    const std::span<const size_t> resets =
        counter_ ? resets_.In(w, [this](size_t i) { return IsReset(i); })
                 : std::span<const size_t>();
    // A reset right behind the first sample: what that one counted has no part in the window, and
    // its layout none in the result.
    const bool first_is_void = !resets.empty() && resets.front() == w.lo + 1;
    FloatHistogram nothing;
    if (first_is_void) {
      nothing.schema = in_.h[w.lo + 1]->schema;
      nothing.custom_values = in_.h[w.lo + 1]->custom_values;
    }
    const FloatHistogram& first = first_is_void ? nothing : *in_.h[w.lo];
    const std::optional<int32_t> schema = CommonSchema(w, first);
    if (!schema.has_value()) return nullptr;

    auto h = std::make_shared<FloatHistogram>(CopyToSchema(*in_.h[w.hi - 1], *schema));
    const auto subtracted = Subtract(*h, first);
    if (!subtracted.ok()) return Forget(), nullptr;
    notes_.reconciled_in_subtraction |= subtracted->bounds_reconciled;
    if (!counter_) {
      notes_.not_a_gauge |= !IsGauge(*in_.h[w.lo]) || !IsGauge(*in_.h[w.hi - 1]);
    }
    if (counter_ && !in_.st.empty()) {
      const auto overlaps = overlaps_.In(w, [this](size_t i) { return Overlaps(i); });
      if (!overlaps.empty()) ++notes_.overlaps;
    }
    for (const size_t i : resets) {
      if (first_is_void && i == w.lo + 1) {
        // Compared with nothing it is a reset only if it says so itself.
        const bool says_so = !in_.st.empty() && IsStartReset(At(i - 1), At(i));
        if (!says_so && !DetectReset(*in_.h[i], nothing)) continue;
        if (!AddTo(*h, nothing)) return Forget(), nullptr;
      } else if (!AddTo(*h, *in_.h[i - 1])) {
        return Forget(), nullptr;
      }
    }
    h->hint = CounterResetHint::kGauge;
    Compact(*h, 0);
    return h;
  }

  bool AddTo(FloatHistogram& h, const FloatHistogram& more) {
    const auto added = Add(h, more);
    if (!added.ok()) return Mixed().has_value();
    notes_.reconciled_in_addition |= added->bounds_reconciled;
    return true;
  }

  const bool counter_;
  const double rate_seconds_;
  const HistogramInput& in_;
  RangeNotes& notes_;
  PairEvents resets_;
  PairEvents overlaps_;
  HistogramIncrease increases_;
  bool uniform_ = true;    // one schema everywhere
  bool no_gauges_ = true;  // no hint says gauge
  bool forget_ = false;    // Increase failed, and its notes go
};

}  // namespace

void HistogramRateKernel(FunctionId id, const MixedSeries& series) {
  HistogramRate rate(id, series);
  ForEachHistogramWindow(
      series, [&](size_t s, const Window& w) { series.histograms_out[s] = rate.Over(w); });
}

}  // namespace synoptic::promql
