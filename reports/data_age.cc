// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/data_age.h"

#include <algorithm>

#include "base/strings.h"
#include "fmt/format.h"
#include "promql/model/sample.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::reports {
namespace {

// More would make a query longer than the one it is about.
constexpr size_t kMaxSelectors = 8;

void Collect(const promql::Expr& expr, std::vector<std::string>* out) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    std::string text = promql::Print(expr);
    if (std::find(out->begin(), out->end(), text) == out->end()) out->push_back(std::move(text));
    return;
  }
  for (const promql::Expr* child : promql::Children(expr)) Collect(*child, out);
}

}  // namespace

std::optional<std::string> NewestSampleQuery(const std::string& expr) {
  const auto tree = promql::ParseExpr(expr);
  if (!tree.ok()) return std::nullopt;
  std::vector<std::string> selectors;
  Collect(**tree, &selectors);
  if (selectors.empty()) return std::nullopt;
  if (selectors.size() > kMaxSelectors) selectors.resize(kMaxSelectors);
  if (selectors.size() == 1) return fmt::format("max(timestamp({}))", selectors[0]);
  std::vector<std::string> parts;
  for (size_t i = 0; i < selectors.size(); ++i) {
    parts.push_back(
        fmt::format(R"(label_replace(max(timestamp({})), "i", "{}", "", ""))", selectors[i], i));
  }
  return fmt::format("min({})", Join(parts, " or "));
}

std::optional<double> AgeOf(const absl::StatusOr<Answer>& answer) {
  if (!answer.ok() || answer->series.empty() || answer->series[0].values.empty()) {
    return std::nullopt;
  }
  const double newest = answer->series[0].values[0];
  if (promql::IsAbsent(newest)) return std::nullopt;
  return std::max(0.0, static_cast<double>(answer->grid.end) / 1000 - newest);
}

}  // namespace synoptic::reports
