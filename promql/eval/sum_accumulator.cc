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
#include "promql/functions/kahan.h"

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

  absl::Status Result(size_t group, std::span<double> out,
                      std::vector<HistogramPtr>& histograms) final {
    FloatResult(group, out);
    return histograms_.has_value() ? histograms_->Result(group, out, histograms) : absl::OkStatus();
  }

 protected:
  virtual void AddFloats(size_t group, std::span<const double> column) = 0;
  virtual void FloatResult(size_t group, std::span<double> out) = 0;
  std::span<double> At(size_t quantity, size_t group) { return columns_.At(quantity, group); }
  size_t steps() const { return scope_.steps(); }

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
    const std::span<double> sums = At(0, group), compensations = At(1, group);
    for (size_t s = 0; s < column.size(); ++s) {
      const double v = column[s];
      if (IsAbsent(v)) continue;
      if (IsAbsent(sums[s])) {
        sums[s] = v;
      } else {
        Increment(v, sums[s], compensations[s]);
      }
    }
  }

  void FloatResult(size_t group, std::span<double> out) override {
    const std::span<double> sums = At(0, group), compensations = At(1, group);
    for (size_t s = 0; s < out.size(); ++s) {
      out[s] = IsAbsent(sums[s]) ? Absent() : sums[s] + compensations[s];
    }
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
    for (size_t s = 0; s < column.size(); ++s) {
      const double v = column[s];
      if (IsAbsent(v)) continue;
      counts[s] += 1;
      if (IsAbsent(values[s])) {
        values[s] = v;
        continue;
      }
      if (!IsIncremental(group, s)) {
        double sum = values[s], c = compensations[s];
        Increment(v, sum, c);
        if (!std::isinf(sum)) {
          values[s] = sum;
          compensations[s] = c;
          continue;
        }
        SetIncremental(group, s);
        values[s] /= counts[s] - 1;  // from here on the mean
        compensations[s] /= counts[s] - 1;
      }
      const double q = (counts[s] - 1) / counts[s];
      values[s] *= q;
      compensations[s] *= q;
      Increment(v / counts[s], values[s], compensations[s]);
    }
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

  // Overflow is rare: the flags exist only for groups that met it.
  bool IsIncremental(size_t group, size_t step) const {
    return group < incremental_.size() && !incremental_[group].empty() && incremental_[group][step];
  }
  void SetIncremental(size_t group, size_t step) {
    if (incremental_.size() <= group) incremental_.resize(group + 1);
    if (incremental_[group].empty()) incremental_[group].resize(steps());
    incremental_[group][step] = true;
  }

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
