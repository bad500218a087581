// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// search/metric_names, label_names, label_values: lists for those who type, as lines of JSON. The
// last line says how it ended.
#include <algorithm>

#include "aggregator/api/endpoints.h"
#include "aggregator/api/search_score.h"
#include "aggregator/api/times.h"
#include "base/go_format.h"
#include "base/json.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kMaxLimit = 10'000;
constexpr size_t kMaxTerms = 32;

struct Search {
  SearchTerms terms;
  std::string sort_by;
  bool descending = false;
  bool include_score = false;
  size_t limit = 100;
  size_t batch_size = 100;
  LabelsQuery query;
  CommonParams common;
};

struct Found {
  std::string value;
  double score = 1;
};

absl::StatusOr<bool> ReadBool(const Params& params, std::string_view name, bool fallback) {
  const std::string_view text = params.Get(name);
  if (text.empty()) return fallback;
  for (const std::string_view word : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == word) return false;
  }
  return InvalidArgument("invalid {} {}: must be boolean", name, GoQuote(text));
}

absl::StatusOr<size_t> ReadPositive(const Params& params, std::string_view name, size_t fallback) {
  const std::string_view text = params.Get(name);
  if (text.empty()) return fallback;
  const auto value = GoAtoi(text);
  if (!value.ok() || *value <= 0) {
    return InvalidArgument("invalid {} {}: must be a positive integer", name, GoQuote(text));
  }
  return static_cast<size_t>(*value);
}

absl::Status ReadTerms(const Params& params, SearchTerms* terms) {
  terms->terms = params.All("search[]");
  if (terms->terms.size() > kMaxTerms) {
    return InvalidArgument("too many search[] terms: got {}, maximum is {}", terms->terms.size(),
                           kMaxTerms);
  }
  if (const std::string_view text = params.Get("fuzz_threshold"); !text.empty()) {
    const auto value = GoAtoi(text);
    if (!value.ok() || *value < 0 || *value > 100) {
      return InvalidArgument("invalid fuzz_threshold {}: must be 0-100", GoQuote(text));
    }
    terms->threshold = static_cast<double>(*value) / 100.0;
  }
  if (const std::string_view text = params.Get("fuzz_alg"); !text.empty()) {
    if (text != "subsequence" && text != "jarowinkler") {
      return InvalidArgument("unsupported fuzz_alg {}: must be one of [subsequence jarowinkler]",
                             GoQuote(text));
    }
    terms->jaro_winkler = text == "jarowinkler";
  }
  ASSIGN_OR_RETURN(terms->case_sensitive, ReadBool(params, "case_sensitive", true));
  return absl::OkStatus();
}

absl::Status ReadOrder(const Params& params, std::string_view endpoint, Search* search) {
  search->sort_by = std::string(params.Get("sort_by"));
  const std::string_view dir = params.Get("sort_dir");
  if (!dir.empty() && search->sort_by.empty()) {
    return InvalidArgument("sort_dir is only valid when sort_by is set");
  }
  if (!dir.empty() && search->sort_by == "score") {
    return InvalidArgument("sort_dir is not supported for sort_by=score");
  }
  if (!dir.empty() && dir != "asc" && dir != "dsc") {
    return InvalidArgument("invalid sort_dir {}: must be \"asc\" or \"dsc\"", GoQuote(dir));
  }
  search->descending = dir == "dsc";
  if (search->sort_by == "score" && search->terms.terms.empty()) {
    return InvalidArgument("sort_by=score requires search[] to be set");
  }
  if (!search->sort_by.empty() && search->sort_by != "alpha" && search->sort_by != "score") {
    return InvalidArgument("invalid sort_by {} for {}: must be \"alpha\" or \"score\"",
                           GoQuote(search->sort_by), endpoint);
  }
  return absl::OkStatus();
}

absl::StatusOr<Search> ReadSearch(const Call& call, std::string_view endpoint) {
  if (!call.api.options.search) {
    return MakeStatus(absl::StatusCode::kUnavailable, "search API disabled");
  }
  Search search;
  const int64_t now = call.api.deps.clock.WallMillis();
  LabelsQuery& query = search.query;
  ASSIGN_OR_RETURN(query.min_t, call.params.TimeOr("start", now - kHourMs));
  ASSIGN_OR_RETURN(query.max_t, call.params.TimeOr("end", now));
  if (query.max_t < query.min_t) {
    return InvalidArgument("end timestamp must not be before start timestamp");
  }
  ASSIGN_OR_RETURN(query.selectors, call.params.Selectors());
  RETURN_IF_ERROR(ReadTerms(call.params, &search.terms));
  ASSIGN_OR_RETURN(search.include_score, ReadBool(call.params, "include_score", false));
  RETURN_IF_ERROR(ReadOrder(call.params, endpoint, &search));
  ASSIGN_OR_RETURN(search.limit, ReadPositive(call.params, "limit", search.limit));
  if (search.limit > static_cast<size_t>(kMaxLimit)) {
    return InvalidArgument(
        "limit {} exceeds the configured maximum ({}, see --web.search.max-limit)", search.limit,
        kMaxLimit);
  }
  ASSIGN_OR_RETURN(search.batch_size, ReadPositive(call.params, "batch_size", search.batch_size));
  ASSIGN_OR_RETURN(search.common, ReadCommonParams(call));
  ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  query.partial = search.common.partial;
  query.regions = search.common.regions;
  query.via = search.common.via;
  query.deadline = call.QueryDeadline(timeout_ms);
  // Unfiltered and in the regions' own order: the first ones are all that is needed of each.
  const bool first_ones = search.terms.terms.empty() && !search.descending;
  if (first_ones) query.limit = static_cast<int64_t>(search.limit) + 1;
  return search;
}

// What fits, in the order wished for.
std::vector<Found> Filter(const Search& search, std::vector<std::string> values) {
  const SearchFilter filter(search.terms);
  std::vector<Found> found;
  for (std::string& value : values) {
    if (const auto score = filter.Score(value)) found.push_back({std::move(value), *score});
  }
  const bool by_score = search.sort_by == "score";
  std::sort(found.begin(), found.end(), [&](const Found& a, const Found& b) {
    if (by_score && a.score != b.score) return a.score > b.score;
    return search.descending ? b.value < a.value : a.value < b.value;
  });
  return found;
}

void AppendRecord(const Found& found, std::string_view key, bool with_score,
                  const MetadataEntry* metadata, std::string& out) {
  out += "{\"";
  out += key;
  out += "\":";
  AppendJsonHtmlString(found.value, out);
  if (with_score) out += ",\"score\":" + GoJsonFloat(found.score);
  if (metadata != nullptr) {
    const std::pair<std::string_view, const std::string*> members[] = {
        {"type", &metadata->type}, {"help", &metadata->help}, {"unit", &metadata->unit}};
    for (const auto& [name, text] : members) {
      if (text->empty()) continue;
      out += fmt::format(",\"{}\":", name);
      AppendJsonHtmlString(*text, out);
    }
  }
  out += '}';
}

net::HttpResponse Lines(const Search& search, std::string_view key, size_t regions,
                        const std::vector<Found>& found, ListAnswer<std::string> answer,
                        const MergedMetadata& metadata) {
  std::vector<std::string> warnings = std::move(answer.warnings);
  std::erase(warnings, "results truncated due to limit");
  CapAnnotations(&warnings, 10, "warning");
  if (auto line = answer.coverage.WarningLine(regions)) warnings.push_back(*std::move(line));
  net::HttpResponse response;
  response.headers.Set("Content-Type", "application/x-ndjson; charset=utf-8");
  response.headers.Set("Synoptic-Coverage", answer.coverage.HeaderValue());
  std::string& out = response.body;
  const size_t count = std::min(found.size(), search.limit);
  size_t next = 0;
  do {
    out += "{\"results\":[";
    const size_t end = std::min(count, next + search.batch_size);
    const size_t begin = next;
    for (; next < end; ++next) {
      if (next > begin) out += ',';
      const auto known = metadata.find(found[next].value);
      const MetadataEntry* entry =
          known == metadata.end() || known->second.empty() ? nullptr : &*known->second.begin();
      AppendRecord(found[next], key, search.include_score, entry, out);
    }
    out += ']';
    if (begin == 0 && !warnings.empty()) {
      out += ",\"warnings\":";
      AppendStringList(warnings, out);
    }
    out += "}\n";
  } while (next < count);
  out += fmt::format("{{\"status\":\"success\",\"has_more\":{}}}\n", found.size() > search.limit);
  return response;
}

Task<net::HttpResponse> Run(const Call& call, Search search, std::string_view key,
                            std::string_view label, bool with_metadata) {
  ListAnswer<std::string> answer;
  if (label.empty()) {
    CO_ASSIGN_OR_RETURN(answer, co_await call.api.deps.service.LabelNames(search.query));
  } else {
    CO_ASSIGN_OR_RETURN(
        answer, co_await call.api.deps.service.LabelValues(std::string(label), search.query));
  }
  CO_ASSIGN_OR_RETURN(const std::vector<Found> found,
                      co_await RunOn(call.api.deps.compute, [&search, &answer] {
                        return Filter(search, std::move(answer.items));
                      }));
  MergedMetadata metadata;
  if (with_metadata && !found.empty()) {
    // Lists without descriptions are better than none.
    auto asked = co_await AskMetadata(call, search.query.deadline);
    if (asked.ok()) metadata = *std::move(asked);
  }
  co_return Lines(search, key, call.api.regions.size(), found, std::move(answer), metadata);
}

// Errors before the first line are the API's own.
Task<net::HttpResponse> Rendered(Task<net::HttpResponse> task) {
  auto response = co_await std::move(task);
  if (response.ok() || absl::IsCancelled(response.status())) co_return response;
  co_return RenderError(response.status());
}

Task<net::HttpResponse> MetricNames(const Call& call) {
  CO_ASSIGN_OR_RETURN(Search search, ReadSearch(call, "metric_names"));
  CO_ASSIGN_OR_RETURN(const bool metadata, ReadBool(call.params, "include_metadata", false));
  co_return co_await Run(call, std::move(search), "name", promql::kMetricName, metadata);
}

Task<net::HttpResponse> LabelNames(const Call& call) {
  CO_ASSIGN_OR_RETURN(Search search, ReadSearch(call, "label_names"));
  co_return co_await Run(call, std::move(search), "name", "", false);
}

Task<net::HttpResponse> LabelValues(const Call& call) {
  CO_ASSIGN_OR_RETURN(Search search, ReadSearch(call, "label_values"));
  const std::string_view label = call.params.Get("label");
  if (label.empty()) co_return InvalidArgument("missing required parameter \"label\"");
  co_return co_await Run(call, std::move(search), "value", label, false);
}

}  // namespace

Task<net::HttpResponse> SearchMetricNamesEndpoint(const Call& call) {
  return Rendered(MetricNames(call));
}
Task<net::HttpResponse> SearchLabelNamesEndpoint(const Call& call) {
  return Rendered(LabelNames(call));
}
Task<net::HttpResponse> SearchLabelValuesEndpoint(const Call& call) {
  return Rendered(LabelValues(call));
}

}  // namespace synoptic::aggregator
