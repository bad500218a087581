// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Series that became equal when labels were dropped or replaced.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

class MergeEqualOp final : public Operator {
 public:
  MergeEqualOp(OperatorPtr child, const Scope& scope, EqualSeries rule)
      : Operator(scope), rule_(rule), child_(AddChild(std::move(child))) {
    if (rule == EqualSeries::kMayMix) child_.KeepBoth();
    absl::flat_hash_map<Labels, size_t, LabelsHash> positions;
    bool names_differ = false;
    for (const SeriesInfo& info : child_.series()) {
      const auto [it, inserted] = positions.emplace(info.labels, series_.size());
      if (inserted) {
        series_.push_back(info);
      } else {
        SeriesInfo& merged = series_[it->second];
        merged.floats_only = merged.floats_only && info.floats_only;
        names_differ = names_differ || merged.drop_name != info.drop_name;
      }
      target_.push_back(it->second);
    }
    // Whose word on the name holds, only the columns tell.
    if (names_differ) early_ = Collect();
  }

  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(early_);
    if (!columns_.has_value()) RETURN_IF_ERROR(Collect());
    const std::span<double> column = (*columns_)[index()];
    std::copy(column.begin(), column.end(), out.begin());
    histograms_ = columns_->TakeHistograms(index());
    if (!keep_both_) HideBehindFloats(out);
    return absl::OkStatus();
  }

  void KeepBoth() override { keep_both_ = true; }
  absl::Status Finish() override { return columns_.has_value() ? early_ : Collect(); }

 private:
  // Prometheus makes a series of its first sample: the one of the earliest step, or of series that
  // are merged as they are the first one's.
  size_t TimeOfFirst(std::span<const double> column) const {
    const std::span<const HistogramPtr> histograms = child_.histograms();
    for (size_t s = 0; s < column.size(); ++s) {
      if (!IsAbsent(column[s]) || (!histograms.empty() && histograms[s] != nullptr)) {
        return may_mix() ? 0 : s;
      }
    }
    return column.size();
  }

  absl::Status Collect() {
    columns_.emplace(scope());
    RETURN_IF_ERROR(columns_->Add(series_.size(), Absent()));
    std::vector<double> column(scope().steps());
    size_t met = kNever;  // the first step at which two have a sample
    std::vector<bool> seen(series_.size());
    std::vector<size_t> first(series_.size(), column.size());
    for (size_t i = 0; i < target_.size(); ++i) {
      RETURN_IF_ERROR(child_.Next(column));
      if (const size_t time = TimeOfFirst(column); time < first[target_[i]]) {
        first[target_[i]] = time;
        series_[target_[i]].drop_name = child_.series()[i].drop_name;
      }
      if (rule_ == EqualSeries::kRefused) {
        const bool any =
            !child_.histograms().empty() || !std::all_of(column.begin(), column.end(), IsAbsent);
        if (any && seen[target_[i]]) met = 0;
        seen[target_[i]] = any || seen[target_[i]];
      }
      const std::span<double> merged = (*columns_)[target_[i]];
      const std::span<const HistogramPtr> histograms = columns_->histograms(target_[i]);
      for (size_t s = 0; s < column.size(); ++s) {
        if (IsAbsent(column[s])) continue;
        const bool both =
            !IsAbsent(merged[s]) || (!may_mix() && !histograms.empty() && histograms[s] != nullptr);
        if (both) met = std::min(met, s);
        merged[s] = column[s];
      }
      if (child_.histograms().empty()) continue;
      met = std::min(met, Meet(child_.histograms(), merged, histograms));
      RETURN_IF_ERROR(columns_->PutHistograms(target_[i], child_.histograms()));
    }
    // What the child itself has to say about such series of a step is more precise.
    absl::Status finished = child_.Finish();
    if (!finished.ok() && (met == kNever || child_.FailedStep() <= met)) return finished;
    return met != kNever ? DuplicateLabelsError() : absl::OkStatus();
  }

  bool may_mix() const { return rule_ == EqualSeries::kMayMix; }

  static constexpr size_t kNever = std::numeric_limits<size_t>::max();

  // The first step at which `column` has a histogram and there is something already.
  size_t Meet(const std::vector<HistogramPtr>& column, std::span<const double> floats,
              std::span<const HistogramPtr> histograms) const {
    for (size_t s = 0; s < column.size(); ++s) {
      if (column[s] == nullptr) continue;
      if ((!may_mix() && !IsAbsent(floats[s])) || (!histograms.empty() && histograms[s] != nullptr))
        return s;
    }
    return kNever;
  }

  void HideBehindFloats(std::span<const double> floats) {
    for (size_t s = 0; s < histograms_.size(); ++s) {
      if (histograms_[s] == nullptr || IsAbsent(floats[s])) continue;
      std::fill(histograms_.begin() + static_cast<ptrdiff_t>(s), histograms_.end(), nullptr);
      break;
    }
    const auto is_null = [](const HistogramPtr& h) { return h == nullptr; };
    if (std::all_of(histograms_.begin(), histograms_.end(), is_null)) histograms_.clear();
  }

  const EqualSeries rule_;
  bool keep_both_ = false;
  Operator& child_;
  absl::Status early_;          // how Collect went where it could not wait
  std::vector<size_t> target_;  // of each child series: which of ours
  std::optional<HeldColumns> columns_;
};

// Of one evaluation time at most one of equal series may have a sample. Each keeps its place, which
// is what the order of an instant query's answer follows.
class OneOfEqualOp final : public Operator {
 public:
  OneOfEqualOp(OperatorPtr child, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))) {
    series_ = child_.series();
    absl::flat_hash_map<Labels, size_t, LabelsHash> numbers;
    for (const SeriesInfo& info : series_) {
      number_.push_back(numbers.emplace(info.labels, numbers.size()).first->second);
    }
    met_.resize(numbers.size());
  }

  void KeepBoth() override { child_.KeepBoth(); }
  absl::Status Finish() override {
    std::vector<double> column(scope().steps());
    while (!done()) RETURN_IF_ERROR(Next(column));
    return child_.Finish();
  }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    histograms_.swap(child_.histograms());
    if (IsAbsent(out[0]) && histograms_.empty()) return absl::OkStatus();
    if (met_[number_[index()]]) {
      // What the child itself has to say about such series is more precise.
      RETURN_IF_ERROR(child_.Finish());
      return DuplicateLabelsError();
    }
    met_[number_[index()]] = true;
    return absl::OkStatus();
  }

  Operator& child_;
  std::vector<size_t> number_;  // of each series: its labels'
  std::vector<bool> met_;       // labels that had a sample
};

bool HasEqualLabels(const std::vector<SeriesInfo>& series) {
  absl::flat_hash_map<Labels, char, LabelsHash> seen;
  seen.reserve(series.size());
  for (const SeriesInfo& info : series) {
    if (!seen.emplace(info.labels, 0).second) return true;
  }
  return false;
}

}  // namespace

absl::Status DuplicateLabelsError() {
  return absl::FailedPreconditionError("vector cannot contain metrics with the same labelset");
}

OperatorPtr MergeEqual(OperatorPtr op, const Scope& scope, EqualSeries rule) {
  if (rule == EqualSeries::kNeverMeet && ChecksLabelsLate(scope)) return op;
  if (op->series().size() < 2 || !HasEqualLabels(op->series())) return op;
  if (rule != EqualSeries::kMayMix && scope.instant()) {
    return std::make_unique<OneOfEqualOp>(std::move(op), scope);
  }
  return std::make_unique<MergeEqualOp>(std::move(op), scope, rule);
}

bool DropNames(std::vector<SeriesInfo>& series, const EvalContext& eval) {
  if (eval.options.delayed_name_removal) {
    for (SeriesInfo& info : series) info.drop_name = true;
    return false;
  }
  if (series.empty()) return false;
  // With one and the same name everywhere, what differed still differs.
  const Labels first = series.front().labels;
  constexpr std::array kMetadata = {kMetricName, kTypeLabel, kUnitLabel};
  std::array<std::string_view, kMetadata.size()> names;
  std::transform(kMetadata.begin(), kMetadata.end(), names.begin(),
                 [&first](std::string_view name) { return first.Get(name); });
  bool same_metadata = true;
  LabelsBatch batch(series.size());
  for (SeriesInfo& info : series) {
    for (size_t i = 0; same_metadata && i < names.size(); ++i) {
      same_metadata = info.labels.Get(kMetadata[i]) == names[i];
    }
    info.labels =
        batch.Filter(info.labels, [](std::string_view name) { return !IsMetadataLabel(name); });
  }
  return !same_metadata;
}

}  // namespace synoptic::promql::internal
