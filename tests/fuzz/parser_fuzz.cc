// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Any bytes through the parser: no crash, errors that point into the input, and what is accepted
// prints to a text that reads back as the same tree, also after preprocessing.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <tuple>

#include "base/status.h"
#include "promql/parse/exact_text.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/parse/printer.h"
#include "promql/parse/series_description.h"

namespace synoptic::promql {
namespace {

[[noreturn]] void Complain(std::string_view what, std::string_view text, std::string_view more) {
  std::fprintf(stderr, "%s\n  text: %s\n  %s\n", std::string(what).c_str(),
               std::string(text).c_str(), std::string(more).c_str());
  std::abort();
}

void CheckError(std::string_view text, const absl::Status& status) {
  const std::string_view message = MessageOf(status);
  if (message.find("parse error: ") == std::string_view::npos ||
      message.substr(0, 7) == "invalid") {
    Complain("error without a position", text, message);
  }
}

// Preprocessing may refuse a duration; it must not break a tree.
void CheckPreprocessing(ExprPtr expr, const Grid& grid) {
  const auto result = Preprocess(std::move(expr), grid);
  if (result.ok()) Print(**result);
}

// Matchers are printed sorted, as in Prometheus: their order is no part of the tree.
void SortMatchers(Expr& expr) {
  if (expr.kind == ExprKind::kVectorSelector) {
    std::ranges::sort(static_cast<VectorSelector&>(expr).matchers, {},
                      [](const Matcher& m) { return std::tuple(m.name(), m.op(), m.value()); });
  }
  for (Expr* child : Children(expr)) SortMatchers(*child);
}

std::string TreeOf(const Expr& expr) {
  const ExprPtr copy = Clone(expr);
  SortMatchers(*copy);
  return ToJson(*copy);
}

// What means the same whatever the durations' floats are.
void CheckExactText(std::string_view text, const Expr& expr, const ParseOptions& options) {
  const std::string exact = ExactText(expr);
  if (exact.size() > options.max_text_bytes) return;
  const auto again = ParseExpr(exact, options);
  if (!again.ok()) Complain("exact text is refused", text, MessageOf(again.status()));
  if (ExactText(**again) != exact) Complain("exact text changes", text, exact);
  const ExprPtr numbers = Clone(expr);
  DurationsToNumbers(*numbers);
  const std::string tree = TreeOf(*numbers);
  if (TreeOf(**again) != tree) Complain("exact text is of another tree", text, exact);
}

void CheckExpr(std::string_view text, const ParseOptions& options) {
  const auto expr = ParseExpr(text, options);
  if (!expr.ok()) return CheckError(text, expr.status());
  const std::string printed = Print(**expr);
  Prettify(**expr);
  CheckPreprocessing(Clone(**expr), Grid::Instant(1'234'567));
  CheckPreprocessing(Clone(**expr), {1'000, 9'000, 15});
  if (printed.size() > options.max_text_bytes) return;
  const auto again = ParseExpr(printed, options);
  if (!again.ok()) Complain("printed form is refused", text, MessageOf(again.status()));
  if (TypeOf(**again) != TypeOf(**expr)) Complain("type changes", text, printed);
  // Infinity prints with a sign, as in Prometheus, and a sign binds looser than `^`: it comes back
  // as a sign in front of the power.
  if (printed.find("+Inf ^") != std::string::npos) return;
  // A duration of minus nothing prints as 0s, as in Prometheus.
  if (TreeOf(**expr).find(R"("val":"-0")") != std::string::npos) return;
  CheckExactText(text, **expr, options);
  // A duration that is a number may print with a millisecond less, as in Prometheus.
  if (ExactText(**again) != ExactText(**expr)) return;
  if (Print(**again) != printed) Complain("printed form changes", printed, Print(**again));
  if (TreeOf(**again) != TreeOf(**expr)) Complain("tree changes", text, printed);
}

}  // namespace
}  // namespace synoptic::promql

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace synoptic::promql;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ParseOptions options;
  options.experimental_functions = (data[0] & 1) != 0;
  options.binop_fill_modifiers = (data[0] & 2) != 0;
  options.unquoted_utf8_names = (data[0] & 4) != 0;
  options.extended_range_selectors = (data[0] & 8) == 0;
  switch (data[0] >> 6) {
    case 0:
      if (const auto result = ParseMetricSelector(text, options); result.ok()) {
        PrintMatchers(*result);
      }
      break;
    case 1:
      if (const auto result = ParseSeriesDescription(text, 1000); !result.ok()) {
        CheckError(text, result.status());
      }
      break;
    default:
      CheckExpr(text, options);
      break;
  }
  return 0;
}
