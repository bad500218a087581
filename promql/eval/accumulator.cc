// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/accumulator.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "promql/functions/kahan.h"
#include "promql/functions/math.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

void Increment(double value, double& sum, double& c) {
  KahanSum kahan{sum, c};
  kahan.Add(value);
  sum = kahan.sum;
  c = kahan.c;
}

// One column per group and per quantity; the first decides whether a step was seen.
class ColumnsAccumulator : public Accumulator {
 public:
  ColumnsAccumulator(size_t groups, size_t quantities, const Scope& scope)
      : groups_(groups), quantities_(quantities), columns_(scope) {}

  absl::Status Init() {
    RETURN_IF_ERROR(columns_.Add(groups_, Absent()));
    return columns_.Add(groups_ * (quantities_ - 1), 0.0);
  }

 protected:
  std::span<double> At(size_t quantity, size_t group) {
    return columns_[quantity * groups_ + group];
  }

 private:
  size_t groups_, quantities_;
  HeldColumns columns_;
};

class SumAccumulator final : public ColumnsAccumulator {
 public:
  SumAccumulator(size_t groups, const Scope& scope) : ColumnsAccumulator(groups, 2, scope) {}

  absl::Status Add(size_t group, std::span<const double> column) override {
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
    return absl::OkStatus();
  }

  void Result(size_t group, std::span<double> out) override {
    const std::span<double> sums = At(0, group), compensations = At(1, group);
    for (size_t s = 0; s < out.size(); ++s) {
      out[s] = IsAbsent(sums[s]) ? Absent() : sums[s] + compensations[s];
    }
  }
};

// The mean of the plain sum for as long as the sum stays finite, then incrementally.
class AvgAccumulator final : public ColumnsAccumulator {
 public:
  AvgAccumulator(size_t groups, const Scope& scope)
      : ColumnsAccumulator(groups, 3, scope), steps_(scope.steps()) {}

  absl::Status Add(size_t group, std::span<const double> column) override {
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
    return absl::OkStatus();
  }

  void Result(size_t group, std::span<double> out) override {
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

 private:
  // Overflow is rare: the flags exist only for groups that met it.
  bool IsIncremental(size_t group, size_t step) const {
    return group < incremental_.size() && !incremental_[group].empty() && incremental_[group][step];
  }
  void SetIncremental(size_t group, size_t step) {
    if (incremental_.size() <= group) incremental_.resize(group + 1);
    if (incremental_[group].empty()) incremental_[group].resize(steps_);
    incremental_[group][step] = true;
  }

  size_t steps_;
  std::vector<std::vector<bool>> incremental_;
};

// count, group, min, max: one quantity, folded.
template <class First, class Fold>
class FoldAccumulator final : public ColumnsAccumulator {
 public:
  FoldAccumulator(size_t groups, First first, Fold fold, const Scope& scope)
      : ColumnsAccumulator(groups, 1, scope), first_(first), fold_(fold) {}

  absl::Status Add(size_t group, std::span<const double> column) override {
    const std::span<double> values = At(0, group);
    for (size_t s = 0; s < column.size(); ++s) {
      const double v = column[s];
      if (IsAbsent(v)) continue;
      values[s] = IsAbsent(values[s]) ? first_(v) : fold_(values[s], v);
    }
    return absl::OkStatus();
  }

  void Result(size_t group, std::span<double> out) override {
    const std::span<double> values = At(0, group);
    std::copy(values.begin(), values.end(), out.begin());
  }

 private:
  First first_;
  Fold fold_;
};

template <class First, class Fold>
std::unique_ptr<ColumnsAccumulator> MakeFold(size_t groups, const Scope& scope, First first,
                                             Fold fold) {
  return std::make_unique<FoldAccumulator<First, Fold>>(groups, first, fold, scope);
}

// Welford, uncompensated, population variance.
class VarianceAccumulator final : public ColumnsAccumulator {
 public:
  VarianceAccumulator(size_t groups, bool root, const Scope& scope)
      : ColumnsAccumulator(groups, 3, scope), root_(root) {}

  absl::Status Add(size_t group, std::span<const double> column) override {
    const std::span<double> squares = At(0, group), means = At(1, group), counts = At(2, group);
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

  void Result(size_t group, std::span<double> out) override {
    const std::span<double> squares = At(0, group), counts = At(2, group);
    for (size_t s = 0; s < out.size(); ++s) {
      out[s] = squares[s];
      if (IsAbsent(out[s])) continue;
      out[s] /= counts[s];
      if (root_) out[s] = std::sqrt(out[s]);
    }
  }

 private:
  bool root_;
};

// Needs all values of a group at once.
class QuantileAccumulator final : public Accumulator {
 public:
  QuantileAccumulator(const std::vector<size_t>& members, std::vector<double> q, const Scope& scope)
      : q_(std::move(q)), columns_(scope) {
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

  void Result(size_t group, std::span<double> out) override {
    std::vector<double> values;
    for (size_t s = 0; s < out.size(); ++s) {
      values.clear();
      for (size_t i = 0; i < added_[group]; ++i) {
        const double v = columns_[first_[group] + i][s];
        if (!IsAbsent(v)) values.push_back(v);
      }
      out[s] = values.empty() ? Absent() : Quantile(q_[s], values);
    }
  }

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

}  // namespace

absl::StatusOr<std::unique_ptr<Accumulator>> MakeAccumulator(AggregateOp op,
                                                             const std::vector<size_t>& members,
                                                             std::vector<double> param,
                                                             const Scope& scope) {
  const size_t groups = members.size();
  const auto self = [](double v) { return v; };
  const auto one = [](double) { return 1.0; };
  switch (op) {
    case AggregateOp::kSum:
      return Initialised(std::make_unique<SumAccumulator>(groups, scope));
    case AggregateOp::kAvg:
      return Initialised(std::make_unique<AvgAccumulator>(groups, scope));
    case AggregateOp::kCount:
      return Initialised(MakeFold(groups, scope, one, [](double n, double) { return n + 1; }));
    case AggregateOp::kGroup:
      return Initialised(MakeFold(groups, scope, one, [](double n, double) { return n; }));
    case AggregateOp::kMin:
      return Initialised(MakeFold(groups, scope, self, [](double min, double v) {
        return min > v || std::isnan(min) ? v : min;
      }));
    case AggregateOp::kMax:
      return Initialised(MakeFold(groups, scope, self, [](double max, double v) {
        return max < v || std::isnan(max) ? v : max;
      }));
    case AggregateOp::kStddev:
    case AggregateOp::kStdvar:
      return Initialised(
          std::make_unique<VarianceAccumulator>(groups, op == AggregateOp::kStddev, scope));
    case AggregateOp::kQuantile:
      return Initialised(std::make_unique<QuantileAccumulator>(members, std::move(param), scope));
    default:
      return absl::InternalError("not an aggregation with one result per group");
  }
}

}  // namespace synoptic::promql::internal
