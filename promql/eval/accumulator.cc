// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/accumulator.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "fmt/format.h"
#include "promql/eval/group_columns.h"
#include "promql/functions/math.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

// Aggregations of floats say that they pass histograms over.
class FloatAccumulator : public Accumulator {
 public:
  FloatAccumulator(const Aggregate& node, int order, const Scope& scope)
      : node_(node), order_(order), eval_(scope.eval) {}

  absl::Status AddHistograms(size_t, std::span<const HistogramPtr>, const Labels&) override {
    eval_.notes.Info(
        order_,
        fmt::format("PromQL info: ignored histogram in {} aggregation", OperatorText(node_.op)),
        node_.expr->pos);
    return absl::OkStatus();
  }

 private:
  const Aggregate& node_;
  const int order_;
  EvalContext& eval_;
};

// min, max: one quantity, folded.
template <class Fold>
class FoldAccumulator final : public FloatAccumulator {
 public:
  FoldAccumulator(const Aggregate& node, int order, size_t groups, Fold fold, const Scope& scope)
      : FloatAccumulator(node, order, scope), columns_(groups, 1, scope), fold_(fold) {}

  absl::Status Init() { return columns_.Init(); }

  absl::Status Add(size_t group, std::span<const double> column) override {
    const std::span<double> values = columns_.At(0, group);
    for (size_t s = 0; s < column.size(); ++s) {
      const double v = column[s];
      if (IsAbsent(v)) continue;
      values[s] = IsAbsent(values[s]) ? v : fold_(values[s], v);
    }
    return absl::OkStatus();
  }

  absl::Status Result(size_t group, std::span<double> out, std::vector<HistogramPtr>&) override {
    const std::span<double> values = columns_.At(0, group);
    std::copy(values.begin(), values.end(), out.begin());
    return absl::OkStatus();
  }

  void Reset(size_t group) override { columns_.Reset(group); }

 private:
  GroupColumns columns_;
  Fold fold_;
};

// count, group: of samples, whatever their kind.
class CountAccumulator final : public Accumulator {
 public:
  CountAccumulator(size_t groups, bool count, const Scope& scope)
      : columns_(groups, 1, scope), increment_(count ? 1.0 : 0.0) {}

  absl::Status Init() { return columns_.Init(); }

  absl::Status Add(size_t group, std::span<const double> column) override {
    const std::span<double> counts = columns_.At(0, group);
    for (size_t s = 0; s < column.size(); ++s) {
      if (!IsAbsent(column[s])) Increment(counts[s]);
    }
    return absl::OkStatus();
  }

  absl::Status AddHistograms(size_t group, std::span<const HistogramPtr> column,
                             const Labels&) override {
    const std::span<double> counts = columns_.At(0, group);
    for (size_t s = 0; s < column.size(); ++s) {
      if (column[s] != nullptr) Increment(counts[s]);
    }
    return absl::OkStatus();
  }

  absl::Status Result(size_t group, std::span<double> out, std::vector<HistogramPtr>&) override {
    const std::span<double> counts = columns_.At(0, group);
    std::copy(counts.begin(), counts.end(), out.begin());
    return absl::OkStatus();
  }

  void Reset(size_t group) override { columns_.Reset(group); }

 private:
  void Increment(double& count) const { count = IsAbsent(count) ? 1 : count + increment_; }

  GroupColumns columns_;
  const double increment_;
};

// Welford, uncompensated, population variance.
class VarianceAccumulator final : public FloatAccumulator {
 public:
  VarianceAccumulator(const Aggregate& node, int order, size_t groups, const Scope& scope)
      : FloatAccumulator(node, order, scope),
        columns_(groups, 3, scope),
        root_(node.op == AggregateOp::kStddev) {}

  absl::Status Init() { return columns_.Init(); }

  absl::Status Add(size_t group, std::span<const double> column) override {
    const std::span<double> squares = columns_.At(0, group), means = columns_.At(1, group);
    const std::span<double> counts = columns_.At(2, group);
    for (size_t s = 0; s < column.size(); ++s) {
      const double v = column[s];
      if (IsAbsent(v)) continue;
      counts[s] += 1;
      if (IsAbsent(squares[s])) {
        squares[s] = std::isfinite(v) ? 0 : NormalNaN();
        means[s] = v;
        continue;
      }
      const double delta = v - means[s];
      means[s] += delta / counts[s];
      squares[s] += delta * (v - means[s]);
    }
    return absl::OkStatus();
  }

  absl::Status Result(size_t group, std::span<double> out, std::vector<HistogramPtr>&) override {
    const std::span<double> squares = columns_.At(0, group), counts = columns_.At(2, group);
    for (size_t s = 0; s < out.size(); ++s) {
      out[s] = squares[s];
      if (IsAbsent(out[s])) continue;
      out[s] /= counts[s];
      if (root_) out[s] = std::sqrt(out[s]);
    }
    return absl::OkStatus();
  }

  void Reset(size_t group) override { columns_.Reset(group); }

 private:
  GroupColumns columns_;
  const bool root_;
};

// Needs all values of a group at once.
class QuantileAccumulator final : public FloatAccumulator {
 public:
  QuantileAccumulator(const Aggregate& node, int order, const std::vector<size_t>& members,
                      std::vector<double> q, const Scope& scope)
      : FloatAccumulator(node, order, scope), q_(std::move(q)), columns_(scope) {
    for (const size_t count : members) {
      first_.push_back(total_);
      total_ += count;
    }
    added_.resize(members.size());
  }

  absl::Status Init() { return columns_.Add(total_, Absent()); }

  absl::Status Add(size_t group, std::span<const double> column) override {
    const std::span<double> to = columns_[first_[group] + added_[group]++];
    std::copy(column.begin(), column.end(), to.begin());
    return absl::OkStatus();
  }

  absl::Status Result(size_t group, std::span<double> out, std::vector<HistogramPtr>&) override {
    std::vector<double> values;
    for (size_t s = 0; s < out.size(); ++s) {
      values.clear();
      for (size_t i = 0; i < added_[group]; ++i) {
        const double v = columns_[first_[group] + i][s];
        if (!IsAbsent(v)) values.push_back(v);
      }
      out[s] = values.empty() ? Absent() : Quantile(q_[s], values);
    }
    return absl::OkStatus();
  }

  // How many columns a group has is settled in the beginning.
  void Reset(size_t) override {}

 private:
  std::vector<double> q_;
  HeldColumns columns_;
  size_t total_ = 0;
  std::vector<size_t> first_;  // of each group: its first column
  std::vector<size_t> added_;  // of each group: columns so far
};

template <class T>
absl::StatusOr<std::unique_ptr<Accumulator>> Initialised(std::unique_ptr<T> accumulator) {
  RETURN_IF_ERROR(accumulator->Init());
  return accumulator;
}

template <class Fold>
absl::StatusOr<std::unique_ptr<Accumulator>> MakeFold(const Aggregate& node, int order,
                                                      size_t groups, const Scope& scope,
                                                      Fold fold) {
  return Initialised(std::make_unique<FoldAccumulator<Fold>>(node, order, groups, fold, scope));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Accumulator>> MakeAccumulator(const Aggregate& node, int order,
                                                             const std::vector<size_t>& members,
                                                             std::vector<double> param,
                                                             const Scope& scope) {
  const size_t groups = members.size();
  switch (node.op) {
    case AggregateOp::kSum:
    case AggregateOp::kAvg:
      return MakeSumAccumulator(node, order, groups, scope);
    case AggregateOp::kCount:
    case AggregateOp::kGroup:
      return Initialised(
          std::make_unique<CountAccumulator>(groups, node.op == AggregateOp::kCount, scope));
    case AggregateOp::kMin:
      return MakeFold(node, order, groups, scope,
                      [](double min, double v) { return min > v || std::isnan(min) ? v : min; });
    case AggregateOp::kMax:
      return MakeFold(node, order, groups, scope,
                      [](double max, double v) { return max < v || std::isnan(max) ? v : max; });
    case AggregateOp::kStddev:
    case AggregateOp::kStdvar:
      return Initialised(std::make_unique<VarianceAccumulator>(node, order, groups, scope));
    case AggregateOp::kQuantile:
      return Initialised(
          std::make_unique<QuantileAccumulator>(node, order, members, std::move(param), scope));
    default:
      return absl::InternalError("not an aggregation with one result per group");
  }
}

}  // namespace synoptic::promql::internal
