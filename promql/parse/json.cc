// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The tree as parse_query shows it. Keys come in the order of the alphabet, as Go's encoder sorts
// them.

#include <cmath>
#include <utility>

#include "base/go_format.h"
#include "base/json.h"
#include "promql/parse/printer.h"

namespace synoptic::promql {
namespace {

using Op = DurationExpr::Op;

// One JSON object, written key by key.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  void Key(std::string_view key) {
    if (!std::exchange(first_, false)) out_ += ',';
    out_ += '"';
    out_ += key;
    out_ += "\":";
  }
  void String(std::string_view key, std::string_view value) {
    Key(key);
    AppendJsonHtmlString(value, out_);
  }
  void Raw(std::string_view key, std::string_view value) {
    Key(key);
    out_ += value;
  }
  void Bool(std::string_view key, bool value) { Raw(key, value ? "true" : "false"); }
  void Int(std::string_view key, int64_t value) { Raw(key, std::to_string(value)); }
  void Close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

void Append(const Expr& expr, std::string& out);

void AppendStrings(const std::vector<std::string>& strings, std::string& out) {
  out += '[';
  for (const std::string& s : strings) {
    if (out.back() != '[') out += ',';
    AppendJsonHtmlString(s, out);
  }
  out += ']';
}

// encoding/json's float: an exponent without leading zero. NaN and infinity, which JSON lacks and
// Prometheus fails on, become strings.
std::string Number(const std::optional<double>& value) {
  if (!value) return "null";
  std::string text = GoJsonFloat(*value);
  if (!std::isfinite(*value)) return "\"" + text + "\"";
  const size_t n = text.size();
  if (n >= 4 && text[n - 4] == 'e' && text[n - 3] == '-' && text[n - 2] == '0')
    text.erase(n - 2, 1);
  return text;
}

std::string_view DurationOperator(Op op) {
  switch (op) {
    case Op::kAdd:
    case Op::kPlus:
      return "+";
    case Op::kSub:
    case Op::kNegate:
      return "-";
    case Op::kMul:
      return "*";
    case Op::kDiv:
      return "/";
    case Op::kMod:
      return "%";
    case Op::kPow:
      return "^";
    case Op::kStep:
      return "step";
    case Op::kRange:
      return "range";
    case Op::kMinOf:
      return "min_of";
    default:
      return "max_of";
  }
}

void AppendDuration(const DurationExpr* expr, std::string& out) {
  if (expr == nullptr) {
    out += "null";
    return;
  }
  Object object(out);
  if (expr->op == Op::kLiteral) {
    object.Bool("duration", expr->is_duration);
    object.String("type", "numberLiteral");
    object.String("val", GoFloatF(expr->seconds));
    object.Close();
    return;
  }
  const bool unary = expr->op == Op::kNegate || expr->op == Op::kPlus;
  object.Key("lhs");
  AppendDuration(unary ? nullptr : expr->lhs.get(), out);
  object.String("op", DurationOperator(expr->op));
  object.Key("rhs");
  AppendDuration(unary ? expr->lhs.get() : expr->rhs.get(), out);
  object.String("type", "durationExpr");
  object.Bool("wrapped", expr->wrapped);
  object.Close();
}

void AppendMatchers(const std::vector<Matcher>& matchers, std::string& out) {
  out += '[';
  for (const Matcher& m : matchers) {
    if (out.back() != '[') out += ',';
    Object object(out);
    object.String("name", m.name());
    object.String("type", MatchOpText(m.op()));
    object.String("value", m.value());
    object.Close();
  }
  out += ']';
}

// "offset" and "offsetExpr", or the pair of another duration.
void DurationPair(Object& object, std::string_view key, std::string_view expr_key, int64_t ms,
                  const DurationExpr* expr, std::string& out) {
  object.Int(key, ms);
  object.Key(expr_key);
  AppendDuration(expr, out);
}

void StartOrEnd(Object& object, const TimeModifiers& time) {
  using enum TimeModifiers::AtKind;
  object.Raw("startOrEnd", time.at == kStart ? "\"start\"" : time.at == kEnd ? "\"end\"" : "null");
}

void Timestamp(Object& object, const TimeModifiers& time) {
  const bool set = time.at == TimeModifiers::AtKind::kTimestamp;
  object.Raw("timestamp", set ? std::to_string(time.at_ms) : "null");
}

// Vector and matrix selectors differ in the range alone.
void AppendSelector(const VectorSelector& s, const MatrixSelector* matrix, std::string& out) {
  Object object(out);
  object.Bool("anchored", s.anchored);
  object.Key("matchers");
  AppendMatchers(s.matchers, out);
  object.String("name", s.name);
  DurationPair(object, "offset", "offsetExpr", s.time.offset_ms(), s.time.offset_expr.get(), out);
  if (matrix != nullptr) {
    DurationPair(object, "range", "rangeExpr", matrix->range_ms(), matrix->range_expr.get(), out);
  }
  object.Bool("smoothed", s.smoothed);
  StartOrEnd(object, s.time);
  Timestamp(object, s.time);
  object.String("type", matrix != nullptr ? "matrixSelector" : "vectorSelector");
  object.Close();
}

void AppendSubquery(const Subquery& s, std::string& out) {
  Object object(out);
  object.Key("expr");
  Append(*s.expr, out);
  DurationPair(object, "offset", "offsetExpr", s.time.offset_ms(), s.time.offset_expr.get(), out);
  DurationPair(object, "range", "rangeExpr", s.range_ms(), s.range_expr.get(), out);
  StartOrEnd(object, s.time);
  DurationPair(object, "step", "stepExpr", s.step_ms(), s.step_expr.get(), out);
  Timestamp(object, s.time);
  object.String("type", "subquery");
  object.Close();
}

void AppendAggregate(const Aggregate& expr, std::string& out) {
  Object object(out);
  object.Key("expr");
  Append(*expr.expr, out);
  object.Key("grouping");
  AppendStrings(expr.grouping, out);
  object.String("op", OperatorText(expr.op));
  object.Key("param");
  if (expr.param) {
    Append(*expr.param, out);
  } else {
    out += "null";
  }
  object.String("type", "aggregation");
  object.Bool("without", expr.without);
  object.Close();
}

std::string_view CardinalityText(MatchCardinality cardinality) {
  constexpr std::string_view kTexts[] = {"one-to-one", "many-to-one", "one-to-many",
                                         "many-to-many"};
  return kTexts[static_cast<size_t>(cardinality)];
}

void AppendMatching(const VectorMatching& matching, std::string& out) {
  Object object(out);
  object.String("card", CardinalityText(matching.cardinality));
  object.Key("fillValues");
  Object fill(out);
  fill.Raw("lhs", Number(matching.fill_left));
  fill.Raw("rhs", Number(matching.fill_right));
  fill.Close();
  object.Key("include");
  AppendStrings(matching.include, out);
  object.Key("labels");
  AppendStrings(matching.labels, out);
  object.Bool("on", matching.on);
  object.Close();
}

void AppendBinary(const Binary& expr, std::string& out) {
  Object object(out);
  object.Bool("bool", expr.return_bool);
  object.Key("lhs");
  Append(*expr.lhs, out);
  object.Key("matching");
  if (expr.matching) {
    AppendMatching(*expr.matching, out);
  } else {
    out += "null";
  }
  object.String("op", OperatorText(expr.op));
  object.Key("rhs");
  Append(*expr.rhs, out);
  object.String("type", "binaryExpr");
  object.Close();
}

void AppendCall(const Call& call, std::string& out) {
  Object object(out);
  object.Key("args");
  out += '[';
  for (size_t i = 0; i < call.args.size(); ++i) {
    if (i > 0) out += ',';
    Append(*call.args[i], out);
  }
  out += ']';
  object.Key("func");
  Object function(out);
  std::vector<std::string> types;
  for (const ValueType type : call.function->args) types.emplace_back(ApiName(type));
  function.Key("argTypes");
  AppendStrings(types, out);
  function.String("name", call.function->name);
  function.String("returnType", ApiName(call.function->returns));
  function.Int("variadic", call.function->variadic);
  function.Close();
  object.String("type", "call");
  object.Close();
}

void AppendNumber(const NumberLiteral& number, std::string& out) {
  Object object(out);
  object.String("type", "numberLiteral");
  object.String("val", GoFloatF(number.value));
  object.Close();
}

void AppendString(const StringLiteral& string, std::string& out) {
  Object object(out);
  object.String("type", "stringLiteral");
  object.String("val", string.value);
  object.Close();
}

void AppendParen(const Paren& paren, std::string& out) {
  Object object(out);
  object.Key("expr");
  Append(*paren.expr, out);
  object.String("type", "parenExpr");
  object.Close();
}

void AppendUnary(const Unary& unary, std::string& out) {
  Object object(out);
  object.Key("expr");
  Append(*unary.expr, out);
  object.String("op", unary.negate ? "-" : "+");
  object.String("type", "unaryExpr");
  object.Close();
}

void Append(const Expr& expr, std::string& out) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      return AppendNumber(As<NumberLiteral>(expr), out);
    case ExprKind::kString:
      return AppendString(As<StringLiteral>(expr), out);
    case ExprKind::kVectorSelector:
      return AppendSelector(As<VectorSelector>(expr), nullptr, out);
    case ExprKind::kMatrixSelector: {
      const auto& matrix = As<MatrixSelector>(expr);
      return AppendSelector(*matrix.selector, &matrix, out);
    }
    case ExprKind::kSubquery:
      return AppendSubquery(As<Subquery>(expr), out);
    case ExprKind::kCall:
      return AppendCall(As<Call>(expr), out);
    case ExprKind::kAggregate:
      return AppendAggregate(As<Aggregate>(expr), out);
    case ExprKind::kBinary:
      return AppendBinary(As<Binary>(expr), out);
    case ExprKind::kUnary:
      return AppendUnary(As<Unary>(expr), out);
    case ExprKind::kParen:
      return AppendParen(As<Paren>(expr), out);
    // parse_query shows parsed trees, which have neither; their contents stand for them.
    case ExprKind::kStepInvariant:
      return Append(*As<StepInvariant>(expr).expr, out);
    case ExprKind::kFetched:
      return Append(*As<Fetched>(expr).original, out);
  }
}

}  // namespace

std::string ToJson(const Expr& expr) {
  std::string out;
  Append(expr, out);
  return out;
}

}  // namespace synoptic::promql
