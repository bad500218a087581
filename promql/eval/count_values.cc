// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// count_values(): series appear as values do, so all input is read before the labels are known.
#include <algorithm>
#include <bit>

#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

class CountValuesOp final : public Operator {
 public:
  CountValuesOp(OperatorPtr child, LabelKey key, std::string label, const Scope& scope)
      : Operator(scope),
        child_(AddChild(std::move(child))),
        key_(std::move(key)),
        label_(std::move(label)),
        counts_(scope) {}

  absl::Status Init() {
    std::vector<double> column(scope().steps());
    for (const SeriesInfo& info : child_.series()) {
      RETURN_IF_ERROR(child_.Next(column));
      RETURN_IF_ERROR(Count(info.labels, column));
      RETURN_IF_ERROR(CountHistograms(info.labels, child_.histograms()));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Count(const Labels& labels, const std::vector<double>& column) {
    double last = Absent();  // runs of one value share their label set
    size_t series = 0;
    for (size_t s = 0; s < column.size(); ++s) {
      const double v = column[s];
      if (IsAbsent(v)) continue;
      if (std::bit_cast<uint64_t>(v) != std::bit_cast<uint64_t>(last)) {
        ASSIGN_OR_RETURN(series, SeriesOf(labels, GoFloatF(v)));
        last = v;
      }
      Count(series, s);
    }
    return absl::OkStatus();
  }

  absl::Status CountHistograms(const Labels& labels, std::span<const HistogramPtr> column) {
    const FloatHistogram* last = nullptr;
    size_t series = 0;
    for (size_t s = 0; s < column.size(); ++s) {
      if (column[s] == nullptr) continue;
      if (column[s].get() != last) {
        ASSIGN_OR_RETURN(series, SeriesOf(labels, column[s]->ToString()));
        last = column[s].get();
      }
      Count(series, s);
    }
    return absl::OkStatus();
  }

  void Count(size_t series, size_t step) {
    double& count = counts_[series][step];
    count = IsAbsent(count) ? 1 : count + 1;
  }

  // The output that counts `value` of the group that `member` is in.
  absl::StatusOr<size_t> SeriesOf(const Labels& member, const std::string& value) {
    builder_.Reset(member);
    builder_.Set(label_, value);
    const Labels labels = builder_.Build();
    const size_t number = static_cast<size_t>(groups_.Number(key_.Of(labels)));
    if (number == series_.size()) {
      RETURN_IF_ERROR(counts_.Add(1, Absent()));
      series_.push_back({key_.Part(labels), false});
    }
    return number;
  }

  absl::Status DoNext(std::span<double> out) override {
    const std::span<double> counts = counts_[index()];
    std::copy(counts.begin(), counts.end(), out.begin());
    return absl::OkStatus();
  }

  Operator& child_;
  LabelKey key_;
  const std::string label_;
  LabelsBuilder builder_;
  GroupNumbers groups_;
  HeldColumns counts_;  // of each output series
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildCountValues(const Aggregate& node, const Scope& scope) {
  const std::string& label = As<StringLiteral>(Unwrap(*node.param)).value;
  if (label.empty() || !IsValidUtf8(label)) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition, "invalid label name {}",
                      GoQuote(label));
  }
  std::vector<std::string> names = node.grouping;
  names.push_back(node.without ? std::string(kMetricName) : label);
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*node.expr, scope));
  auto op = std::make_unique<CountValuesOp>(std::move(child), LabelKey(names, !node.without), label,
                                            scope);
  RETURN_IF_ERROR(op->Init());
  scope.eval.NextOrder();
  return op;
}

}  // namespace synoptic::promql::internal
