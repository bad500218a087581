// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Instant vector selectors: the newest sample within the lookback, staleness, offset and @
// modifiers, the samples' own times for timestamp() and start_timestamp(), and `smoothed`.
#include <algorithm>
#include <optional>

#include "base/status.h"
#include "promql/eval/column_ahead.h"
#include "promql/eval/operators.h"
#include "promql/eval/range_notes.h"
#include "promql/eval/raw_reader.h"
#include "promql/eval/smooth.h"
#include "promql/functions/columns.h"
#include "promql/functions/range.h"
#include "promql/functions/window_set.h"

namespace synoptic::promql::internal {
namespace {

// kInfo: times of floats, and histograms as they are.
enum class Mode { kValues, kTimestamps, kStartTimestamps, kInfo, kSmoothed };

class SelectorWorker final : public ColumnWorker {
 public:
  SelectorWorker(const VectorSelector& selector, std::span<const RawSeries> data, Mode mode,
                 const Scope& scope)
      : scope_(scope),
        data_(data),
        mode_(mode),
        fixed_(selector.time.at != TimeModifiers::AtKind::kNone),
        at_ms_(selector.time.at_ms),
        offset_ms_(selector.time.offset_ms()),
        reader_(scope.eval) {
    SetTimes(selector);
    if (selector.stats_only) reader_.GiveStatsOnly(PlanOf(mode));
  }

  // All that is read lies between these times.
  int64_t min_t() const { return min_t_; }
  int64_t max_t() const { return max_t_; }

  absl::Status Compute(size_t series, std::span<double> out, NativeColumn& native,
                       ColumnFindings& findings) override {
    RETURN_IF_ERROR(scope_.eval.CheckCancelled());
    if (mode_ == Mode::kSmoothed) {
      ASSIGN_OR_RETURN(const SeriesSamples samples,
                       reader_.ReadLive(data_[series], min_t(), max_t()));
      Smooth(samples, out, native.objects, findings.notes);
      return absl::OkStatus();
    }
    if (mode_ == Mode::kValues) {
      ASSIGN_OR_RETURN(DenseSamples* const dense,
                       reader_.ReadDense(data_[series], min_t(), max_t()));
      if (dense != nullptr) {
        findings.samples_read = PickDense(*dense, out, native.dense);
        return absl::OkStatus();
      }
    }
    ASSIGN_OR_RETURN(const SeriesSamples samples, reader_.Read(data_[series], min_t(), max_t()));
    if (samples.histograms.empty() && mode_ != Mode::kStartTimestamps) {
      findings.samples_read = Pick(samples.floats, out);
    } else {
      findings.samples_read = PickOfBoth(samples, out, native.objects);
    }
    return absl::OkStatus();
  }

 private:
  int64_t lookback() const { return scope_.eval.options.lookback_ms; }
  int64_t Reference(size_t step) const {
    return (fixed_ ? at_ms_ : scope_.grid.at(step)) - offset_ms_;
  }

  void SetTimes(const VectorSelector& selector) {
    const int64_t after = selector.smoothed ? lookback() : 0;
    const auto reach = [&](int64_t from, int64_t until) {
      // Left-open: a sample exactly `lookback` old is too old.
      min_t_ = std::max(min_t_, from - lookback() + 1);
      max_t_ = std::min(max_t_, until + after);
    };
    if (fixed_ && (mode_ == Mode::kTimestamps || mode_ == Mode::kStartTimestamps)) {
      // Here Prometheus forgets the offset, but it has fetched for it.
      reach(at_ms_ - offset_ms_, at_ms_ - offset_ms_);
      offset_ms_ = 0;
    } else if (fixed_) {
      const int64_t fetched = at_ms_ - offset_ms_;
      at_ms_ += scope_.at_shift_ms;
      if (selector.time.moves || scope_.at_shift_ms != 0) reach(fetched, fetched);
      if (selector.time.moves) {
        fixed_ = false;
        offset_ms_ += scope_.grid.start - at_ms_;
      }
    } else if (selector.until_ms) {
      reach(Reference(0), *selector.until_ms - offset_ms_);
    }
    reach(Reference(0), Reference(scope_.steps() - 1));
    max_t_ = std::max(max_t_, min_t_ - 1);  // nothing at all
  }

  // These return how many samples they found.
  int64_t Pick(const SampleSpan& samples, std::span<double> out) {
    AssignWindows(samples.t, samples.v);
    PickNewest(samples, fixed_ ? out.first(1) : out);
    if (fixed_) std::fill(out.begin() + 1, out.end(), out[0]);
    return static_cast<int64_t>(out.size() - CountAbsent(out));
  }

  int64_t PickDense(DenseSamples& samples, std::span<double> out, DenseColumn& column) {
    AssignWindows(samples.t, {});
    const std::span<const uint32_t> lo = windows_.lo(), hi = windows_.hi();
    std::swap(column.rows, samples.rows);
    column.compact = false;
    column.row_of_step.resize(out.size());
    int64_t found = 0;
    for (size_t s = 0; s < out.size(); ++s) {
      const size_t window = fixed_ ? 0 : s;
      const bool any = hi[window] > lo[window];
      column.row_of_step[s] = any ? hi[window] - 1 : DenseColumn::kNoRow;
      found += any ? 1 : 0;
    }
    std::fill(out.begin(), out.end(), Absent());
    if (found == 0) column.clear();
    return found;
  }

  void AssignWindows(std::span<const int64_t> t, std::span<const double> v) {
    Grid grid = scope_.grid;
    int64_t offset = offset_ms_;
    if (fixed_) {  // one time for all steps
      offset += grid.start - at_ms_;
      grid = Grid::Instant(grid.start);
    }
    windows_.Assign({t, v, grid, lookback(), offset, {}, {}});
  }

  // A stale marker as the newest sample hides older ones; it is Absent() itself.
  void PickNewest(const SampleSpan& samples, std::span<double> out) {
    const std::span<const uint32_t> lo = windows_.lo(), hi = windows_.hi();
    if (mode_ != Mode::kValues) {
      for (size_t s = 0; s < out.size(); ++s) {
        const bool found = hi[s] > lo[s] && !IsStaleNaN(samples.v[hi[s] - 1]);
        out[s] = found ? static_cast<double>(samples.t[hi[s] - 1]) / 1000 : Absent();
      }
      return;
    }
    size_t moving = 0;
    if (hi[0] > lo[0]) {
      moving = windows_.moving();
      std::copy_n(samples.v.data() + hi[0] - 1, moving, out.data());
    }
    for (size_t s = moving; s < out.size(); ++s) {
      out[s] = hi[s] > lo[s] ? samples.v[hi[s] - 1] : Absent();
    }
  }

  // The newer one of the last float and the last histogram, of either column.
  int64_t PickOfBoth(const SeriesSamples& samples, std::span<double> out,
                     std::vector<HistogramPtr>& column) {
    const SampleSpan& floats = samples.floats;
    const HistogramSamples& histograms = samples.histograms;
    size_t after_floats = 0, after_histograms = 0;
    int64_t found = 0;
    for (size_t s = 0; s < out.size(); ++s) {
      const int64_t reference = Reference(s), oldest = reference - lookback() + 1;
      while (after_floats < floats.size() && floats.t[after_floats] <= reference) ++after_floats;
      while (after_histograms < histograms.size() && histograms.t[after_histograms] <= reference) {
        ++after_histograms;
      }
      out[s] = Absent();
      const int64_t float_t = after_floats > 0 ? floats.t[after_floats - 1] : INT64_MIN;
      const int64_t histogram_t =
          after_histograms > 0 ? histograms.t[after_histograms - 1] : INT64_MIN;
      if (std::max(float_t, histogram_t) < oldest) continue;
      if (float_t >= histogram_t) {
        if (IsStaleNaN(floats.v[after_floats - 1])) continue;
        out[s] = ValueOf(floats, after_floats - 1, floats.v[after_floats - 1]);
      } else {
        const HistogramPtr& histogram = histograms.h[after_histograms - 1];
        if (IsStaleNaN(histogram->sum)) continue;
        if (mode_ == Mode::kValues || mode_ == Mode::kInfo) {
          Put(s, histogram, column);
        } else {
          out[s] = ValueOf(histograms, after_histograms - 1, Absent());
        }
      }
      ++found;
    }
    return found;
  }

  void Put(size_t step, HistogramPtr histogram, std::vector<HistogramPtr>& column) const {
    if (column.empty()) column.resize(scope_.steps());
    column[step] = std::move(histogram);
  }

  // What the mode asks for of sample `i`: its value or one of its times.
  template <class Samples>
  double ValueOf(const Samples& samples, size_t i, double value) const {
    switch (mode_) {
      case Mode::kTimestamps:
      case Mode::kInfo:
        return static_cast<double>(samples.t[i]) / 1000;
      case Mode::kStartTimestamps:
        return samples.st.empty() ? 0.0 : static_cast<double>(samples.st[i]) / 1000;
      default:
        return value;
    }
  }

  void Smooth(const SeriesSamples& samples, std::span<double> out,
              std::vector<HistogramPtr>& column, RangeNotes& notes) {
    Smoother smoother(samples, lookback());
    for (size_t s = 0; s < out.size(); ++s) {
      auto [value, histogram] = smoother.At(Reference(s), notes);
      out[s] = value;
      if (histogram != nullptr) Put(s, std::move(histogram), column);
    }
  }

  ReadingPlan PlanOf(Mode mode) const {
    const Grid& grid = scope_.grid;
    const int64_t end = Reference(0) + (mode == Mode::kSmoothed ? lookback() : 0);
    const int64_t delta =
        mode == Mode::kSmoothed ? grid.end - grid.start + 2 * lookback() : lookback();
    if (fixed_) return {Grid::Instant(end), delta, delta};
    return {{end, end + (grid.end - grid.start), grid.step}, delta, delta};
  }

  const Scope scope_;
  const std::span<const RawSeries> data_;
  const Mode mode_;
  bool fixed_;
  int64_t at_ms_;
  int64_t offset_ms_;
  int64_t min_t_ = INT64_MIN, max_t_ = INT64_MAX;  // of the samples that are looked at
  RawReader reader_;
  WindowSet windows_;
};

class SelectorOp final : public Operator {
 public:
  SelectorOp(const VectorSelector& selector, std::span<const RawSeries> data, Mode mode,
             const Scope& scope)
      : Operator(scope),
        selector_(selector),
        data_(data),
        mode_(mode),
        order_(scope.eval.NextOrder()),
        worker_(selector, data, mode, scope) {
    series_.reserve(data.size());
    const int64_t min_t = worker_.min_t(), max_t = worker_.max_t();
    for (const RawSeries& raw : data) {
      series_.push_back({raw.labels, false, HasFloatsOnly(raw, min_t, max_t)});
    }
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    if (index() == 0) Start();
    ColumnFindings findings;
    RETURN_IF_ERROR(ahead_->Next(out, native_, findings));
    eval().CountRead(findings.samples_read);
    if (!findings.notes.empty()) {
      AddRangeNotes(findings.notes, data_[index()].labels.Get(kMetricName), selector_.pos, order_,
                    eval().notes);
    }
    return absl::OkStatus();
  }

  void Start() {
    ahead_.emplace(
        series_.size(), [this] { return EstimateSamples(data_, worker_.min_t(), worker_.max_t()); },
        scope(), worker_,
        [this] { return std::make_unique<SelectorWorker>(selector_, data_, mode_, scope()); });
  }

  const VectorSelector& selector_;
  const std::span<const RawSeries> data_;
  const Mode mode_;
  const int order_;
  SelectorWorker worker_;
  std::optional<ColumnAhead> ahead_;  // ends first: its threads use the rest
};

absl::StatusOr<OperatorPtr> Make(const VectorSelector& selector, Mode mode, const Scope& scope) {
  RETURN_IF_ERROR(scope.eval.CheckCancelled());
  auto data = scope.eval.source.Raw(selector.fetch_id);
  if (!data.ok()) return ExpandError(data.status());
  return std::make_unique<SelectorOp>(selector, *data, mode, scope);
}

}  // namespace

absl::Status ExpandError(const absl::Status& status) {
  if (status.code() == absl::StatusCode::kUnimplemented) return status;
  return Annotate(status, "expanding series");
}

absl::StatusOr<OperatorPtr> BuildSelector(const VectorSelector& selector, const Scope& scope) {
  return Make(selector, selector.smoothed ? Mode::kSmoothed : Mode::kValues, scope);
}

absl::StatusOr<std::vector<OperatorPtr>> BuildInfoSelectors(
    const VectorSelector& selector, const std::function<bool(const Labels&)>& wanted,
    const Scope& scope) {
  RETURN_IF_ERROR(scope.eval.CheckCancelled());
  const auto data = scope.eval.source.Raw(selector.fetch_id);
  if (!data.ok()) return ExpandError(data.status());
  std::vector<OperatorPtr> runs;
  for (size_t i = 0; i < data->size();) {
    const size_t begin = i;
    while (i < data->size() && wanted((*data)[i].labels)) ++i;
    if (i > begin) {
      const std::span<const RawSeries> run = data->subspan(begin, i - begin);
      runs.push_back(std::make_unique<SelectorOp>(selector, run, Mode::kInfo, scope));
    } else {
      ++i;
    }
  }
  return runs;
}

absl::StatusOr<OperatorPtr> BuildSelectorTimestamps(const VectorSelector& selector,
                                                    const Scope& scope) {
  return Make(selector, Mode::kTimestamps, scope);
}

absl::StatusOr<OperatorPtr> BuildSelectorStartTimestamps(const VectorSelector& selector,
                                                         const Scope& scope) {
  return Make(selector, Mode::kStartTimestamps, scope);
}

}  // namespace synoptic::promql::internal
