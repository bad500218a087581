// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// features: what this server can do, under the names Prometheus has for it. What Prometheus has and
// we do not (scraping, a TSDB, OTLP) has no category here.
#include <map>

#include "aggregator/api/endpoints.h"
#include "base/json.h"
#include "promql/functions/table.h"
#include "promql/parse/ast.h"

namespace synoptic::aggregator {
namespace {

using Category = std::map<std::string, bool, std::less<>>;

Category ApiFeatures(const ApiOptions& options) {
  return {{"admin", false},
          {"exclude_alerts", true},
          {"label_values_match", true},
          {"lifecycle", options.lifecycle},
          {"otlp_write_receiver", false},
          {"query_stats", true},
          {"query_warnings", true},
          {"remote_write_receiver", false},
          {"search", options.search},
          {"search_fuzz_alg_jarowinkler", true},
          {"search_fuzz_alg_subsequence", true},
          {"time_range_labels", true},
          {"time_range_series", true}};
}

Category LanguageFeatures(const promql::ParseOptions& language) {
  Category out = {{"at_modifier", true},
                  {"duration_expr", true},
                  {"negative_offset", true},
                  {"per_query_lookback_delta", true},
                  {"subqueries", true}};
  for (const char* keyword :
       {"bool", "by", "group_left", "group_right", "ignoring", "offset", "on", "without"}) {
    out[keyword] = true;
  }
  for (const char* keyword : {"fill", "fill_left", "fill_right"}) {
    out[keyword] = language.binop_fill_modifiers;
  }
  for (const char* keyword : {"anchored", "smoothed"}) {
    out[keyword] = language.extended_range_selectors;
  }
  return out;
}

Category FunctionFeatures(const promql::ParseOptions& language) {
  Category out;
  for (const promql::Function& function : promql::AllFunctions()) {
    out[std::string(function.name)] = !function.experimental || language.experimental_functions;
  }
  return out;
}

Category OperatorFeatures(const promql::ParseOptions& language) {
  Category out = {{"=~", true}, {"!~", true}, {"@", true}};
  for (int op = 0; op <= static_cast<int>(promql::BinaryOp::kUnless); ++op) {
    out[std::string(OperatorText(static_cast<promql::BinaryOp>(op)))] = true;
  }
  for (int op = 0; op <= static_cast<int>(promql::AggregateOp::kLimitRatio); ++op) {
    const auto aggregate = static_cast<promql::AggregateOp>(op);
    const bool experimental =
        aggregate == promql::AggregateOp::kLimitk || aggregate == promql::AggregateOp::kLimitRatio;
    out[std::string(OperatorText(aggregate))] = !experimental || language.experimental_functions;
  }
  return out;
}

}  // namespace

Task<Answer> FeaturesEndpoint(const Call& call) {
  const ApiOptions& options = call.api.options;
  const std::map<std::string, Category> features = {
      {"api", ApiFeatures(options)},
      {"prometheus", {{"agent_mode", false}, {"server_mode", true}}},
      {"promql", LanguageFeatures(options.language)},
      {"promql_functions", FunctionFeatures(options.language)},
      {"promql_operators", OperatorFeatures(options.language)},
      {"rules", {{"keep_firing_for", true}, {"query_offset", true}}},
      {"service_discovery_providers", {{"dns", true}, {"file", true}, {"static", true}}},
      {"synoptic", {{"coverage", true}, {"partial_policy", true}, {"remote_read", true}}},
  };
  Answer answer;
  answer.body += '{';
  bool first_category = true;
  for (const auto& [category, names] : features) {
    if (!first_category) answer.body += ',';
    first_category = false;
    AppendJsonString(category, answer.body);
    answer.body += ":{";
    bool first = true;
    for (const auto& [name, enabled] : names) {
      if (!first) answer.body += ',';
      first = false;
      AppendJsonString(name, answer.body);
      answer.body += enabled ? ":true" : ":false";
    }
    answer.body += '}';
  }
  answer.body += '}';
  co_return answer;
}

}  // namespace synoptic::aggregator
