// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/looks.h"

#include <algorithm>

namespace synoptic::promql {
namespace {

// When an expression is evaluated: first <= t <= last, counted from the step unless absolute.
struct Evaluated {
  bool absolute = false;
  int64_t first = 0;
  int64_t last = 0;

  void Apply(const TimeModifiers& time) {
    if (time.at != TimeModifiers::AtKind::kNone) *this = {true, time.at_ms, time.at_ms};
    first -= time.offset_ms();
    last -= time.offset_ms();
  }
};

class Collector {
 public:
  Collector(int64_t lookback_ms, std::vector<Look>& looks)
      : lookback_ms_(lookback_ms), looks_(looks) {}

  void Visit(const Expr& expr, Evaluated at) {
    switch (expr.kind) {
      case ExprKind::kVectorSelector:
        return Add(As<VectorSelector>(expr), 0, at);
      case ExprKind::kMatrixSelector:
        return Add(*As<MatrixSelector>(expr).selector, As<MatrixSelector>(expr).range_ms(), at);
      case ExprKind::kSubquery:
        at.Apply(As<Subquery>(expr).time);
        at.first -= As<Subquery>(expr).range_ms();
        break;
      default:
        break;
    }
    for (const Expr* child : Children(expr)) Visit(*child, at);
  }

 private:
  void Add(const VectorSelector& selector, int64_t range_ms, Evaluated at) {
    at.Apply(selector.time);
    const bool looks_back = range_ms == 0 || selector.anchored || selector.smoothed;
    Look look{at.absolute, at.first - range_ms - (looks_back ? lookback_ms_ : 0), at.last};
    if (selector.smoothed) look.until += lookback_ms_;
    const bool known = std::any_of(looks_.begin(), looks_.end(), [&](const Look& other) {
      return other.absolute == look.absolute && other.after <= look.after &&
             look.until <= other.until;
    });
    if (!known) looks_.push_back(look);
  }

  const int64_t lookback_ms_;
  std::vector<Look>& looks_;
};

}  // namespace

std::vector<Look> LooksOf(const Expr& expr, int64_t lookback_ms) {
  std::vector<Look> looks;
  Collector(lookback_ms, looks).Visit(expr, {});
  return looks;
}

}  // namespace synoptic::promql
