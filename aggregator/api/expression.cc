// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// format_query and parse_query: the parser alone.
#include "aggregator/api/endpoints.h"
#include "base/json.h"
#include "base/status.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::aggregator {
namespace {

absl::StatusOr<promql::ExprPtr> ReadExpr(const Call& call) {
  auto expr = promql::ParseExpr(call.params.Get("query"), call.api.options.language);
  if (!expr.ok()) return InvalidParameter("query", MessageOf(expr.status()));
  return expr;
}

}  // namespace

Task<Answer> FormatQueryEndpoint(const Call& call) {
  CO_ASSIGN_OR_RETURN(const promql::ExprPtr expr, ReadExpr(call));
  Answer answer;
  AppendJsonHtmlString(promql::Prettify(*expr), answer.body);
  co_return answer;
}

Task<Answer> ParseQueryEndpoint(const Call& call) {
  CO_ASSIGN_OR_RETURN(const promql::ExprPtr expr, ReadExpr(call));
  Answer answer;
  answer.body += promql::ToJson(*expr);
  co_return answer;
}

}  // namespace synoptic::aggregator
