// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/engine/shrink.h"

#include <algorithm>
#include <numeric>

#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::compat {
namespace {

using promql::As;
using promql::Expr;
using promql::ExprKind;
using promql::ExprPtr;

promql::ParseOptions AllOptions() {
  promql::ParseOptions options;
  options.experimental_functions = true;
  options.binop_fill_modifiers = true;
  return options;
}

// Every place in the tree that owns an expression.
void CollectSlots(ExprPtr& slot, std::vector<ExprPtr*>& out) {
  out.push_back(&slot);
  Expr& expr = *slot;
  switch (expr.kind) {
    case ExprKind::kCall:
      for (ExprPtr& arg : As<promql::Call>(expr).args) CollectSlots(arg, out);
      break;
    case ExprKind::kAggregate:
      CollectSlots(As<promql::Aggregate>(expr).expr, out);
      if (As<promql::Aggregate>(expr).param) CollectSlots(As<promql::Aggregate>(expr).param, out);
      break;
    case ExprKind::kBinary:
      CollectSlots(As<promql::Binary>(expr).lhs, out);
      CollectSlots(As<promql::Binary>(expr).rhs, out);
      break;
    case ExprKind::kUnary:
      CollectSlots(As<promql::Unary>(expr).expr, out);
      break;
    case ExprKind::kParen:
      CollectSlots(As<promql::Paren>(expr).expr, out);
      break;
    case ExprKind::kSubquery:
      CollectSlots(As<promql::Subquery>(expr).expr, out);
      break;
    default:
      break;
  }
}

ExprPtr Literal(double value) {
  auto literal = std::make_unique<promql::NumberLiteral>();
  literal->value = value;
  return literal;
}

void Simplify(promql::VectorSelector& selector, size_t how) {
  switch (how) {
    case 0:
      selector.time = {};
      break;
    case 1:
      selector.anchored = selector.smoothed = false;
      break;
    default:  // a matcher; the name's is the last
      if (selector.matchers.size() > how - 1) {
        selector.matchers.erase(selector.matchers.begin() + static_cast<ptrdiff_t>(how - 2));
      }
  }
}

// Change number `how` of one place. False when there are no more.
bool Change(ExprPtr& slot, size_t how) {
  Expr& expr = *slot;
  std::vector<ExprPtr*> slots;
  CollectSlots(slot, slots);
  // What lies below in its stead.
  if (how + 1 < slots.size()) {
    if (TypeOf(**slots[how + 1]) == TypeOf(expr)) {
      ExprPtr below = std::move(*slots[how + 1]);
      slot = std::move(below);
    }
    return true;
  }
  how -= slots.size() - 1;
  if (how == 0) {
    if (TypeOf(expr) == promql::ValueType::kScalar && expr.kind != ExprKind::kNumber) {
      slot = Literal(1);
    }
    return true;
  }
  --how;
  switch (expr.kind) {
    case ExprKind::kVectorSelector:
      Simplify(As<promql::VectorSelector>(expr), how);
      return how < 5;
    case ExprKind::kMatrixSelector:
      Simplify(*As<promql::MatrixSelector>(expr).selector, how);
      return how < 5;
    case ExprKind::kSubquery:
      As<promql::Subquery>(expr).time = {};
      return how == 0;
    case ExprKind::kAggregate:
      As<promql::Aggregate>(expr).grouping.clear();
      return how == 0;
    case ExprKind::kBinary: {
      auto& matching = As<promql::Binary>(expr).matching;
      if (!matching) return false;
      if (how == 0) matching->fill_left = matching->fill_right = {};
      if (how == 1) matching->include.clear();
      return how < 2;
    }
    default:
      return false;
  }
}

}  // namespace

std::vector<std::string> SmallerTexts(const std::string& text) {
  std::vector<std::string> out;
  for (size_t place = 0;; ++place) {
    for (size_t how = 0;; ++how) {
      auto tree = promql::ParseExpr(text, AllOptions());
      if (!tree.ok()) return out;
      std::vector<ExprPtr*> slots;
      CollectSlots(*tree, slots);
      if (place >= slots.size()) {
        std::sort(out.begin(), out.end(), [](const std::string& a, const std::string& b) {
          return std::pair(a.size(), a) < std::pair(b.size(), b);
        });
        return out;
      }
      if (!Change(*slots[place], how)) break;
      std::string smaller = promql::Print(**tree);
      if (smaller.size() < text.size()) out.push_back(std::move(smaller));
    }
  }
}

namespace {

using Shows = std::function<bool(const Question&)>;

bool ShrinkText(Question& question, const Shows& shows) {
  for (const std::string& text : SmallerTexts(question.text)) {
    Question smaller = question;
    smaller.text = text;
    if (!shows(smaller)) continue;
    question = smaller;
    return true;
  }
  return false;
}

bool ShrinkGrid(Question& question, const Shows& shows) {
  const promql::Grid grid = question.grid;
  const auto steps = static_cast<int64_t>(grid.size());
  if (!question.range || steps < 2) return false;
  std::vector<promql::Grid> smaller;
  for (int64_t i = 0; i < steps && i < 80; ++i) {
    smaller.push_back({grid.start + i * grid.step, grid.start + i * grid.step, grid.step});
  }
  if (steps > 2) {
    smaller.push_back({grid.start, grid.start + (steps / 2 - 1) * grid.step, grid.step});
    smaller.push_back({grid.start + steps / 2 * grid.step, grid.end, grid.step});
    smaller.push_back({grid.start + grid.step, grid.end, grid.step});
    smaller.push_back({grid.start, grid.start + (steps - 2) * grid.step, grid.step});
  }
  for (const promql::Grid& one : smaller) {
    Question candidate = question;
    candidate.grid = one;
    if (!shows(candidate)) continue;
    question = candidate;
    return true;
  }
  return false;
}

void ShrinkSeries(Question& question, const World& world, const Shows& shows) {
  if (question.series.empty()) {
    question.series.resize(world.series.size());
    std::iota(question.series.begin(), question.series.end(), size_t{0});
  }
  for (size_t size = question.series.size() / 2; size > 0; size /= 2) {
    for (size_t at = 0; at < question.series.size() && question.series.size() > 1;) {
      Question smaller = question;
      const auto begin = smaller.series.begin() + static_cast<ptrdiff_t>(at);
      const size_t count = std::min(size, smaller.series.size() - at);
      smaller.series.erase(begin, begin + static_cast<ptrdiff_t>(count));
      if (!smaller.series.empty() && shows(smaller)) {
        question = smaller;
      } else {
        at += size;
      }
    }
  }
}

}  // namespace

Question Shrink(Question question, const World& world, const Shows& shows) {
  for (int rounds = 0; rounds < 60 && ShrinkText(question, shows); ++rounds) {
  }
  for (int rounds = 0; rounds < 10 && ShrinkGrid(question, shows); ++rounds) {
  }
  ShrinkSeries(question, world, shows);
  for (int rounds = 0; rounds < 20 && ShrinkText(question, shows); ++rounds) {
  }
  return question;
}

}  // namespace synoptic::compat
