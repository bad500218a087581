// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Series that became equal when labels were dropped or replaced.
#include <algorithm>
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
    for (const SeriesInfo& info : child_.series()) {
      const auto [it, inserted] = positions.emplace(info.labels, series_.size());
      if (inserted) {
        series_.push_back(info);
      } else if (!info.floats_only) {
        series_[it->second].floats_only = false;
      }
      target_.push_back(it->second);
    }
  }

  absl::Status DoNext(std::span<double> out) override {
    if (!columns_.has_value()) RETURN_IF_ERROR(Collect());
    const std::span<double> column = (*columns_)[index()];
    std::copy(column.begin(), column.end(), out.begin());
    histograms_ = columns_->TakeHistograms(index());
    if (!keep_both_) HideBehindFloats(out);
    return absl::OkStatus();
  }

  void KeepBoth() override { keep_both_ = true; }
  absl::Status Finish() override { return columns_.has_value() ? absl::OkStatus() : Collect(); }

 private:
  absl::Status Collect() {
    columns_.emplace(scope());
    RETURN_IF_ERROR(columns_->Add(series_.size(), Absent()));
    std::vector<double> column(scope().steps());
    bool met = false;
    std::vector<bool> seen(series_.size());
    for (size_t i = 0; i < target_.size(); ++i) {
      RETURN_IF_ERROR(child_.Next(column));
      if (rule_ == EqualSeries::kRefused) {
        const bool any =
            !child_.histograms().empty() || !std::all_of(column.begin(), column.end(), IsAbsent);
        met = met || (any && seen[target_[i]]);
        seen[target_[i]] = any || seen[target_[i]];
      }
      const std::span<double> merged = (*columns_)[target_[i]];
      const std::span<const HistogramPtr> histograms = columns_->histograms(target_[i]);
      for (size_t s = 0; s < column.size(); ++s) {
        if (IsAbsent(column[s])) continue;
        met = met || !IsAbsent(merged[s]) ||
              (!may_mix() && !histograms.empty() && histograms[s] != nullptr);
        merged[s] = column[s];
      }
      if (child_.histograms().empty()) continue;
      met = met || Meet(child_.histograms(), merged, histograms);
      RETURN_IF_ERROR(columns_->PutHistograms(target_[i], child_.histograms()));
    }
    // What the child itself has to say about such series is more precise.
    RETURN_IF_ERROR(child_.Finish());
    return met ? DuplicateLabelsError() : absl::OkStatus();
  }

  bool may_mix() const { return rule_ == EqualSeries::kMayMix; }

  // Some histogram of `column` is at a step where there is something already.
  bool Meet(const std::vector<HistogramPtr>& column, std::span<const double> floats,
            std::span<const HistogramPtr> histograms) const {
    for (size_t s = 0; s < column.size(); ++s) {
      if (column[s] == nullptr) continue;
      if ((!may_mix() && !IsAbsent(floats[s])) || (!histograms.empty() && histograms[s] != nullptr))
        return true;
    }
    return false;
  }

  void HideBehindFloats(std::span<const double> floats) {
    for (size_t s = 0; s < histograms_.size(); ++s) {
      if (histograms_[s] == nullptr || IsAbsent(floats[s])) continue;
      std::fill(histograms_.begin() + static_cast<ptrdiff_t>(s), histograms_.end(), nullptr);
      return;
    }
  }

  const EqualSeries rule_;
  bool keep_both_ = false;
  Operator& child_;
  std::vector<size_t> target_;  // of each child series: which of ours
  std::optional<HeldColumns> columns_;
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
  if (op->series().size() < 2 || !HasEqualLabels(op->series())) return op;
  return std::make_unique<MergeEqualOp>(std::move(op), scope, rule);
}

bool DropNames(std::vector<SeriesInfo>& series, const EvalContext& eval) {
  if (eval.options.delayed_name_removal) {
    for (SeriesInfo& info : series) info.drop_name = true;
    return false;
  }
  // With one and the same name everywhere, what differed still differs.
  bool same_metadata = true;
  for (SeriesInfo& info : series) {
    for (const std::string_view name : {kMetricName, kTypeLabel, kUnitLabel}) {
      same_metadata = same_metadata && info.labels.Get(name) == series.front().labels.Get(name);
    }
    if (&info != &series.front()) info.labels = WithoutMetadata(info.labels);
  }
  if (!series.empty()) series.front().labels = WithoutMetadata(series.front().labels);
  return !same_metadata;
}

}  // namespace synoptic::promql::internal
