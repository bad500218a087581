// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// sum() and avg().
#include <cmath>
#include <optional>

#include "base/status.h"
#include "promql/eval/accumulator.h"
#include "promql/eval/group_columns.h"
#include "promql/eval/histogram_sums.h"
#include "promql/functions/columns.h"
#include "promql/model/kahan.h"

namespace synoptic::promql::internal {
namespace {

void Increment(double value, double& sum, double& c) {
  KahanSum kahan{sum, c};
  kahan.Add(value);
  sum = kahan.sum;
  c = kahan.c;
}

// What both share: floats and histograms of one group must not meet at a step.
class SumLikeAccumulator : public Accumulator {
 public:
  SumLikeAccumulator(const Aggregate& node, int order, size_t groups, size_t quantities,
                     const Scope& scope)
      : node_(node),
        order_(order),
        group_count_(groups),
        scope_(scope),
        columns_(groups, quantities, scope) {}

  absl::Status Init() { return columns_.Init(); }

  absl::Status Add(size_t group, std::span<const double> column) final {
    if (!histograms_.has_value() || !histograms_->Has(group)) {
      AddFloats(group, column);
      return absl::OkStatus();
    }
    masked_.assign(column.begin(), column.end());
    for (size_t s = 0; s < masked_.size(); ++s) {
      if (histograms_->Incompatible(group, s)) masked_[s] = Absent();
    }
    AddFloats(group, masked_);
    return absl::OkStatus();
  }

  absl::Status AddHistograms(size_t group, std::span<const HistogramPtr> column,
                             const Labels& member) final {
    if (!histograms_.has_value()) histograms_.emplace(node_, order_, group_count_, scope_);
    return histograms_->Add(group, column, At(0, group), member.Get(kMetricName));
  }

  absl::StatusOr<bool> AddDense(size_t group, const DenseColumn& column) final {
    if (!histograms_.has_value()) histograms_.emplace(node_, order_, group_count_, scope_);
    return histograms_->AddDense(group, column, At(0, group));
  }

  absl::Status Result(size_t group, std::span<double> out,
                      std::vector<HistogramPtr>& histograms) final {
    FloatResult(group, out);
    return histograms_.has_value() ? histograms_->Result(group, out, histograms) : absl::OkStatus();
  }

  void Reset(size_t group) override {
    columns_.Reset(group);
    if (histograms_.has_value()) histograms_->Reset(group);
  }

 protected:
  virtual void AddFloats(size_t group, std::span<const double> column) = 0;
  virtual void FloatResult(size_t group, std::span<double> out) = 0;
  std::span<double> At(size_t quantity, size_t group) { return columns_.At(quantity, group); }
  size_t steps() const { return scope_.steps(); }
  size_t group_count() const { return group_count_; }

 private:
  const Aggregate& node_;
  const int order_;
  const size_t group_count_;
  const Scope scope_;
  GroupColumns columns_;
  std::optional<HistogramSums> histograms_;
  std::vector<double> masked_;
};

class SumAccumulator final : public SumLikeAccumulator {
 public:
  SumAccumulator(const Aggregate& node, int order, size_t groups, const Scope& scope)
      : SumLikeAccumulator(node, order, groups, 2, scope) {}

 private:
  void AddFloats(size_t group, std::span<const double> column) override {
    AddToSums(column, At(0, group), At(1, group));
  }

  void FloatResult(size_t group, std::span<double> out) override {
    TotalSums(At(0, group), At(1, group), out);
  }
};

// The mean of the plain sum for as long as the sum stays finite, then incrementally.
class AvgAccumulator final : public SumLikeAccumulator {
 public:
  AvgAccumulator(const Aggregate& node, int order, size_t groups, const Scope& scope)
      : SumLikeAccumulator(node, order, groups, 3, scope) {}

 private:
  void AddFloats(size_t group, std::span<const double> column) override {
    const std::span<double> values = At(0, group), compensations = At(1, group);
    const std::span<double> counts = At(2, group);
    size_t s = 0;
    if (incremental_.empty() || incremental_[group].empty()) {
      s = AddToMeans(column, values, compensations, counts);
      if (s == column.size()) return;
      incremental_.resize(group_count());
      incremental_[group].resize(steps());
    }
    for (; s < column.size(); ++s) AddOne(group, s, column[s]);
  }

  // For a group in which some step is incremental.
  void AddOne(size_t group, size_t s, double v) {
    if (IsAbsent(v)) return;
    double& value = At(0, group)[s];
    double& compensation = At(1, group)[s];
    double& count = At(2, group)[s];
    count += 1;
    if (IsAbsent(value)) {
      value = v;
      return;
    }
    if (!incremental_[group][s]) {
      double sum = value, c = compensation;
      Increment(v, sum, c);
      if (!std::isinf(sum)) {
        value = sum;
        compensation = c;
        return;
      }
      incremental_[group][s] = true;
      value /= count - 1;  // from here on the mean
      compensation /= count - 1;
    }
    const double q = (count - 1) / count;
    value *= q;
    compensation *= q;
    Increment(v / count, value, compensation);
  }

  void Reset(size_t group) override {
    SumLikeAccumulator::Reset(group);
    if (!incremental_.empty()) incremental_[group].clear();
  }

  void FloatResult(size_t group, std::span<double> out) override {
    const std::span<double> values = At(0, group), compensations = At(1, group);
    const std::span<double> counts = At(2, group);
    for (size_t s = 0; s < out.size(); ++s) {
      if (IsAbsent(values[s])) {
        out[s] = Absent();
      } else if (IsIncremental(group, s)) {
        out[s] = values[s] + compensations[s];
      } else {
        out[s] = values[s] / counts[s] + compensations[s] / counts[s];
      }
    }
  }

  bool IsIncremental(size_t group, size_t step) const {
    return !incremental_.empty() && !incremental_[group].empty() && incremental_[group][step];
  }

  // Overflow is rare: there are flags for groups that met it, and only then.
  std::vector<std::vector<bool>> incremental_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Accumulator>> MakeSumAccumulator(const Aggregate& node, int order,
                                                                size_t groups, const Scope& scope) {
  std::unique_ptr<SumLikeAccumulator> accumulator;
  if (node.op == AggregateOp::kAvg) {
    accumulator = std::make_unique<AvgAccumulator>(node, order, groups, scope);
  } else {
    accumulator = std::make_unique<SumAccumulator>(node, order, groups, scope);
  }
  RETURN_IF_ERROR(accumulator->Init());
  return accumulator;
}

}  // namespace synoptic::promql::internal
