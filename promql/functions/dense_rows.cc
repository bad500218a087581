// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/dense_rows.h"

#include <cmath>
#include <vector>

#include "promql/functions/broadcast.h"
#include "promql/functions/simd.h"
#include "promql/functions/window.h"

namespace synoptic::promql {
namespace {

using Rows = DenseHistograms;
static_assert(Rows::kPadding % kLanes == 0);

SYNOPTIC_INLINE void Load(const double* from, Lanes& to) { __builtin_memcpy(&to, from, sizeof to); }
SYNOPTIC_INLINE void Store(const Lanes& from, double* to) {
  __builtin_memcpy(to, &from, sizeof from);
}

// What each step's increase is multiplied with; see extrapolate.h. `first`, `increase`: of counts.
SYNOPTIC_CLONES void Factors(const double* first, const double* increase, size_t steps,
                             const WindowSet::Extents& extents, double divisor, double* out) {
  const double* const sampled = extents.sampled.data();
  const double* const starts = extents.to_start.data();
  const double* const ends = extents.to_end.data();
  for (size_t i = 0; i < steps; ++i) {
    const double to_zero = sampled[i] * (first[i] / increase[i]);
    const bool clipped = (increase[i] > 0) & (first[i] >= 0) & (to_zero < starts[i]);
    const double to_start = clipped ? to_zero : starts[i];
    out[i] = (sampled[i] + to_start + ends[i]) / sampled[i] / divisor;
  }
}

// out = (last - first) * factor, for each step with two samples.
SYNOPTIC_CLONES void Increases(const Rows& samples, std::span<const uint32_t> lo,
                               std::span<const uint32_t> hi, const double* factors, double* out) {
  const size_t width = samples.width();
  for (size_t s = 0; s < lo.size(); ++s, out += width) {
    if (hi[s] - lo[s] < 2) continue;
    const double* const first = samples.Row(lo[s]);
    const double* const last = samples.Row(hi[s] - 1);
    const double factor = factors[s];
    for (size_t i = 0; i < width; ++i) out[i] = (last[i] - first[i]) * factor;
  }
}

}  // namespace

void DenseRate(FunctionId id, const RangeInput& in, const DenseHistograms& samples,
               DenseColumn& out) {
  WindowList windows(in);
  WindowSet& set = windows.set();
  const std::span<const uint32_t> lo = set.lo(), hi = set.hi();
  const size_t steps = lo.size();
  auto& first = set.scratch().first;
  auto& increase = set.scratch().second;
  first.resize(2 * steps);
  increase.resize(steps);
  out.rows.Begin(samples.shape());
  out.rows.SetRows(steps, CounterResetHint::kGauge);
  out.row_of_step.resize(steps);
  out.compact = true;
  bool any = false;
  for (size_t s = 0; s < steps; ++s) {
    const bool enough = hi[s] - lo[s] >= 2;
    any |= enough;
    first[s] = enough ? samples.Row(lo[s])[Rows::kCount] : 0;
    increase[s] = enough ? samples.Row(hi[s] - 1)[Rows::kCount] - first[s] : 0;
    out.row_of_step[s] = enough ? static_cast<uint32_t>(s) : DenseColumn::kNoRow;
  }
  if (!any) return out.clear();
  double* const factors = first.data() + steps;
  Factors(first.data(), increase.data(), steps, set.extents(),
          id == FunctionId::kRate ? DurationSeconds(in.range_ms) : 1.0, factors);
  Increases(samples, lo, hi, factors, out.rows.Row(0));
}

SYNOPTIC_CLONES MembersMet AddDenseRows(const DenseColumn& column, std::span<uint32_t> members,
                                        DenseHistograms& sums, DenseHistograms& lost) {
  MembersMet met;
  const size_t width = sums.width();
  for (size_t s = 0; s < members.size(); ++s) {
    const uint32_t row = column.row_of_step[s];
    if (row == DenseColumn::kNoRow) continue;
    const double* const from = column.rows.Row(row);
    double* const sum = sums.Row(s);
    double* const c = lost.Row(s);
    if (members[s]++ == 0) {
      ++met.first;
      for (size_t i = 0; i < width; ++i) sum[i] = from[i];
      continue;
    }
    if (members[s] == 2) ++met.second;
    for (size_t i = 0; i < width; i += kLanes) {
      Lanes v, total, rest;
      Load(from + i, v);
      Load(sum + i, total);
      Load(c + i, rest);
      KahanAdd(v, total, rest);
      Store(total, sum + i);
      Store(rest, c + i);
    }
  }
  return met;
}

SYNOPTIC_CLONES bool AnyLarger(const DenseColumn& column, double limit) {
  const size_t width = column.rows.width();
  bool any = false;
  for (const uint32_t row : column.row_of_step) {
    if (row == DenseColumn::kNoRow) continue;
    const double* const values = column.rows.Row(row);
    for (size_t i = 0; i < width; ++i) any |= std::fabs(values[i]) > limit;
  }
  return any;
}

}  // namespace synoptic::promql
