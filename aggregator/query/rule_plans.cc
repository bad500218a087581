// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/rule_plans.h"

#include <algorithm>
#include <cctype>

#include "promql/parse/exact_text.h"

namespace synoptic::aggregator {
namespace {

using promql::As;
using promql::Binary;
using promql::BinaryOp;
using promql::ExprKind;
using promql::ExprPtr;

// Rules that nobody asks for any more go with all others; they are taken apart again.
constexpr size_t kMostQuestions = 262'144;

ExprPtr WithoutParens(ExprPtr expr) {
  while (expr->kind == ExprKind::kParen) {
    ExprPtr inner = std::move(As<promql::Paren>(*expr).expr);
    expr = std::move(inner);
  }
  return expr;
}

// Of `expr > 5` what is kept of expr; and expr, in the place of the whole.
std::optional<std::pair<BinaryOp, double>> SplitComparison(ExprPtr& expr) {
  expr = WithoutParens(std::move(expr));
  if (expr->kind != ExprKind::kBinary) return std::nullopt;
  auto& binary = As<Binary>(*expr);
  if (!promql::IsComparison(binary.op) || binary.return_bool || binary.matching) {
    return std::nullopt;
  }
  if (promql::TypeOf(*binary.lhs) != promql::ValueType::kVector) return std::nullopt;
  if (binary.rhs->kind != ExprKind::kNumber) return std::nullopt;
  const std::pair<BinaryOp, double> keep_if(binary.op,
                                            As<promql::NumberLiteral>(*binary.rhs).value);
  ExprPtr core = WithoutParens(std::move(binary.lhs));
  expr = std::move(core);
  return keep_if;
}

bool IsNamePart(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool HasWord(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if (at > 0 && IsNamePart(text[at - 1])) continue;
    if (end == text.size() || !IsNamePart(text[end])) return true;
  }
  return false;
}

// Whether what a query reads moves along with its time. `@` and start() do not, subqueries are on a
// grid of their own. What only looks like one of them is planned anew, which is never wrong.
bool MovesWithTime(std::string_view text) {
  if (text.find('@') != text.npos || HasWord(text, "start") || HasWord(text, "end")) return false;
  for (size_t open = text.find('['); open != text.npos; open = text.find('[', open + 1)) {
    const size_t close = text.find(']', open);
    if (text.substr(open, close - open).find(':') != text.npos) return false;
  }
  return true;
}

// What could not hold a series of ours when the plan was made may do so now.
bool MayBeOwn(const RuleCore& core, const promql::OwnSeries& own) {
  if (own.shard < 0) return false;
  return std::any_of(core.reads.begin(), core.reads.end(), [&](const RuleCore::Read& read) {
    return own.may_hold(read.selector->matchers);
  });
}

}  // namespace

std::shared_ptr<const RuleQuestion> RulePlans::Of(const QueryRequest& request,
                                                  const promql::Topology& topology,
                                                  const promql::OwnSeries& own) {
  const auto known = questions_.find(request.text);
  if (known != questions_.end()) {
    if (!MayBeOwn(*known->second->core, own)) return known->second;
    questions_.erase(known);
  }
  auto parsed = language_.parse(request.text);
  if (!parsed.ok()) return nullptr;
  ExprPtr expr = *std::move(parsed);
  const auto question = std::make_shared<RuleQuestion>();
  if (language_.split) question->keep_if = SplitComparison(expr);
  if (!MovesWithTime(request.text)) {
    question->core = CoreOf(std::move(expr), request, topology, own);
    return question->core == nullptr ? nullptr : question;
  }
  std::string canonical = promql::ExactText(*expr);
  if (const auto core = cores_.find(canonical); core != cores_.end()) {
    question->core = core->second.lock();
    if (question->core != nullptr && MayBeOwn(*question->core, own)) question->core = nullptr;
  }
  if (question->core == nullptr) {
    question->core = CoreOf(std::move(expr), request, topology, own);
    if (question->core == nullptr) return nullptr;
    cores_[std::move(canonical)] = question->core;
  }
  if (questions_.size() >= kMostQuestions) {
    questions_.clear();
    cores_.clear();
  }
  questions_[request.text] = question;
  return question;
}

std::shared_ptr<RuleCore> RulePlans::CoreOf(ExprPtr expr, const QueryRequest& request,
                                            const promql::Topology& topology,
                                            const promql::OwnSeries& own) {
  auto plan = language_.plan(std::move(expr), request, topology, own);
  if (!plan.ok() || plan->fetches.empty()) return nullptr;
  const int64_t time_ms = request.grid.start;
  for (const promql::Fetch& fetch : plan->fetches) {
    // What was recorded here costs no question, and is there at once: nothing to keep.
    if (!fetch.own_matchers.empty()) return nullptr;
    if (!RuleWindows::MetricOf(fetch, time_ms)) return nullptr;
  }
  auto core = std::make_shared<RuleCore>();
  core->root = std::move(plan->root);
  core->text = request.text;
  for (const promql::Fetch& fetch : plan->fetches) {
    core->reads.push_back(
        {windows_.AddReader(fetch, time_ms), fetch.min_t - time_ms, fetch.max_t - time_ms});
    MetricWindow* window = core->reads.back().selector->window;
    if (std::find(core->windows.begin(), core->windows.end(), window) == core->windows.end()) {
      core->windows.push_back(window);
    }
  }
  return core;
}

}  // namespace synoptic::aggregator
