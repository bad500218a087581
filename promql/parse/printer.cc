// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0

#include "promql/parse/printer.h"

#include <algorithm>
#include <cmath>

#include "base/duration.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/literals.h"
#include "promql/parse/print_parts.h"
#include "promql/parse/token.h"

namespace synoptic::promql {
namespace internal {
namespace {

using Op = DurationExpr::Op;

bool IsPlainLabel(std::string_view name) {
  const auto plain = [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && std::ranges::all_of(name, plain) && !(name[0] >= '0' && name[0] <= '9');
}

std::string LabelName(std::string_view name) {
  return IsPlainLabel(name) ? std::string(name) : GoQuote(name);
}

std::string LabelList(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += LabelName(name);
  }
  return out;
}

std::string DurationNs(int64_t ns) { return FormatDurationMillis(ns / 1'000'000); }

std::string Seconds(double seconds, bool is_duration) {
  if (!is_duration) return GoFloatF(seconds);
  const std::string text = DurationNs(TruncatedToInt64(std::abs(seconds) * 1e9));
  return seconds < 0 ? "-" + text : text;
}

std::string_view DurationOperator(Op op) {
  switch (op) {
    case Op::kAdd:
      return " + ";
    case Op::kSub:
      return " - ";
    case Op::kMul:
      return " * ";
    case Op::kDiv:
      return " / ";
    case Op::kMod:
      return " % ";
    default:
      return " ^ ";
  }
}

std::string DurationBody(const DurationExpr& expr) {
  switch (expr.op) {
    case Op::kLiteral:
      return Seconds(expr.seconds, expr.is_duration);
    case Op::kStep:
      return "step()";
    case Op::kRange:
      return "range()";
    case Op::kMinOf:
    case Op::kMaxOf:
      return fmt::format("{}({}, {})", expr.op == Op::kMinOf ? "min_of" : "max_of",
                         DurationText(*expr.lhs), DurationText(*expr.rhs));
    case Op::kNegate:
      return "-" + DurationText(*expr.lhs);
    case Op::kPlus:
      return DurationText(*expr.lhs);
    default:
      return fmt::format("{}{}{}", DurationText(*expr.lhs), DurationOperator(expr.op),
                         DurationText(*expr.rhs));
  }
}

bool IsUnit(const DurationExpr& expr) {
  switch (expr.op) {
    case Op::kLiteral:
    case Op::kStep:
    case Op::kRange:
    case Op::kMinOf:
    case Op::kMaxOf:
      return true;
    default:
      return expr.wrapped;
  }
}

// `offset` takes one unit with at most one sign, unless a parenthesis or two signs begin it. Where
// signs were folded away while parsing (`offset --1 - step()`), the text alone would mean less.
bool ReadsBackAfterOffset(const DurationExpr& expr, std::string_view text) {
  if (text.substr(0, 1) == "(" || text.substr(0, 2) == "--") return true;
  const bool sign = expr.op == Op::kNegate || expr.op == Op::kPlus;
  return IsUnit(sign ? *expr.lhs : expr);
}

std::string Extended(const VectorSelector& selector) {
  return selector.anchored ? " anchored" : selector.smoothed ? " smoothed" : "";
}

std::string MatcherText(const Matcher& matcher) {
  return fmt::format("{}{}{}", LabelName(matcher.name()), MatchOpText(matcher.op()),
                     GoQuote(matcher.value()));
}

// {a="b",c=~"d"}, sorted as text; the outside name's own matcher left out. Empty when none is left.
std::string Braces(const std::vector<Matcher>& matchers, std::string_view name) {
  std::vector<std::string> texts;
  for (const Matcher& m : matchers) {
    const bool says_name =
        m.name() == kMetricName && m.op() == MatchOp::kEqual && m.value() == name && !name.empty();
    if (!says_name) texts.push_back(MatcherText(m));
  }
  if (texts.empty()) return {};
  std::ranges::sort(texts);
  std::string out = "{";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    out += text;
  }
  return out + "}";
}

std::string VectorText(const VectorSelector& s) {
  return s.name + Braces(s.matchers, s.name) + AtText(s.time) + Extended(s) + OffsetText(s.time);
}

std::string MatrixText(const MatrixSelector& m) {
  const VectorSelector& s = *m.selector;
  const std::string range = m.range_expr ? DurationText(*m.range_expr) : DurationNs(m.range_ns);
  return fmt::format("{}{}[{}]{}{}{}", s.name, Braces(s.matchers, s.name), range, Extended(s),
                     AtText(s.time), OffsetText(s.time));
}

void Append(const Expr& expr, std::string& out);

void AppendCall(const Call& call, std::string& out) {
  out += call.function->name;
  out += '(';
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i > 0) out += ", ";
    Append(*call.args[i], out);
  }
  out += ')';
}

void AppendAggregate(const Aggregate& expr, std::string& out) {
  out += AggregateHead(expr) + "(";
  if (expr.param) {
    Append(*expr.param, out);
    out += ", ";
  }
  Append(*expr.expr, out);
  out += ')';
}

// A chain of operators from its left end on, in one loop.
void AppendChain(const Binary& last, std::string& out) {
  std::vector<const Binary*> chain = {&last};
  while (chain.back()->lhs->kind == ExprKind::kBinary) {
    chain.push_back(&As<Binary>(*chain.back()->lhs));
  }
  Append(*chain.back()->lhs, out);
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
    out += ' ' + BinaryHead(**it) + ' ';
    Append(*(*it)->rhs, out);
  }
}

void Append(const Expr& expr, std::string& out) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      out += Seconds(As<NumberLiteral>(expr).value, As<NumberLiteral>(expr).is_duration);
      return;
    case ExprKind::kString:
      out += GoQuote(As<StringLiteral>(expr).value);
      return;
    case ExprKind::kVectorSelector:
      out += VectorText(As<VectorSelector>(expr));
      return;
    case ExprKind::kMatrixSelector:
      out += MatrixText(As<MatrixSelector>(expr));
      return;
    case ExprKind::kSubquery:
      Append(*As<Subquery>(expr).expr, out);
      out += SubquerySuffix(As<Subquery>(expr));
      return;
    case ExprKind::kCall:
      return AppendCall(As<Call>(expr), out);
    case ExprKind::kAggregate:
      return AppendAggregate(As<Aggregate>(expr), out);
    case ExprKind::kBinary:
      return AppendChain(As<Binary>(expr), out);
    case ExprKind::kUnary:
      out += As<Unary>(expr).negate ? '-' : '+';
      return Append(*As<Unary>(expr).expr, out);
    case ExprKind::kParen:
      out += '(';
      Append(*As<Paren>(expr).expr, out);
      out += ')';
      return;
    case ExprKind::kStepInvariant:
      return Append(*As<StepInvariant>(expr).expr, out);
    case ExprKind::kFetched:
      return Append(*As<Fetched>(expr).original, out);
  }
}

}  // namespace

bool IsPlainMetricName(std::string_view name) {
  const auto plain = [](char c) {
    return c == '_' || c == ':' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
  };
  if (name.empty() || !std::ranges::all_of(name, plain)) return false;
  return !(name[0] >= '0' && name[0] <= '9') && IsMetricIdentifier(KeywordOf(ToLowerAscii(name)));
}

std::string DurationText(const DurationExpr& expr) {
  return expr.wrapped ? "(" + DurationBody(expr) + ")" : DurationBody(expr);
}

std::string AtText(const TimeModifiers& time) {
  switch (time.at) {
    case TimeModifiers::AtKind::kNone:
      return "";
    case TimeModifiers::AtKind::kTimestamp:
      return " @ " + GoFixed(static_cast<double>(time.at_ms) / 1000.0, 3);
    case TimeModifiers::AtKind::kStart:
      return " @ start()";
    case TimeModifiers::AtKind::kEnd:
      return " @ end()";
  }
  return "";
}

std::string OffsetText(const TimeModifiers& time) {
  if (time.offset_expr) {
    const std::string text = DurationText(*time.offset_expr);
    return ReadsBackAfterOffset(*time.offset_expr, text) ? " offset " + text
                                                         : " offset (" + text + ")";
  }
  if (time.offset_ns == 0) return "";
  // The sign apart, for offsets of less than a millisecond; no negation, for the smallest integer.
  const std::string text = DurationNs(time.offset_ns);
  return time.offset_ns < 0 && text[0] != '-' ? " offset -" + text : " offset " + text;
}

std::string SubquerySuffix(const Subquery& expr) {
  const std::string range =
      expr.range_expr ? DurationText(*expr.range_expr) : DurationNs(expr.range_ns);
  std::string step;
  if (expr.step_ns != 0) {
    step = DurationNs(expr.step_ns);
  } else if (expr.step_expr) {
    step = DurationText(*expr.step_expr);
  }
  return fmt::format("[{}:{}]{}{}", range, step, AtText(expr.time), OffsetText(expr.time));
}

std::string AggregateHead(const Aggregate& expr) {
  std::string out(OperatorText(expr.op));
  if (expr.without) return fmt::format("{} without ({}) ", out, LabelList(expr.grouping));
  if (!expr.grouping.empty()) return fmt::format("{} by ({}) ", out, LabelList(expr.grouping));
  return out;
}

std::string BinaryHead(const Binary& expr) {
  std::string out(OperatorText(expr.op));
  if (expr.return_bool) out += " bool";
  if (!expr.matching) return out;
  const VectorMatching& m = *expr.matching;
  const bool grouped = m.cardinality == MatchCardinality::kManyToOne ||
                       m.cardinality == MatchCardinality::kOneToMany;
  if (!m.labels.empty() || m.on || grouped) {
    out += fmt::format(" {} ({})", m.on ? "on" : "ignoring", LabelList(m.labels));
  }
  if (grouped) {
    const bool left = m.cardinality == MatchCardinality::kManyToOne;
    out += fmt::format(" group_{} ({})", left ? "left" : "right", LabelList(m.include));
  }
  if (m.fill_left && m.fill_right && *m.fill_left == *m.fill_right) {
    return out + fmt::format(" fill ({})", GoFloatG(*m.fill_left));
  }
  if (m.fill_left) out += fmt::format(" fill_left ({})", GoFloatG(*m.fill_left));
  if (m.fill_right) out += fmt::format(" fill_right ({})", GoFloatG(*m.fill_right));
  return out;
}

}  // namespace internal

std::string Print(const Expr& expr) {
  std::string out;
  internal::Append(expr, out);
  return out;
}

std::string PrintMatchers(const std::vector<Matcher>& matchers) {
  // A name may stand outside only if it is the sole matcher of the name and needs no quotes.
  std::string name;
  const auto is_name = [](const Matcher& m) { return m.name() == kMetricName; };
  const auto it = std::ranges::find_if(matchers, is_name);
  if (std::ranges::count_if(matchers, is_name) == 1 && it->op() == MatchOp::kEqual &&
      internal::IsPlainMetricName(it->value())) {
    name = it->value();
  }
  const std::string braces = internal::Braces(matchers, name);
  return name.empty() && braces.empty() ? "{}" : name + braces;
}

}  // namespace synoptic::promql
