// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// GET /federate: the newest sample of every series that matches, within the lookback, for other
// Prometheus servers to scrape. The header Synoptic-Coverage says what is missing.
#include "aggregator/api/endpoints.h"
#include "aggregator/api/exposition.h"
#include "base/status.h"
#include "promql/model/mixed_samples.h"

namespace synoptic::aggregator {
namespace {

// The newest sample up to `at`, unless that is a stale marker: formats cannot say it.
absl::StatusOr<std::vector<ExposedSample>> NewestOf(std::span<const promql::RawSeries> series,
                                                    int64_t min_t, int64_t at, Reservation& held) {
  std::vector<ExposedSample> out;
  for (const promql::RawSeries& one : series) {
    promql::SampleColumns floats;
    promql::HistogramColumns histograms;
    RETURN_IF_ERROR(promql::ReadSamples(one, min_t, at, floats, &histograms));
    ExposedSample sample;
    sample.labels = one.labels;
    if (floats.empty() && histograms.empty()) continue;
    if (histograms.empty() || (!floats.empty() && floats.t.back() > histograms.t.back())) {
      sample.t = floats.t.back();
      sample.v = floats.v.back();
    } else {
      sample.t = histograms.t.back();
      sample.h = histograms.h.back();
    }
    if (promql::IsStaleNaN(sample.h == nullptr ? sample.v : sample.h->sum)) continue;
    constexpr int64_t kLineBytes = 256;  // of text, about
    RETURN_IF_ERROR(held.Grow(kLineBytes));
    out.push_back(std::move(sample));
  }
  return out;
}

Task<net::HttpResponse> Federate(const Call& call) {
  CO_ASSIGN_OR_RETURN(const CommonParams common, ReadCommonParams(call));
  CO_ASSIGN_OR_RETURN(const int64_t timeout_ms, ReadTimeout(call));
  RawQuery query;
  CO_ASSIGN_OR_RETURN(query.selectors, ParseSelectors(call.params.All("match[]")));
  const int64_t now = call.api.deps.clock.WallMillis();
  const int64_t min_t = now - call.api.options.lookback_ms;
  query.min_t = min_t;
  query.max_t = now;
  query.partial = common.partial;
  query.regions = common.regions;
  query.via = common.via;
  query.deadline = call.QueryDeadline(timeout_ms);
  CO_ASSIGN_OR_RETURN(const RawQueryAnswer answer,
                      co_await call.api.deps.service.Raw(std::move(query)));
  const ExpositionFormat format =
      NegotiateExposition(call.request.request.headers.Get("Accept").value_or(""));
  net::HttpResponse response;
  response.headers.Set("Content-Type", format.ContentType());
  response.headers.Set("Synoptic-Coverage", answer.coverage.HeaderValue());
  CO_ASSIGN_OR_RETURN(response.body,
                      co_await RunOn(call.api.deps.compute, [&]() -> absl::StatusOr<std::string> {
                        Reservation held(answer.budget);
                        ASSIGN_OR_RETURN(std::vector<ExposedSample> samples,
                                         NewestOf(answer.series, min_t, now, held));
                        return Expose(std::move(samples), call.api.options.external_labels, format);
                      }));
  co_return response;
}

}  // namespace

Task<net::HttpResponse> FederateEndpoint(const Call& call) {
  auto response = co_await Federate(call);
  if (response.ok() || absl::IsCancelled(response.status())) co_return response;
  const int code = RenderError(response.status()).status;
  co_return PlainText(code, std::string(MessageOf(response.status())) + "\n");
}

}  // namespace synoptic::aggregator
