// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/promql/runner.h"

#include "base/status.h"
#include "promql/parse/preprocess.h"
#include "tests/promql/compare.h"
#include "tests/promql/variants.h"

namespace synoptic::promqltest {
namespace {

using promql::EvalResult;
using promql::Grid;

constexpr int64_t kMinuteMs = 60'000;

// Such queries mean something else over another range.
bool AsksForTheRange(const std::string& expr) {
  static const re2::RE2 kFunctions(R"((start|end|range|step)\(\))");
  return re2::RE2::PartialMatch(expr, kFunctions);
}

bool IsUnsupported(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnimplemented;
}

absl::Status CheckOutcome(const EvalCommand& command, const absl::StatusOr<EvalResult>& result) {
  if (!result.ok()) {
    if (IsUnsupported(result.status())) return result.status();
    if (command.Has(ExpectKind::kFail)) return CheckFailure(command, MessageOf(result.status()));
    return result.status();
  }
  if (command.Has(ExpectKind::kFail)) {
    return absl::FailedPreconditionError("expected error but got none");
  }
  RETURN_IF_ERROR(CheckAnnotations(command, result->annotations));
  return CompareResult(command, result->value);
}

}  // namespace

ScriptReport Runner::Run(const std::vector<Command>& commands) {
  ScriptReport report;
  for (const Command& command : commands) {
    if (std::holds_alternative<ClearCommand>(command)) {
      store_.Clear();
      OnData();
    } else if (const auto* load = std::get_if<LoadCommand>(&command)) {
      const absl::Status status = store_.Load(*load);
      OnData();
      if (!status.ok()) {
        report.failures.push_back(fmt::format("line {}: {}", load->line, MessageOf(status)));
      }
    } else {
      const auto& eval = std::get<EvalCommand>(command);
      const absl::Status status = RunEval(eval);
      const std::string text =
          fmt::format("line {}: {}: {}", eval.line, eval.expr, MessageOf(status));
      if (status.ok()) {
        ++report.passed;
      } else if (IsUnsupported(status)) {
        ++report.unsupported;
        report.reasons.push_back(text);
      } else {
        report.failures.push_back(text);
      }
    }
  }
  return report;
}

absl::Status Runner::RunEval(const EvalCommand& command) {
  if (command.is_range) {
    return CheckOutcome(command, Query(command.expr, command.grid, /*range=*/true));
  }
  ASSIGN_OR_RETURN(const std::vector<Variant> variants, VariantsOf(command.expr, command.at_ms));
  for (const Variant& variant : variants) {
    const absl::Status status = RunInstant(command, variant.expr, variant.at_ms);
    if (!status.ok()) {
      return Annotate(status, fmt::format("{} at {} ms", variant.expr, variant.at_ms));
    }
  }
  return absl::OkStatus();
}

absl::Status Runner::RunInstant(const EvalCommand& command, const std::string& expr,
                                int64_t at_ms) {
  const absl::StatusOr<EvalResult> result = Query(expr, Grid::Instant(at_ms), /*range=*/false);
  RETURN_IF_ERROR(CheckOutcome(command, result));
  if (!result.ok() || command.not_as_range || AsksForTheRange(expr)) return absl::OkStatus();
  return Annotate(
      RunMiddleOfRange(command, expr, at_ms, result->value.type == promql::ValueType::kScalar),
      "in range mode");
}

absl::Status Runner::RunMiddleOfRange(const EvalCommand& command, const std::string& expr,
                                      int64_t at_ms, bool scalar) {
  const Grid grid{at_ms - kMinuteMs, at_ms + kMinuteMs, kMinuteMs};
  ASSIGN_OR_RETURN(const EvalResult result, Query(expr, grid, /*range=*/true));
  // A range query's answer is sorted by labels, so it says nothing about another order.
  if (command.Has(ExpectKind::kOrdered)) return absl::OkStatus();
  return CompareResult(command, StepOf(result.value, 1, scalar));
}

absl::StatusOr<EvalResult> Runner::QueryHere(const std::string& expr, const Grid& grid, bool range,
                                             bool features) {
  ASSIGN_OR_RETURN(promql::ExprPtr tree, promql::ParseExpr(expr, TestParseOptions()));
  ASSIGN_OR_RETURN(tree, promql::Preprocess(std::move(tree), grid));
  ASSIGN_OR_RETURN(const std::unique_ptr<promql::MemorySource> source, store_.Source());
  source->Bind(*tree);
  promql::EvalOptions options;
  options.grid = grid;
  options.range_query = range;
  options.max_samples = 10'000;
  options.delayed_name_removal = features;
  options.use_start_timestamps = features;
  options.query_text = expr;
  return promql::Evaluate(*tree, options, *source);
}

}  // namespace synoptic::promqltest
