// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Addition and subtraction as a whole: hints, schemas, and what is done to which part.
#include <utility>

#include "base/status.h"
#include "promql/model/histogram_internal.h"
#include "promql/model/histogram_math.h"
#include "promql/model/kahan.h"

namespace synoptic::promql {
namespace {

using internal::Counts;
using internal::Side;
using internal::SideView;

void AddCompensated(double inc, double& sum, double& c) {
  KahanSum total{sum, c};
  total.Add(inc);
  sum = total.sum;
  c = total.c;
}

// Nor a layout that buckets could have.
bool HasNoBuckets(const FloatHistogram& h) {
  return h.positive_buckets.empty() && h.negative_buckets.empty() && h.positive_spans.empty() &&
         h.negative_spans.empty() && h.custom_values.empty();
}

// Zeros in the layout of `h`.
FloatHistogram Nothing(const FloatHistogram& h) {
  FloatHistogram c;
  c.hint = h.hint;
  c.schema = h.schema;
  c.zero_threshold = h.zero_threshold;
  c.custom_values = h.custom_values;
  c.positive_spans = h.positive_spans;
  c.negative_spans = h.negative_spans;
  c.positive_buckets.resize(h.positive_buckets.size());
  c.negative_buckets.resize(h.negative_buckets.size());
  return c;
}

Side Positive(FloatHistogram& h, FloatHistogram* c) {
  return {h.positive_spans, h.positive_buckets, c == nullptr ? nullptr : &c->positive_buckets};
}
Side Negative(FloatHistogram& h, FloatHistogram* c) {
  return {h.negative_spans, h.negative_buckets, c == nullptr ? nullptr : &c->negative_buckets};
}
SideView View(const internal::Spans& spans, const Counts& counts) { return {spans, counts, {}}; }

// b's side in a's coarser schema. With a.c, what rounding loses on the way is carried along.
void AddFiner(Side a, SideView b, int32_t schema_a, int32_t schema_b, double threshold,
              bool subtract) {
  internal::Spans spans = b.spans;
  Counts counts(b.counts.begin(), b.counts.end());
  Counts lost;
  if (a.c != nullptr) lost.resize(counts.size());
  internal::ReduceSide({spans, counts, a.c == nullptr ? nullptr : &lost}, schema_b, schema_a);
  internal::AddBuckets(a, {spans, counts, lost}, schema_a, threshold, subtract);
}

void AddExponential(FloatHistogram& a, const FloatHistogram& b, FloatHistogram* c, bool subtract) {
  const Side positive = Positive(a, c);
  const Side negative = Negative(a, c);
  const SideView b_positive = View(b.positive_spans, b.positive_buckets);
  const SideView b_negative = View(b.negative_spans, b.negative_buckets);
  if (b.schema > a.schema) {
    AddFiner(positive, b_positive, a.schema, b.schema, a.zero_threshold, subtract);
    AddFiner(negative, b_negative, a.schema, b.schema, a.zero_threshold, subtract);
    return;
  }
  if (b.schema < a.schema) {
    internal::ReduceSide(positive, a.schema, b.schema);
    internal::ReduceSide(negative, a.schema, b.schema);
    a.schema = b.schema;
  }
  internal::AddBuckets(positive, b_positive, a.schema, a.zero_threshold, subtract);
  internal::AddBuckets(negative, b_negative, a.schema, a.zero_threshold, subtract);
}

// Gives whether bounds differed.
bool AddCustom(FloatHistogram& a, const FloatHistogram& b, FloatHistogram* c, bool subtract) {
  if (internal::SameBounds(a.custom_values, b.custom_values)) {
    internal::AddBuckets(Positive(a, c), View(b.positive_spans, b.positive_buckets), a.schema,
                         a.zero_threshold, subtract);
    return false;
  }
  internal::AddOverCommonBounds(a, b, internal::CommonBounds(a.custom_values, b.custom_values),
                                subtract, c);
  return true;
}

absl::Status CheckAlike(const FloatHistogram& a, const FloatHistogram& b) {
  if (a.UsesCustomBuckets() == b.UsesCustomBuckets()) return absl::OkStatus();
  return InvalidArgument(
      "cannot apply this operation on histograms with a mix of exponential and custom bucket "
      "schemas");
}

absl::StatusOr<HistogramOutcome> AddPlainly(FloatHistogram& a, const FloatHistogram& b,
                                            bool subtract) {
  RETURN_IF_ERROR(CheckAlike(a, b));
  HistogramOutcome outcome;
  outcome.counter_reset_collision = CombineResetHints(a.hint, b.hint);
  const double sign = subtract ? -1 : 1;
  if (!a.UsesCustomBuckets()) {
    const double zero = internal::ReconcileZeroBuckets(a, b, nullptr).count;
    a.zero_count += sign * zero;
  }
  a.count += sign * b.count;
  a.sum += sign * b.sum;
  if (a.UsesCustomBuckets()) {
    outcome.bounds_reconciled = AddCustom(a, b, nullptr, subtract);
  } else {
    AddExponential(a, b, nullptr, subtract);
  }
  return outcome;
}

}  // namespace

// Meant for gauges; where counters are added, the hint says what can still be said.
bool CombineResetHints(CounterResetHint& a, CounterResetHint b) {
  if (a == b || a == CounterResetHint::kGauge) return false;
  if (b == CounterResetHint::kGauge) {
    a = b;
    return false;
  }
  const bool collision = a != CounterResetHint::kUnknown && b != CounterResetHint::kUnknown;
  a = CounterResetHint::kUnknown;
  return collision;
}

absl::StatusOr<HistogramOutcome> Add(FloatHistogram& a, const FloatHistogram& b) {
  return AddPlainly(a, b, false);
}

absl::StatusOr<HistogramOutcome> Subtract(FloatHistogram& a, const FloatHistogram& b) {
  return AddPlainly(a, b, true);
}

absl::StatusOr<HistogramOutcome> KahanAdd(FloatHistogram& a, const FloatHistogram& b,
                                          std::optional<FloatHistogram>& c) {
  RETURN_IF_ERROR(CheckAlike(a, b));
  HistogramOutcome outcome;
  outcome.counter_reset_collision = CombineResetHints(a.hint, b.hint);
  if (!c.has_value()) c = Nothing(a);
  c->positive_buckets.resize(a.positive_buckets.size());
  c->negative_buckets.resize(a.negative_buckets.size());
  if (!a.UsesCustomBuckets()) {
    const internal::ZeroBucket zero = internal::ReconcileZeroBuckets(a, b, &*c);
    AddCompensated(zero.count, a.zero_count, c->zero_count);
    AddCompensated(zero.c, a.zero_count, c->zero_count);
  }
  AddCompensated(b.count, a.count, c->count);
  AddCompensated(b.sum, a.sum, c->sum);
  // Sums of histograms that were read without their buckets are mostly made of these.
  if (HasNoBuckets(a) && HasNoBuckets(b) && a.schema == b.schema) {
    c->schema = a.schema;
    c->zero_threshold = a.zero_threshold;
    return outcome;
  }
  if (a.UsesCustomBuckets()) {
    outcome.bounds_reconciled = AddCustom(a, b, &*c, false);
  } else {
    AddExponential(a, b, &*c, false);
    c->schema = a.schema;
    c->zero_threshold = a.zero_threshold;
    c->negative_spans = a.negative_spans;
  }
  c->positive_spans = a.positive_spans;
  return outcome;
}

}  // namespace synoptic::promql
