// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/api/query_run.h"

#include <chrono>

#include "aggregator/api/encode.h"
#include "aggregator/api/query_metrics.h"
#include "aggregator/api/times.h"
#include "base/go_format.h"
#include "base/log.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

constexpr size_t kMaxAnnotations = 10;  // of each kind, as Prometheus
constexpr std::string_view kTruncated = "results truncated due to limit";
constexpr size_t kEncodeInlineSamples = 2000;  // below a millisecond of encoding

absl::StatusOr<int64_t> ReadThreshold(const Params& params, std::string_view name) {
  const std::string_view text = params.Get(name);
  if (text.empty()) return 0;
  const auto value = GoAtoi(text);
  if (!value.ok()) return InvalidParameter(name, MessageOf(value.status()));
  return *value;
}

// True when something was cut off.
bool Truncate(int64_t limit, promql::QueryValue* value) {
  if (limit <= 0 || value->type == promql::ValueType::kScalar ||
      value->type == promql::ValueType::kString) {
    return false;
  }
  const auto max = static_cast<size_t>(limit);
  const bool truncated = value->series.size() > max || value->points.size() > max;
  if (value->series.size() > max) value->series.resize(max);
  if (value->points.size() > max) value->points.resize(max);
  return truncated;
}

// We time a query as a whole: the other timers of Prometheus' engine are zero.
void AppendStats(double seconds, const promql::EvalStats& stats, std::string& out) {
  out += fmt::format(
      R"(,"stats":{{"timings":{{"evalTotalTime":{0},"resultSortTime":0,"queryPreparationTime":0,)"
      R"("innerEvalTime":0,"execQueueTime":0,"execTotalTime":{0}}},)"
      R"("samples":{{"totalQueryableSamples":{1},"samplesRead":{1},"peakSamples":{2}}}}})",
      GoFloatF(seconds), stats.samples_read, stats.peak_samples);
}

// Over the client's own limits (Grafana's data source sets them): an error, or a warning.
absl::Status CheckThresholds(const QueryRun& run, int64_t samples,
                             std::vector<std::string>* warnings) {
  if (run.max_samples > 0 && samples > run.max_samples) {
    return MakeStatus(absl::StatusCode::kResourceExhausted,
                      "query processed {} samples, over max_samples_processed_error_threshold={}",
                      samples, run.max_samples);
  }
  if (run.warn_samples > 0 && samples > run.warn_samples) {
    warnings->push_back(
        fmt::format("query processed {} samples, over max_samples_processed_warning_threshold={}",
                    samples, run.warn_samples));
  }
  return absl::OkStatus();
}

void CollectNotices(const QueryRun& run, QueryAnswer& from, Answer* to) {
  if (run.show_warnings) {
    to->warnings = from.annotations.warnings();
    for (std::string& text : from.upstream_warnings) to->warnings.push_back(std::move(text));
    CapAnnotations(&to->warnings, kMaxAnnotations, "warning");
  }
  if (run.show_infos) {
    to->infos = from.annotations.infos();
    for (std::string& text : from.upstream_infos) to->infos.push_back(std::move(text));
    CapAnnotations(&to->infos, kMaxAnnotations, "info");
  }
}

Task<> Encode(ComputePool& compute, const QueryAnswer& answer, std::string& body) {
  const promql::QueryValue& value = answer.value;
  if (answer.points != nullptr) {
    const auto append = [&] { AppendPoints(*answer.points, value.grid.start, body); };
    if (answer.points->size() > kEncodeInlineSamples) co_return co_await RunOn(compute, append);
    append();
    co_return absl::OkStatus();
  }
  if (CountSamples(value) <= kEncodeInlineSamples) {
    AppendQueryValue(value, body);
    co_return absl::OkStatus();
  }
  co_return co_await RunOn(compute, [&value, &body] { AppendQueryValue(value, body); });
}

Task<Answer> MakeAnswer(const Call& call, const QueryRun& run, QueryAnswer result, double seconds) {
  Answer answer;
  CollectNotices(run, result, &answer);
  // The service was asked for one series more than the limit, to see whether there are more.
  const bool truncated = Truncate(run.request.limit, &result.value);
  if (std::erase(answer.warnings, kTruncated) > 0 || truncated) {
    answer.warnings.emplace_back(kTruncated);
  }
  if (!run.stats.empty() && run.stats != "true" && run.stats != "all") {
    answer.warnings.push_back(fmt::format(
        "value {} for parameter \"stats\" is deprecated and will be rejected in the next major "
        "release, use \"true\" or \"all\"",
        GoQuote(run.stats)));
  }
  CO_RETURN_IF_ERROR(CheckThresholds(run, result.stats.samples_read, &answer.warnings));
  answer.body += '{';
  CO_RETURN_IF_ERROR(co_await Encode(call.api.deps.compute, result, answer.body));
  if (!run.stats.empty()) AppendStats(seconds, result.stats, answer.body);
  answer.body += '}';
  answer.explain = std::move(result.explain);
  answer.brief = result.may_soon_grow;
  Finish(call, run.common, std::move(result.coverage), &answer);
  co_return answer;
}

}  // namespace

absl::Status ReadQueryOptions(const Call& call, QueryRun* run) {
  ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  if (const std::string_view text = call.params.Get("lookback_delta"); !text.empty()) {
    const auto lookback = ParseApiDuration(text);
    if (!lookback.ok()) {
      return InvalidArgument("error parsing lookback delta duration: {}",
                             MessageOf(lookback.status()));
    }
    run->request.lookback_ms = std::max<int64_t>(*lookback / 1'000'000, 0);
  }
  ASSIGN_OR_RETURN(run->common, ReadCommonParams(call));
  ASSIGN_OR_RETURN(run->warn_samples,
                   ReadThreshold(call.params, "max_samples_processed_warning_threshold"));
  ASSIGN_OR_RETURN(run->max_samples,
                   ReadThreshold(call.params, "max_samples_processed_error_threshold"));
  const std::string_view notices = call.params.Get("notices");
  if (!notices.empty() && notices != "all" && notices != "warnings" && notices != "none") {
    return InvalidParameter(
        "notices", fmt::format("expected all, warnings or none, got {}", GoQuote(notices)));
  }
  run->show_infos = notices.empty() || notices == "all";
  run->show_warnings = notices != "none";
  run->stats = std::string(call.params.Get("stats"));
  run->request.text = std::string(call.params.Get("query"));
  run->request.partial = run->common.partial;
  run->request.regions = run->common.regions;
  run->request.explain = run->common.explain;
  run->request.nocache = run->common.nocache;
  run->request.via = run->common.via;
  run->request.deadline = call.QueryDeadline(timeout_ms);
  return absl::OkStatus();
}

Task<Answer> RunQuery(const Call& call, QueryRun run) {
  const ApiDependencies& deps = call.api.deps;
  const MonoTime start = deps.clock.Mono();
  QueryRequest request = run.request;
  if (request.limit > 0) ++request.limit;
  request.as_text = !request.range_query && request.limit <= 0;
  absl::StatusOr<QueryAnswer> result = co_await deps.service.Query(std::move(request));
  const MonoDuration duration = deps.clock.Mono() - start;
  const double seconds = std::chrono::duration<double>(duration).count();
  ObserveQuery(deps.metrics, "api", duration);
  LogQuery(call, run, result.status(), result.ok() ? result->coverage : Coverage(), seconds);
  if (!result.ok()) {
    if (absl::IsInvalidArgument(result.status())) {
      co_return InvalidParameter("query", MessageOf(result.status()));
    }
    co_return result.status();
  }
  CountMissing(deps.metrics, result->coverage);
  co_return co_await MakeAnswer(call, run, *std::move(result), seconds);
}

void LogQuery(const Call& call, const QueryRun& run, const absl::Status& status,
              const Coverage& coverage, double seconds) {
  if (!log::Enabled(log::Level::kDebug)) return;
  // Who asks. A closed list: credentials and cookies can never get in.
  constexpr std::string_view kHeaders[] = {
      "User-Agent",          "X-Dashboard-Uid",  "X-Panel-Id",     "X-Panel-Plugin-Id",
      "X-Datasource-Uid",    "X-Grafana-Org-Id", "X-Grafana-User", "X-Query-Group-Id",
      "X-Grafana-From-Expr", "FromAlert",        "X-Rule-Uid",     "X-Query-Tags"};
  std::string who;
  for (const std::string_view name : kHeaders) {
    const auto value = call.request.request.headers.Get(name);
    if (!value) continue;
    if (!who.empty()) who += ' ';
    who += fmt::format("{}={}", ToLowerAscii(name), GoQuote(value->substr(0, 200)));
  }
  const promql::Grid& grid = run.request.grid;
  log::Debug("query", {{"path", call.request.path},
                       {"query", run.request.text.substr(0, 4096)},
                       {"start_ms", grid.start},
                       {"end_ms", grid.end},
                       {"step_ms", run.request.range_query ? grid.step : 0},
                       {"seconds", seconds},
                       {"status", status.ok() ? "ok" : std::string(MessageOf(status))},
                       {"coverage", status.ok() ? coverage.HeaderValue() : ""},
                       {"peer", call.request.peer},
                       {"who", who}});
}

}  // namespace synoptic::aggregator
