// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Binary operators on elements of which one is a native histogram, and what there is to say about
// pairs that do not go together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "promql/eval/context.h"
#include "promql/model/histogram.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

// Why a pair has no result, or what its result hides.
enum class PairNote : uint8_t {
  kNone,
  kFloatFloat,  // types that the operator does not take
  kFloatHistogram,
  kHistogramFloat,
  kHistogramHistogram,
  kLayout,      // exponential and custom buckets
  kCollision,   // one says that the counter was reset, the other that it was not
  kReconciled,  // custom bounds differed; the only one with a result
};

struct PairResult {
  PairNote note = PairNote::kNone;
  bool failed = false;  // counts as no match at all
  bool keep = false;    // of a comparison; otherwise true unless failed
  HistogramPtr histogram;
};

class HistogramBinary {
 public:
  // `node` outlives this.
  HistogramBinary(const Binary& node, int order, EvalContext& eval)
      : node_(node), order_(order), eval_(eval) {}

  // Pairs of floats must come here too: there is nothing to trim in them.
  bool trims() const {
    return node_.op == BinaryOp::kTrimUpper || node_.op == BinaryOp::kTrimLower;
  }

  // A side is its histogram, or the float where that is null.
  const PairResult& Apply(double a, const HistogramPtr& ha, double b, const HistogramPtr& hb);

  // Of each step the last pair's note counts, as in Prometheus.
  void NoteAt(size_t step, size_t steps, PairNote note);
  // Once, when all pairs have passed.
  void Report() const;

 private:
  PairResult Compute(double a, const FloatHistogram* ha, double b, const FloatHistogram* hb) const;
  PairResult Scaled(const FloatHistogram& h, double factor) const;
  PairResult OfHistogramAndFloat(const FloatHistogram& h, double v) const;
  PairResult OfHistograms(const FloatHistogram& a, const FloatHistogram& b) const;
  std::string TextOf(PairNote note) const;

  const Binary& node_;
  const int order_;
  EvalContext& eval_;
  std::vector<PairNote> notes_;  // of each step, once there are any
  // The pair before: neighbouring steps often have the same histograms.
  bool known_ = false;
  double last_a_ = 0, last_b_ = 0;
  HistogramPtr last_ha_, last_hb_;
  PairResult last_;
};

}  // namespace synoptic::promql::internal
