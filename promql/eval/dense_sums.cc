// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/dense_sums.h"

#include <algorithm>

#include "promql/functions/dense_rows.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql::internal {
namespace {

using Rows = DenseHistograms;

// Of sums of so many histograms at most, each with numbers up to kLargeNumber, none is infinite.
constexpr double kLargeNumber = 1e290;
constexpr uint32_t kManyMembers = 1'000'000'000;

bool AllGauges(const DenseColumn& column) {
  for (size_t i = 0; i < column.rows.rows(); ++i) {
    if (column.rows.hint(i) != CounterResetHint::kGauge) return false;
  }
  return true;
}

}  // namespace

DenseSums::DenseSums(const HistogramShape& shape, size_t steps, bool mean)
    : mean_(mean), members_(steps), seen_(steps) {
  sums_.Begin(shape);
  sums_.SetRows(steps, CounterResetHint::kGauge);
  lost_.Begin(shape);
  lost_.SetRows(steps, CounterResetHint::kGauge);
}

bool DenseSums::Takes(const DenseColumn& column) const {
  if (!(column.rows.shape() == sums_.shape())) return false;
  return !mean_ ||
         (*std::ranges::max_element(members_) < kManyMembers && !AnyLarger(column, kLargeNumber));
}

int64_t DenseSums::Add(const DenseColumn& column) {
  const MembersMet met = AddDenseRows(column, members_, sums_, lost_);
  const bool gauges = AllGauges(column);
  all_gauges_ = gauges && (all_gauges_ || !any_);
  any_ = true;
  if (!all_gauges_) AddHints(column);
  return (met.first + met.second) * size_in_samples();
}

// As KahanAdd, which makes what is lost with the hint of the first sum.
void DenseSums::AddHints(const DenseColumn& column) {
  for (size_t s = 0; s < members_.size(); ++s) {
    const uint32_t row = column.row_of_step[s];
    if (row == DenseColumn::kNoRow) continue;
    const CounterResetHint hint = column.rows.hint(row);
    if (hint == CounterResetHint::kReset) seen_[s] |= kReset;
    if (hint == CounterResetHint::kNotReset) seen_[s] |= kNotReset;
    if (members_[s] == 1) {
      sums_.set_hint(s, hint);
      continue;
    }
    CounterResetHint sum = sums_.hint(s);
    CombineResetHints(sum, hint);
    sums_.set_hint(s, sum);
    if (members_[s] == 2) lost_.set_hint(s, sum);
  }
}

int64_t DenseSums::HeldBytes() const {
  return sums_.HeldBytes() + lost_.HeldBytes() +
         static_cast<int64_t>(members_.size() * sizeof(uint32_t) + seen_.size());
}

void DenseSums::Result(size_t step, FloatHistogram& out) const {
  sums_.Copy(step, out);
  if (members_[step] > 1) {
    const double* const sum = sums_.Row(step);
    const double* const lost = lost_.Row(step);
    const double members = members_[step];
    const auto total = [&](size_t i) {
      return mean_ ? sum[i] / members + lost[i] / members : sum[i] + lost[i];
    };
    CombineResetHints(out.hint, lost_.hint(step));
    out.count = total(Rows::kCount);
    out.sum = total(Rows::kSum);
    out.zero_count = total(Rows::kZeroCount);
    const size_t positive = sums_.positive_buckets();
    for (size_t i = 0; i < positive; ++i) out.positive_buckets[i] = total(Rows::kBuckets + i);
    for (size_t i = positive; i < sums_.buckets(); ++i) {
      out.negative_buckets[i - positive] = total(Rows::kBuckets + i);
    }
  }
  Compact(out, 0);
}

FloatHistogram DenseSums::Sum(size_t step) const {
  FloatHistogram sum;
  sums_.Copy(step, sum);
  return sum;
}

std::optional<FloatHistogram> DenseSums::Lost(size_t step) const {
  if (members_[step] < 2) return std::nullopt;
  FloatHistogram lost;
  lost_.Copy(step, lost);
  return lost;
}

}  // namespace synoptic::promql::internal
