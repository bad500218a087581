// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/histogram_binary.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <utility>

#include "base/go_format.h"
#include "fmt/format.h"
#include "promql/model/histogram_math.h"

namespace synoptic::promql::internal {
namespace {

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

PairResult Failed(PairNote note) { return {note, /*failed=*/true, /*keep=*/false, nullptr}; }

PairResult Value(FloatHistogram h, PairNote note = PairNote::kNone) {
  return {note, /*failed=*/false, /*keep=*/true,
          std::make_shared<const FloatHistogram>(std::move(h))};
}

bool IsWarning(PairNote note) { return note == PairNote::kLayout || note == PairNote::kCollision; }

}  // namespace

const PairResult& HistogramBinary::Apply(double a, const HistogramPtr& ha, double b,
                                         const HistogramPtr& hb) {
  const bool same =
      known_ && last_ha_ == ha && last_hb_ == hb && SameBits(last_a_, a) && SameBits(last_b_, b);
  if (same) return last_;
  last_ = Compute(a, ha.get(), b, hb.get());
  // A comparison's result is the left side itself.
  if (last_.keep && last_.histogram == nullptr) last_.histogram = ha;
  known_ = true;
  last_a_ = a;
  last_b_ = b;
  last_ha_ = ha;
  last_hb_ = hb;
  return last_;
}

PairResult HistogramBinary::Compute(double a, const FloatHistogram* ha, double b,
                                    const FloatHistogram* hb) const {
  if (ha != nullptr && hb != nullptr) return OfHistograms(*ha, *hb);
  if (ha != nullptr) return OfHistogramAndFloat(*ha, b);
  if (hb == nullptr) return Failed(PairNote::kFloatFloat);
  if (node_.op == BinaryOp::kMul) return Scaled(*hb, a);
  return Failed(PairNote::kFloatHistogram);
}

PairResult HistogramBinary::Scaled(const FloatHistogram& h, double factor) const {
  FloatHistogram scaled = h;
  if (node_.op == BinaryOp::kDiv) {
    Divide(scaled, factor);
  } else {
    Multiply(scaled, factor);
  }
  Compact(scaled, 0);
  return Value(std::move(scaled));
}

PairResult HistogramBinary::OfHistogramAndFloat(const FloatHistogram& h, double v) const {
  switch (node_.op) {
    case BinaryOp::kMul:
    case BinaryOp::kDiv:
      return Scaled(h, v);
    case BinaryOp::kTrimUpper:
    case BinaryOp::kTrimLower: {
      FloatHistogram trimmed = h;
      TrimBuckets(trimmed, v, node_.op == BinaryOp::kTrimUpper);
      return Value(std::move(trimmed));
    }
    default:
      return Failed(PairNote::kHistogramFloat);
  }
}

PairResult HistogramBinary::OfHistograms(const FloatHistogram& a, const FloatHistogram& b) const {
  switch (node_.op) {
    case BinaryOp::kAdd:
    case BinaryOp::kSub: {
      FloatHistogram sum = a;
      const bool subtract = node_.op == BinaryOp::kSub;
      const auto outcome = subtract ? Subtract(sum, b) : Add(sum, b);
      if (!outcome.ok()) return Failed(PairNote::kLayout);
      if (outcome->counter_reset_collision) return Failed(PairNote::kCollision);
      if (subtract) sum.hint = CounterResetHint::kGauge;
      Compact(sum, 0);
      return Value(std::move(sum),
                   outcome->bounds_reconciled ? PairNote::kReconciled : PairNote::kNone);
    }
    case BinaryOp::kEqual:
      return {PairNote::kNone, /*failed=*/false, /*keep=*/Equal(a, b), nullptr};
    case BinaryOp::kNotEqual:
      return {PairNote::kNone, /*failed=*/false, /*keep=*/!Equal(a, b), nullptr};
    default:
      return Failed(PairNote::kHistogramHistogram);
  }
}

void HistogramBinary::NoteAt(size_t step, size_t steps, PairNote note) {
  if (note == PairNote::kNone) return;
  if (notes_.empty()) notes_.resize(steps, PairNote::kNone);
  notes_[step] = note;
}

void HistogramBinary::Report() const {
  std::vector<PairNote> kinds = notes_;
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  for (const PairNote note : kinds) {
    if (note == PairNote::kNone) continue;
    if (IsWarning(note)) {
      eval_.notes.Warning(order_, TextOf(note), node_.pos);
    } else {
      eval_.notes.Info(order_, TextOf(note), node_.pos);
    }
  }
}

std::string HistogramBinary::TextOf(PairNote note) const {
  const std::string_view op = OperatorText(node_.op);
  const std::string_view operation = node_.op == BinaryOp::kSub ? "subtraction" : "addition";
  const auto types = [op](const char* left, const char* right) {
    return fmt::format(
        "PromQL info: incompatible sample types encountered for binary operator {}: {} {} {}",
        GoQuote(op), left, op, right);
  };
  switch (note) {
    case PairNote::kFloatFloat:
      return types("float", "float");
    case PairNote::kFloatHistogram:
      return types("float", "histogram");
    case PairNote::kHistogramFloat:
      return types("histogram", "float");
    case PairNote::kHistogramHistogram:
      return types("histogram", "histogram");
    case PairNote::kLayout:
      return fmt::format(
          "PromQL warning: incompatible bucket layout encountered for binary operator {}", op);
    case PairNote::kCollision:
      return fmt::format("PromQL warning: conflicting counter resets during histogram {}",
                         operation);
    case PairNote::kReconciled:
      return fmt::format("PromQL info: mismatched custom buckets were reconciled during {}",
                         operation);
    case PairNote::kNone:
      break;
  }
  return {};
}

}  // namespace synoptic::promql::internal
