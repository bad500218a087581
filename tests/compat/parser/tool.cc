// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// promql_parse_tool: what our parser makes of texts, in the form main.go answers in with
// Prometheus'. See README.md for the lines.

#include <iostream>
#include <string>

#include "absl/strings/escaping.h"
#include "base/go_format.h"
#include "base/json.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"
#include "promql/parse/series_description.h"

namespace synoptic::promql {
namespace {

ParseOptions OptionsOf(int flags) {
  ParseOptions options;
  options.experimental_functions = (flags & 1) != 0;
  options.binop_fill_modifiers = (flags & 2) != 0;
  return options;
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

std::string Error(const absl::Status& status) {
  return fmt::format("{{\"error\":{}}}", Quoted(MessageOf(status)));
}

void AppendPositions(const Expr& expr, std::string& out) {
  if (!out.empty()) out += ',';
  out += fmt::format("[{},{}]", expr.pos.start, expr.pos.end);
  for (const Expr* child : Children(expr)) AppendPositions(*child, out);
}

std::string AtOffset(const TimeModifiers& time) {
  using enum TimeModifiers::AtKind;
  const std::string at = time.at == kTimestamp ? std::to_string(time.at_ms)
                         : time.at == kStart   ? "start"
                         : time.at == kEnd     ? "end"
                                               : "-";
  return fmt::format("@{} o{}", at, time.offset_ms());
}

std::string Dump(const Expr& expr);

std::string DumpAll(const Expr& expr) {
  std::string out;
  for (const Expr* child : Children(expr)) {
    if (!out.empty()) out += ',';
    out += Dump(*child);
  }
  return "(" + out + ")";
}

// Names the nodes left after preprocessing, with the numbers that were filled in.
std::string Dump(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNumber:
      return GoFloatF(As<NumberLiteral>(expr).value);
    case ExprKind::kString:
      return "string";
    case ExprKind::kVectorSelector:
      return "vector " + AtOffset(As<VectorSelector>(expr).time);
    case ExprKind::kMatrixSelector:
      return fmt::format("matrix {}{}", As<MatrixSelector>(expr).range_ms(), DumpAll(expr));
    case ExprKind::kSubquery: {
      const auto& s = As<Subquery>(expr);
      return fmt::format("subquery {}:{} {}{}", s.range_ms(), s.step_ms(), AtOffset(s.time),
                         DumpAll(expr));
    }
    case ExprKind::kCall:
      return std::string(As<Call>(expr).function->name) + DumpAll(expr);
    case ExprKind::kAggregate:
      return std::string(OperatorText(As<Aggregate>(expr).op)) + DumpAll(expr);
    case ExprKind::kBinary:
      return "binary" + DumpAll(expr);
    case ExprKind::kUnary:
      return "unary" + DumpAll(expr);
    case ExprKind::kParen:
      return "paren" + DumpAll(expr);
    case ExprKind::kStepInvariant:
      return "invariant" + DumpAll(expr);
    case ExprKind::kFetched:
      return "fetched" + DumpAll(expr);
  }
  return "";
}

std::string Preprocessed(std::string_view text, const ParseOptions& options, const Grid& grid) {
  auto parsed = ParseExpr(text, options);
  if (!parsed.ok()) return std::string(MessageOf(parsed.status()));
  const auto expr = Preprocess(*std::move(parsed), grid);
  if (!expr.ok()) return fmt::format("error: {}", MessageOf(expr.status()));
  return Dump(**expr) + " " + Print(**expr);
}

std::string AnswerExpr(std::string_view text, const ParseOptions& options) {
  const auto expr = ParseExpr(text, options);
  if (!expr.ok()) return Error(expr.status());
  std::string positions;
  AppendPositions(**expr, positions);
  const ExprPtr clone = Clone(**expr);
  return fmt::format(
      "{{\"print\":{},\"pretty\":{},\"ast\":{},\"pos\":[{}],\"instant\":{},\"range\":{}}}",
      Quoted(Print(*clone)), Quoted(Prettify(**expr)), Quoted(ToJson(*clone)), positions,
      Quoted(Preprocessed(text, options, Grid::Instant(1234567))),
      Quoted(Preprocessed(text, options, {1000500, 4000123, 15000})));
}

std::string AnswerSelector(std::string_view text, const ParseOptions& options) {
  const auto matchers = ParseMetricSelector(text, options);
  if (!matchers.ok()) return Error(matchers.status());
  std::string out;
  for (const Matcher& m : *matchers) {
    if (!out.empty()) out += ',';
    // One matcher in braces, without them.
    std::string matcher = PrintMatchers({m, m});
    matcher = matcher.substr(1, (matcher.size() - 3) / 2);
    out += Quoted(matcher);
  }
  return fmt::format("{{\"matchers\":[{}]}}", out);
}

std::string PairsOf(const Labels& labels) {
  std::string out;
  for (const Label label : labels) {
    if (!out.empty()) out += ',';
    out += fmt::format("[{},{}]", Quoted(label.name), Quoted(label.value));
  }
  return "[" + out + "]";
}

std::string AnswerMetric(std::string_view text) {
  const auto labels = ParseMetric(text);
  if (!labels.ok()) return Error(labels.status());
  return fmt::format("{{\"labels\":{}}}", PairsOf(*labels));
}

std::string Floats(const std::vector<double>& values) {
  std::string out;
  for (const double v : values) {
    if (!out.empty()) out += ' ';
    out += GoFloatG(v);
  }
  return out;
}

std::string Spans(const std::vector<HistogramSpan>& spans) {
  std::string out;
  for (const HistogramSpan& s : spans) {
    if (!out.empty()) out += ' ';
    out += fmt::format("{}:{}", s.offset, s.length);
  }
  return out;
}

std::string DumpItem(const SeriesItem& item) {
  if (item.omitted) return "_";
  if (!item.histogram) return GoFloatG(item.value);
  const FloatHistogram& h = *item.histogram;
  return fmt::format(
      "schema {} zero {} count {} sum {} hint {} {} custom [{}] positive [{}] [{}] negative [{}] "
      "[{}]",
      h.schema, Floats({h.zero_threshold, h.zero_count}), Floats({h.count}), Floats({h.sum}),
      static_cast<int>(h.hint), item.hint_given, Floats(h.custom_values), Spans(h.positive_spans),
      Floats(h.positive_buckets), Spans(h.negative_spans), Floats(h.negative_buckets));
}

std::string AnswerSeries(std::string_view text) {
  const auto description = ParseSeriesDescription(text);
  if (!description.ok()) return Error(description.status());
  std::string values;
  for (const SeriesItem& item : description->items) {
    if (!values.empty()) values += ',';
    values += Quoted(DumpItem(item));
  }
  return fmt::format("{{\"labels\":{},\"values\":[{}]}}", PairsOf(description->labels), values);
}

std::string Answer(std::string_view line) {
  const auto fields = Split(line, ' ');
  std::string text;
  if (fields.size() != 3 || !absl::Base64Unescape(ToAbsl(fields[2]), &text)) {
    return Error(InvalidArgument("not a line of three fields: {}", line));
  }
  const ParseOptions options = OptionsOf(std::stoi(std::string(fields[1])));
  if (fields[0] == "expr") return AnswerExpr(text, options);
  if (fields[0] == "selector") return AnswerSelector(text, options);
  if (fields[0] == "metric") return AnswerMetric(text);
  if (fields[0] == "series") return AnswerSeries(text);
  return Error(InvalidArgument("unknown kind: {}", fields[0]));
}

}  // namespace
}  // namespace synoptic::promql

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << synoptic::promql::Answer(line) << "\n";
  }
}
