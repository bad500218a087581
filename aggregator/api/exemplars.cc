// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// query_exemplars: regions do not know the labels that tell them apart, so matchers on those are
// taken out of what is sent and held against what comes back.
#include <algorithm>
#include <map>
#include <set>

#include "aggregator/api/document.h"
#include "aggregator/api/encode.h"
#include "aggregator/api/endpoints.h"
#include "aggregator/api/times.h"
#include "base/go_format.h"
#include "base/json.h"
#include "base/status.h"
#include "promql/parse/parser.h"
#include "promql/parse/printer.h"

namespace synoptic::aggregator {
namespace {

using Selectors = std::vector<std::vector<promql::Matcher>>;

void CollectSelectors(const promql::Expr& expr, Selectors* out) {
  if (expr.kind == promql::ExprKind::kVectorSelector) {
    out->push_back(promql::As<promql::VectorSelector>(expr).matchers);
  }
  for (const promql::Expr* child : promql::Children(expr)) CollectSelectors(*child, out);
}

// The selectors as one expression without matchers on topology labels.
std::string UpstreamQuery(const Selectors& selectors, const std::vector<std::string>& topology) {
  std::set<std::string> texts;
  for (const auto& matchers : selectors) {
    std::vector<promql::Matcher> kept;
    for (const promql::Matcher& matcher : matchers) {
      if (!std::binary_search(topology.begin(), topology.end(), matcher.name())) {
        kept.push_back(matcher);
      }
    }
    const bool matches_everything =
        std::all_of(kept.begin(), kept.end(), [](const auto& m) { return m.MatchesEmpty(); });
    if (matches_everything) {
      kept.push_back(*promql::Matcher::Create(promql::MatchOp::kNotEqual, "__name__", ""));
    }
    texts.insert(promql::PrintMatchers(kept));
  }
  std::string query;
  for (const std::string& text : texts) query += (query.empty() ? "" : " or ") + text;
  return query;
}

bool MatchesAny(const Selectors& selectors, const promql::Labels& labels) {
  return std::any_of(selectors.begin(), selectors.end(), [&labels](const auto& matchers) {
    return std::all_of(matchers.begin(), matchers.end(),
                       [&labels](const promql::Matcher& m) { return m.Matches(labels); });
  });
}

// Exemplars of one series as JSON, exactly the three keys Grafana's reader allows.
std::string ExemplarsJson(const std::vector<simdjson::dom::element>& exemplars) {
  std::string out;
  for (const simdjson::dom::element element : exemplars) {
    simdjson::dom::object exemplar;
    if (element.get(exemplar) != simdjson::SUCCESS) continue;
    if (!out.empty()) out += ',';
    out += "{\"labels\":";
    AppendLabels(LabelsMember(exemplar, "labels"), out);
    out += ",\"value\":";
    AppendJsonHtmlString(StringMember(exemplar, "value"), out);
    out += ",\"timestamp\":";
    AppendTimestamp(std::llround(NumberMember(exemplar, "timestamp") * 1000), out);
    out += '}';
  }
  return out;
}

void AddDocument(const ShardDocument& document, const promql::Labels& shard,
                 const Selectors& selectors, std::map<promql::Labels, std::string>* merged) {
  const Document parsed(document.data);
  simdjson::dom::array list;
  if (!parsed.ok() || parsed.root().get(list) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element element : list) {
    simdjson::dom::object series;
    if (element.get(series) != simdjson::SUCCESS) continue;
    const promql::Labels labels = WithShardLabels(LabelsMember(series, "seriesLabels"), shard);
    if (!MatchesAny(selectors, labels)) continue;
    std::string text = ExemplarsJson(ArrayMember(series, "exemplars"));
    if (!text.empty()) merged->emplace(labels, std::move(text));
  }
}

}  // namespace

Task<Answer> QueryExemplarsEndpoint(const Call& call) {
  CO_ASSIGN_OR_RETURN(const int64_t start, call.params.TimeOr("start", kMinTimeMs));
  CO_ASSIGN_OR_RETURN(const int64_t end, call.params.TimeOr("end", kMaxTimeMs));
  if (end < start) {
    co_return InvalidArgument("end timestamp must not be before start timestamp");
  }
  CO_ASSIGN_OR_RETURN(const promql::ExprPtr expr,
                      promql::ParseExpr(call.params.Get("query"), call.api.options.language));
  CO_ASSIGN_OR_RETURN(const CommonParams common, ReadCommonParams(call));
  CO_ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  Selectors selectors;
  CollectSelectors(*expr, &selectors);
  Answer answer;
  if (selectors.empty()) {
    answer.no_content = true;
    co_return answer;
  }
  // Grafana probes with milliseconds in the place of seconds: nothing is stored in the year 57,000.
  constexpr int64_t kDayMs = 86'400'000;
  if (start > call.api.deps.clock.WallMillis() + kDayMs) {
    answer.body += "[]";
    Finish(call, common, Coverage(), &answer);
    co_return answer;
  }
  DocumentsQuery query;
  query.path = "query_exemplars";
  query.via = common.via;
  net::Parameters form = {{"query", UpstreamQuery(selectors, call.api.topology.LabelNames())}};
  if (!call.params.Get("start").empty())
    form.emplace_back("start", GoFloatF(static_cast<double>(start) / 1000));
  if (!call.params.Get("end").empty())
    form.emplace_back("end", GoFloatF(static_cast<double>(end) / 1000));
  query.query = net::EncodeForm(form);
  query.deadline = call.QueryDeadline(timeout_ms);
  CO_ASSIGN_OR_RETURN(auto documents, co_await call.api.deps.service.Documents(std::move(query)));
  std::map<promql::Labels, std::string> merged;
  for (const ShardDocument& document : documents.items) {
    AddDocument(document, ShardLabels(call.api, document.region, document.shard), selectors,
                &merged);
  }
  answer.warnings = std::move(documents.warnings);
  answer.body += '[';
  bool first = true;
  for (const auto& [labels, exemplars] : merged) {
    answer.body += first ? "{\"seriesLabels\":" : ",{\"seriesLabels\":";
    first = false;
    AppendLabels(labels, answer.body);
    answer.body += ",\"exemplars\":[" + exemplars + "]}";
  }
  answer.body += ']';
  Finish(call, common, std::move(documents.coverage), &answer);
  co_return answer;
}

}  // namespace synoptic::aggregator
