// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/plan/looks.h"

#include <algorithm>
#include <limits>

namespace synoptic::promql {
namespace {

// When an expression is evaluated: first <= t <= last, counted from the step unless absolute.
struct Evaluated {
  bool absolute = false;
  int64_t first = 0;
  int64_t last = 0;
  bool once = false;  // for all steps: what is pushed down there is asked for one point

  void Apply(const TimeModifiers& time) {
    if (time.at != TimeModifiers::AtKind::kNone) *this = {true, time.at_ms, time.at_ms, once};
    first -= time.offset_ms();
    last -= time.offset_ms();
  }
};

constexpr Look kAnyTime{true, std::numeric_limits<int64_t>::min(),
                        std::numeric_limits<int64_t>::max()};

Look LookOf(const VectorSelector& selector, int64_t range_ms, Evaluated at, int64_t lookback_ms) {
  at.Apply(selector.time);
  const bool looks_back = range_ms == 0 || selector.anchored || selector.smoothed;
  Look look{at.absolute, at.first - range_ms - (looks_back ? lookback_ms : 0), at.last};
  if (selector.smoothed) look.until += lookback_ms;
  return look;
}

// Calls `leaf(expr, range_ms, at)` for selectors and what was pushed down.
template <class Leaf>
void ForEachLeaf(const Expr& expr, Evaluated at, const Leaf& leaf) {
  switch (expr.kind) {
    case ExprKind::kFetched:
    case ExprKind::kVectorSelector:
      return leaf(expr, int64_t{0}, at);
    case ExprKind::kMatrixSelector:
      return leaf(*As<MatrixSelector>(expr).selector, As<MatrixSelector>(expr).range_ms(), at);
    case ExprKind::kSubquery:
      at.Apply(As<Subquery>(expr).time);
      at.first -= As<Subquery>(expr).range_ms();
      break;
    case ExprKind::kStepInvariant:
      at.once = true;
      break;
    default:
      break;
  }
  for (const Expr* child : Children(expr)) ForEachLeaf(*child, at, leaf);
}

}  // namespace

std::vector<Look> LooksOf(const Expr& expr, int64_t lookback_ms) {
  std::vector<Look> looks;
  ForEachLeaf(expr, {}, [&](const Expr& leaf, int64_t range_ms, Evaluated at) {
    const Look look = LookOf(As<VectorSelector>(leaf), range_ms, at, lookback_ms);
    const bool known = std::any_of(looks.begin(), looks.end(), [&](const Look& other) {
      return other.absolute == look.absolute && other.after <= look.after &&
             look.until <= other.until;
    });
    if (!known) looks.push_back(look);
  });
  return looks;
}

bool LooksAtWindows(const Expr& expr) {
  if (expr.kind == ExprKind::kMatrixSelector || expr.kind == ExprKind::kSubquery) return true;
  const auto children = Children(expr);
  return std::any_of(children.begin(), children.end(),
                     [](const Expr* child) { return LooksAtWindows(*child); });
}

std::vector<FetchLook> FetchLooksOf(const Expr& root, int64_t lookback_ms) {
  std::vector<FetchLook> looks;
  ForEachLeaf(root, {}, [&](const Expr& leaf, int64_t range_ms, Evaluated at) {
    if (leaf.kind == ExprKind::kFetched) {
      const Look look{at.absolute, at.first - 1, at.last};
      looks.push_back({As<Fetched>(leaf).fetch_id, at.once ? kAnyTime : look});
      return;
    }
    const auto& selector = As<VectorSelector>(leaf);
    looks.push_back({selector.fetch_id, LookOf(selector, range_ms, at, lookback_ms)});
  });
  return looks;
}

}  // namespace synoptic::promql
