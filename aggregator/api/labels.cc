// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// labels, label/<name>/values and series: three lists over the same parameters.
#include "aggregator/api/endpoints.h"
#include "aggregator/api/label_escaping.h"
#include "aggregator/api/times.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

constexpr char kTruncated[] = "results truncated due to limit";

struct ListCall {
  LabelsQuery query;
  CommonParams common;
  int64_t limit = 0;  // the client's; the service is asked for one more
};

// limit, start and end, in this order; then what is ours.
absl::StatusOr<ListCall> ReadListCall(const Call& call) {
  ListCall list;
  ASSIGN_OR_RETURN(list.limit, call.params.Limit());
  ASSIGN_OR_RETURN(list.query.min_t, call.params.TimeOr("start", kMinTimeMs));
  ASSIGN_OR_RETURN(list.query.max_t, call.params.TimeOr("end", kMaxTimeMs));
  list.query.limit = list.limit > 0 ? list.limit + 1 : 0;
  ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  ASSIGN_OR_RETURN(list.common, ReadCommonParams(call));
  list.query.partial = list.common.partial;
  list.query.regions = list.common.regions;
  list.query.via = list.common.via;
  list.query.nocache = list.common.nocache;
  list.query.explain = list.common.explain;
  list.query.deadline = call.QueryDeadline(timeout_ms);
  return list;
}

// Cuts to the limit and fills the answer's notices.
void FinishList(const Call& call, const ListCall& list, auto& result, Answer* answer) {
  answer->warnings = std::move(result.warnings);
  CapAnnotations(&answer->warnings, 10, "warning");
  if (list.limit > 0 && result.items.size() > static_cast<size_t>(list.limit)) {
    result.items.resize(static_cast<size_t>(list.limit));
    std::erase(answer->warnings, kTruncated);
    answer->warnings.emplace_back(kTruncated);
  }
  answer->explain = std::move(result.explain);
  Finish(call, list.common, std::move(result.coverage), answer);
}

Answer StringsAnswer(const Call& call, const ListCall& list, ListAnswer<std::string> result) {
  Answer answer;
  FinishList(call, list, result, &answer);
  AppendStringList(result.items, answer.body);
  return answer;
}

}  // namespace

Task<Answer> LabelsEndpoint(const Call& call) {
  CO_ASSIGN_OR_RETURN(ListCall list, ReadListCall(call));
  CO_ASSIGN_OR_RETURN(list.query.selectors, call.params.Selectors());
  CO_ASSIGN_OR_RETURN(auto names, co_await call.api.deps.service.LabelNames(list.query));
  co_return StringsAnswer(call, list, std::move(names));
}

Task<Answer> LabelValuesEndpoint(const Call& call) {
  std::string name(call.path_argument);
  if (name.starts_with("U__")) name = UnescapeLabelName(name);
  if (name.empty() || !IsValidUtf8(name)) {
    co_return InvalidArgument("invalid label name: {}", GoQuote(name));
  }
  CO_ASSIGN_OR_RETURN(ListCall list, ReadListCall(call));
  CO_ASSIGN_OR_RETURN(list.query.selectors, call.params.Selectors());
  CO_ASSIGN_OR_RETURN(auto values, co_await call.api.deps.service.LabelValues(name, list.query));
  co_return StringsAnswer(call, list, std::move(values));
}

Task<Answer> SeriesEndpoint(const Call& call) {
  if (call.params.All("match[]").empty()) {
    co_return InvalidArgument("no match[] parameter provided");
  }
  CO_ASSIGN_OR_RETURN(ListCall list, ReadListCall(call));
  auto selectors = call.params.Selectors();
  if (!selectors.ok()) co_return InvalidParameter("match[]", MessageOf(selectors.status()));
  list.query.selectors = *std::move(selectors);
  CO_ASSIGN_OR_RETURN(auto series, co_await call.api.deps.service.Series(list.query));
  Answer answer;
  FinishList(call, list, series, &answer);
  const std::string& text = series.items.text();
  answer.body.reserve(answer.body.size() + text.size() + 64);
  answer.body += '[';
  answer.body += text;
  answer.body += ']';
  co_return answer;
}

}  // namespace synoptic::aggregator
