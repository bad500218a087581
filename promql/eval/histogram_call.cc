// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// histogram_quantile(), histogram_quantiles(), histogram_fraction(): their parameters, and what is
// said about those.
#include <algorithm>
#include <cmath>

#include "base/go_format.h"
#include "base/status.h"
#include "promql/eval/histogram_question.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

using Column = std::vector<double>;

bool Same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// A float as OpenMetrics spells it: always with a point or an exponent.
std::string OpenMetricsFloat(double v) {
  if (v == 0) return "0.0";  // negative zero too
  std::string text = GoFloatG(v);
  if (std::isfinite(v) && text.find_first_of("e.") == std::string::npos) text += ".0";
  return text;
}

// histogram_quantiles: quantiles may change from step to step, and each value has a label and with
// it series of its own. `apart`: parameters are not compared, two may have equal series.
void AddQuantiles(size_t parameter, bool apart, HistogramQuestion& question) {
  const Column& quantiles = question.quantiles[parameter];
  std::vector<HistogramOutput>& outputs = question.outputs;
  for (size_t s = 0; s < quantiles.size(); ++s) {
    const double q = quantiles[s];
    auto it = outputs.end();
    if (!apart) {
      it = std::find_if(outputs.begin(), outputs.end(),
                        [q](const HistogramOutput& o) { return Same(o.first.front(), q); });
    }
    if (it == outputs.end()) {
      const std::vector<size_t> nobody(quantiles.size(), HistogramOutput::kNobody);
      const std::vector<bool> never(quantiles.size());
      it =
          outputs.insert(it, {Column(quantiles.size(), q), {}, OpenMetricsFloat(q), nobody, never});
    }
    if (it->AskedAt(s)) {
      it->asked_twice[s] = true;
    } else {
      it->asked_by[s] = parameter;
    }
  }
}

struct Parameters {
  std::vector<Column> columns;
  std::vector<PosRange> positions;
};

absl::StatusOr<Parameters> EvalParameters(const Call& call, const Scope& scope) {
  Parameters out;
  for (const ExprPtr& arg : call.args) {
    if (TypeOf(*arg) != ValueType::kScalar) continue;
    ASSIGN_OR_RETURN(out.columns.emplace_back(), EvalScalar(*arg, scope));
    out.positions.push_back(arg->pos);
  }
  return out;
}

// Of equal notes the last one stays, by step and then by parameter: each is made where a value is
// seen last.
void NoteInvalidQuantiles(const Parameters& parameters, int order, const Scope& scope) {
  for (size_t s = 0; s < scope.steps(); ++s) {
    for (size_t i = 0; i < parameters.columns.size(); ++i) {
      const Column& quantiles = parameters.columns[i];
      const double q = quantiles[s];
      if ((q >= 0 && q <= 1) || (s + 1 < quantiles.size() && Same(q, quantiles[s + 1]))) continue;
      scope.eval.notes.Warning(
          order, "PromQL warning: quantile value should be between 0 and 1, got " + GoFloatG(q),
          parameters.positions[i]);
    }
  }
}

HistogramQuestion MakeQuestion(const Call& call, const Parameters& parameters, const Scope& scope) {
  HistogramQuestion question{call.function->id, "", {}, parameters.columns, {}};
  switch (question.id) {
    case FunctionId::kHistogramQuantile:
      question.outputs.push_back({parameters.columns[0], {}, "", {}, {}});
      break;
    case FunctionId::kHistogramFraction:
      question.outputs.push_back({parameters.columns[0], parameters.columns[1], "", {}, {}});
      break;
    default:
      question.label = As<StringLiteral>(*call.args[1]).value;
      for (size_t i = 0; i < parameters.columns.size(); ++i) {
        AddQuantiles(i, ChecksLabelsLate(scope), question);
      }
  }
  return question;
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildHistogramCall(const Call& call, const Scope& scope) {
  size_t vector_arg = 0;
  if (call.function->id == FunctionId::kHistogramQuantile) vector_arg = 1;
  if (call.function->id == FunctionId::kHistogramFraction) vector_arg = 2;
  ASSIGN_OR_RETURN(const Parameters parameters, EvalParameters(call, scope));
  HistogramQuestion question = MakeQuestion(call, parameters, scope);
  question.vector_pos = call.args[vector_arg]->pos;
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[vector_arg], scope));
  if (question.id != FunctionId::kHistogramFraction) {
    NoteInvalidQuantiles(parameters, scope.eval.NextOrder(), scope);
  }
  return MakeHistogramOperator(std::move(child), std::move(question), scope);
}

}  // namespace synoptic::promql::internal
