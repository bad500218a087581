// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/parse/info_argument.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace synoptic::promql {
namespace {

class SelectorTimes {
 public:
  static std::optional<InfoReference> Shared(const Expr& expr) {
    SelectorTimes visit;
    visit.Visit(expr, {});
    if (!visit.uniform_ || visit.has_part_without_selector_) return std::nullopt;
    return visit.first_;
  }

 private:
  static InfoReference Of(const TimeModifiers& time) {
    InfoReference own;
    own.offset_ns = time.offset_ns;
    if (time.at != TimeModifiers::AtKind::kNone) own.at_ms = time.at_ms;
    return own;
  }

  bool Visit(const Expr& expr, std::vector<const Subquery*> path) {
    const ValueType type = TypeOf(expr);
    if (type != ValueType::kVector && type != ValueType::kMatrix) return false;
    if (expr.kind == ExprKind::kVectorSelector) {
      Note(As<VectorSelector>(expr), path);
      return true;
    }
    if (expr.kind == ExprKind::kSubquery) path.push_back(&As<Subquery>(expr));
    if (expr.kind == ExprKind::kCall && As<Call>(expr).function->id == FunctionId::kInfo) {
      return Visit(*As<Call>(expr).args[0], path);
    }
    bool has_selector = false;
    for (const Expr* child : Children(expr)) has_selector = Visit(*child, path) || has_selector;
    if (!has_selector) has_part_without_selector_ = true;
    return has_selector;
  }

  void Note(const VectorSelector& selector, const std::vector<const Subquery*>& path) {
    InfoReference reference = Of(selector.time);
    // Enclosing subqueries shift it until a time of its own fixes it.
    for (auto it = path.rbegin(); it != path.rend() && !reference.at_ms; ++it) {
      const InfoReference outer = Of((*it)->time);
      reference.offset_ns += outer.offset_ns;
      reference.at_ms = outer.at_ms;
    }
    if (!first_) {
      first_ = reference;
    } else if (!(*first_ == reference)) {
      uniform_ = false;
    }
  }

  std::optional<InfoReference> first_;
  bool uniform_ = true;
  bool has_part_without_selector_ = false;
};

}  // namespace

bool InfoReference::operator==(const InfoReference& other) const {
  const int64_t offset_ms = offset_ns / 1'000'000, other_ms = other.offset_ns / 1'000'000;
  if (at_ms.has_value() != other.at_ms.has_value()) return false;
  return at_ms ? *at_ms - offset_ms == *other.at_ms - other_ms : offset_ms == other_ms;
}

std::optional<InfoReference> SharedReference(const Expr& expr) {
  return SelectorTimes::Shared(expr);
}

void CompleteInfo(Call& call, const std::optional<InfoReference>& reference) {
  if (call.args.size() < 2) {
    auto all = std::make_unique<VectorSelector>();
    all->pos = call.pos;
    all->bypass_empty_check = true;
    call.args.push_back(std::move(all));
  }
  if (call.args[1]->kind != ExprKind::kVectorSelector) return;
  auto& selector = As<VectorSelector>(*call.args[1]);
  bool named = false, excluded = false;
  for (const Matcher& matcher : selector.matchers) {
    if (matcher.name() != kMetricName) continue;
    const bool positive = matcher.op() == MatchOp::kEqual || matcher.op() == MatchOp::kRegex;
    (positive ? named : excluded) = true;
  }
  if (!named) {
    const auto matcher =
        excluded ? Matcher::Create(MatchOp::kRegex, std::string(kMetricName), ".+_info")
                 : Matcher::Create(MatchOp::kEqual, std::string(kMetricName), "target_info");
    selector.matchers.push_back(*matcher);
  }
  selector.time = {};
  if (!reference) return;
  selector.time.offset_ns = reference->offset_ns;
  if (!reference->at_ms) return;
  selector.time.at = TimeModifiers::AtKind::kTimestamp;
  selector.time.at_ms = *reference->at_ms;
}

}  // namespace synoptic::promql
