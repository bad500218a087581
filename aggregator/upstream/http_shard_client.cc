// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "aggregator/upstream/api_request.h"
#include "aggregator/upstream/ask.h"
#include "aggregator/upstream/list_decoder.h"
#include "aggregator/upstream/loop_guard.h"
#include "aggregator/upstream/prober.h"
#include "aggregator/upstream/query_decoder.h"
#include "aggregator/upstream/raw_read.h"
#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/selector_text.h"
#include "aggregator/upstream/upstream.h"
#include "base/percent.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

using ShardPtr = std::shared_ptr<ShardState>;
using ReplicaPtr = std::shared_ptr<ReplicaState>;

// Hedges that may go out at once when there were none for long.
constexpr double kHedgeBurst = 5;

void Describe(const ReplicaState& replica, const ExchangeInfo& exchange, AnswerInfo& info) {
  info.replica = replica.config.url;
  info.bytes = exchange.bytes;
  info.duration = exchange.duration;
}

void DescribeList(const ReplicaState& replica, const ExchangeInfo& exchange,
                  const EnvelopeDecoder& decoder, AnswerInfo& info) {
  Describe(replica, exchange, info);
  info.warnings = decoder.warnings();
  info.infos = decoder.infos();
  info.coverage = decoder.coverage();
}

// The request with the Synoptics it came through.
net::HttpRequest Passing(net::HttpRequest request, const ShardState& shard,
                         const std::string& via) {
  AddVia(via, shard.deps.identity, request.headers);
  return request;
}

// Attempts own all they use but the budget, which outlives Ask.

// What it answers is to be what we would compute from its samples.
Task<> FitWindows(ShardPtr shard, ReplicaPtr replica, StepRequest& request, Deadline deadline) {
  // At once, but for the first question.
  CO_RETURN_IF_ERROR(co_await LearnWindowEnds(shard, replica, deadline));
  if (!Computes(*replica->windows, request.lookback_ms, request.windows)) {
    co_return WithReason(absl::FailedPreconditionError("its windows take their left end in"),
                         kWindowsReason);
  }
  if (*replica->windows == WindowEnds::kClosed && request.lookback_ms > 0) --request.lookback_ms;
  co_return absl::OkStatus();
}

Task<StepAnswer> AskSteps(ShardPtr shard, ReplicaPtr replica, StepRequest request,
                          MemoryBudget* budget, Deadline deadline) {
  const bool probed = shard->deps.probe_interval != MonoDuration::zero();
  if (probed && shard->traits.computes_exactly) {
    CO_RETURN_IF_ERROR(co_await FitWindows(shard, replica, request, deadline));
  }
  net::Parameters parameters = StepParameters(request, deadline.Remaining(shard->clock()));
  shard->traits.add_query_parameters(shard->region, parameters);
  StepDecoder decoder(request.grid, request.instant, shard->rules, budget, request.as_text);
  ExchangeInfo exchange{.lane = request.lane};
  CO_RETURN_IF_ERROR(co_await Exchange(
      shard, replica,
      Passing(FormRequest(shard->shard.auth,
                          request.instant ? "/api/v1/query" : "/api/v1/query_range", parameters),
              *shard, request.via),
      deadline, decoder, exchange));
  StepAnswer answer;
  decoder.Take(answer);
  answer.info.coverage = decoder.coverage();
  Describe(*replica, exchange, answer.info);
  co_return answer;
}

Task<RawAnswer> AskRaw(ShardPtr shard, ReplicaPtr replica, RawRequest request, MemoryBudget* budget,
                       Deadline deadline) {
  ExchangeInfo exchange{.lane = request.lane};
  CO_ASSIGN_OR_RETURN(RawAnswer answer, co_await ReadRaw(shard, replica, std::move(request), budget,
                                                         deadline, exchange));
  Describe(*replica, exchange, answer.info);
  co_return answer;
}

Task<SeriesList> AskSeries(ShardPtr shard, ReplicaPtr replica, LabelsRequest request,
                           MemoryBudget* budget, Deadline deadline) {
  LabelSetListDecoder decoder(shard->rules, budget);
  ExchangeInfo exchange{.lane = Lane::kMetadata};
  CO_RETURN_IF_ERROR(co_await Exchange(
      shard, replica,
      Passing(FormRequest(shard->shard.auth, "/api/v1/series", LabelsParameters(request)), *shard,
              request.via),
      deadline, decoder, exchange));
  SeriesList answer{decoder.Take(), {}};
  DescribeList(*replica, exchange, decoder, answer.info);
  co_return answer;
}

Task<ListOf<std::string>> AskStrings(ShardPtr shard, ReplicaPtr replica, net::HttpRequest request,
                                     Deadline deadline) {
  // A list that is larger than any answer may be is no list.
  MemoryBudget budget("answer", shard->shard.max_response_bytes);
  StringListDecoder decoder(&budget);
  ExchangeInfo exchange{.lane = Lane::kMetadata};
  CO_RETURN_IF_ERROR(
      co_await Exchange(shard, replica, std::move(request), deadline, decoder, exchange));
  ListOf<std::string> answer{decoder.Take(), {}};
  DescribeList(*replica, exchange, decoder, answer.info);
  co_return answer;
}

Task<JsonAnswer> AskJson(ShardPtr shard, ReplicaPtr replica, net::HttpRequest request,
                         int64_t max_bytes, Deadline deadline) {
  // Half, because documents are put together from their parts.
  DocumentDecoder decoder(std::min(max_bytes, shard->shard.max_response_bytes / 2));
  ExchangeInfo exchange{.lane = Lane::kMetadata};
  CO_RETURN_IF_ERROR(
      co_await Exchange(shard, replica, std::move(request), deadline, decoder, exchange));
  JsonAnswer answer;
  answer.data = decoder.Take();
  DescribeList(*replica, exchange, decoder, answer.info);
  co_return answer;
}

net::HttpRequest LabelNamesRequest(const ShardState& shard, const LabelsRequest& request) {
  return Passing(FormRequest(shard.shard.auth, "/api/v1/labels", LabelsParameters(request)), shard,
                 request.via);
}

net::HttpRequest LabelValuesRequest(const ShardState& shard, std::string_view name,
                                    const LabelsRequest& request) {
  std::string target = fmt::format("/api/v1/label/{}/values", PercentEncode(name));
  if (const std::string form = net::EncodeForm(LabelsParameters(request)); !form.empty()) {
    target += "?" + form;
  }
  return Passing(GetRequest(shard.shard.auth, std::move(target)), shard, request.via);
}

void SortUnique(std::vector<std::string>& items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

class HttpShardClient final : public UpstreamClient {
 public:
  HttpShardClient(ShardPtr state, ReplicaPolicy::Options policy)
      : state_(std::move(state)), policy_(policy) {
    SetReplicas(std::vector<Replica>(state_->shard.replicas));
  }

  void SetReplicas(const std::vector<Replica>& replicas) override {
    std::vector<ReplicaPtr> next;
    std::map<std::string, Probes> probes;
    for (const Replica& replica : replicas) {
      const auto known =
          std::find_if(state_->replicas.begin(), state_->replicas.end(),
                       [&](const ReplicaPtr& one) { return one->config.url == replica.url; });
      if (probes.contains(replica.url)) continue;
      if (known != state_->replicas.end()) {
        next.push_back(*known);
        probes[replica.url] = std::move(probes_[replica.url]);
      } else {
        next.push_back(Add(replica, probes[replica.url]));
      }
    }
    for (const auto& [url, former] : probes_) {
      if (probes.contains(url)) continue;
      for (const TaskHandle& handle : former) handle.Cancel();
    }
    state_->replicas = std::move(next);
    state_->shard.replicas = replicas;
    probes_ = std::move(probes);
  }

  Task<StepAnswer> Steps(StepRequest request, Deadline deadline, MemoryBudget* budget) override {
    std::string what = request.instant ? "query" : "query_range";
    std::vector<std::string> only = request.only;
    Attempt<StepAnswer> attempt = [shard = state_, request = std::move(request), budget](
                                      ReplicaPtr replica, Deadline limit) {
      return AskSteps(shard, std::move(replica), request, budget, limit);
    };
    return Ask<StepAnswer>(state_, std::move(what), std::move(attempt), deadline, std::move(only));
  }

  Task<RawAnswer> Raw(RawRequest request, Deadline deadline, MemoryBudget* budget) override {
    if (!Selects(request.matchers)) request.matchers.push_back(has_name_);
    std::vector<std::string> only = request.only;
    Attempt<RawAnswer> attempt = [shard = state_, request = std::move(request), budget](
                                     ReplicaPtr replica, Deadline limit) {
      return AskRaw(shard, std::move(replica), request, budget, limit);
    };
    return Ask<RawAnswer>(state_, "read", std::move(attempt), deadline, std::move(only));
  }

  Task<SeriesList> Series(LabelsRequest request, Deadline deadline, MemoryBudget* budget) override {
    if (request.selectors.empty()) request.selectors.push_back({});
    Attempt<SeriesList> attempt = [shard = state_, request = std::move(request), budget](
                                      ReplicaPtr replica, Deadline limit) {
      return AskSeries(shard, std::move(replica), request, budget, limit);
    };
    return Ask<SeriesList>(state_, "series", std::move(attempt), deadline);
  }

  Task<ListOf<std::string>> LabelNames(LabelsRequest request, Deadline deadline) override {
    // Names that the rules take away or change must not push others over the edge.
    if (request.limit > 0) request.limit += static_cast<int64_t>(state_->rules.CountNames());
    CO_ASSIGN_OR_RETURN(ListOf<std::string> names,
                        co_await Strings("labels", LabelNamesRequest(*state_, request), deadline));
    // Without series there are no labels, ours included.
    if (!names.items.empty()) names.items = state_->rules.ApplyToNames(names.items);
    co_return names;
  }

  Task<ListOf<std::string>> LabelValues(std::string name, LabelsRequest request,
                                        Deadline deadline) override {
    ListOf<std::string> values;
    const LabelRules& rules = state_->rules;
    if (rules.IsReplicaLabel(name)) co_return values;
    if (rules.IsTopologyName(name)) {
      const std::string own(rules.own().Get(name));
      if (own.empty()) co_return values;
      request.limit = 1;
      CO_ASSIGN_OR_RETURN(
          values, co_await Strings("labels", LabelNamesRequest(*state_, request), deadline));
      if (!values.items.empty()) values.items = {own};
      co_return values;
    }
    CO_ASSIGN_OR_RETURN(values, co_await Values(name, request, deadline));
    // A label of the topology's name comes out as exported_<name>.
    constexpr std::string_view kExported = "exported_";
    if (std::string_view(name).starts_with(kExported) && !state_->traits.trusts_equal_labels) {
      const std::string sent = name.substr(kExported.size());
      if (rules.IsTopologyName(sent)) {
        CO_ASSIGN_OR_RETURN(const ListOf<std::string> more,
                            co_await Values(sent, request, deadline));
        values.items.insert(values.items.end(), more.items.begin(), more.items.end());
        SortUnique(values.items);
      }
    }
    co_return values;
  }

  Task<JsonAnswer> Json(std::string path, std::string query, std::string via,
                        Deadline deadline) override {
    return Document(std::move(path), query, via, deadline, {});
  }
  Task<JsonAnswer> JsonOf(std::string replica, std::string path, Deadline deadline) override {
    return Document(std::move(path), "", "", deadline, {std::move(replica)});
  }

  bool available() const override {
    const MonoTime now = state_->now();
    // (Without replicas the answer says so.)
    return state_->replicas.empty() ||
           std::any_of(state_->replicas.begin(), state_->replicas.end(),
                       [now](const ReplicaPtr& replica) { return replica->policy.available(now); });
  }
  size_t replicas() const override { return state_->replicas.size(); }
  std::vector<std::string> replica_names() const override {
    std::vector<std::string> names;
    for (const ReplicaPtr& replica : state_->replicas) names.push_back(replica->config.url);
    return names;
  }
  const std::string& region() const override { return state_->region.name; }
  const std::string& shard() const override { return state_->shard.name; }

 private:
  Task<JsonAnswer> Document(std::string path, const std::string& query, const std::string& via,
                            Deadline deadline, std::vector<std::string> only) {
    std::string target = "/api/v1/" + path;
    if (!query.empty()) target += "?" + query;
    net::HttpRequest request =
        Passing(GetRequest(state_->shard.auth, std::move(target)), *state_, via);
    // What a server tells of itself is read behind the back of queries, and is not long.
    const bool status = path.starts_with("status/");
    const int64_t most = int64_t{status ? 4 : 64} << 20;
    Attempt<JsonAnswer> attempt = [shard = state_, request = std::move(request), most](
                                      ReplicaPtr replica, Deadline limit) {
      return AskJson(shard, std::move(replica), request, most, limit);
    };
    return Ask<JsonAnswer>(state_, std::move(path), std::move(attempt), deadline, std::move(only));
  }
  Task<ListOf<std::string>> Strings(std::string what, net::HttpRequest request, Deadline deadline) {
    Attempt<ListOf<std::string>> attempt = [shard = state_, request = std::move(request)](
                                               ReplicaPtr replica, Deadline limit) {
      return AskStrings(shard, std::move(replica), request, limit);
    };
    return Ask<ListOf<std::string>>(state_, std::move(what), std::move(attempt), deadline);
  }

  Task<ListOf<std::string>> Values(std::string name, LabelsRequest request, Deadline deadline) {
    auto values =
        co_await Strings("label values", LabelValuesRequest(*state_, name, request), deadline);
    // A Prometheus 2 refuses names that only Prometheus 3 can store: it has no such label.
    const bool refused =
        !values.ok() && ReasonOf(values.status()) == "query" &&
        MessageOf(values.status()).find("invalid label name") != std::string_view::npos;
    if (refused && !IsLegacyLabelName(name)) co_return ListOf<std::string>();
    co_return values;
  }

  using Probes = std::vector<TaskHandle>;

  ReplicaPtr Add(const Replica& replica, Probes& probes) {
    const UpstreamDeps& deps = state_->deps;
    auto added =
        std::make_shared<ReplicaState>(replica, policy_, state_->rng.Next(), deps.executor);
    if (deps.observer != nullptr) {
      deps.observer->OnState(state_->Id(*added), BreakerState::kClosed, true);
    }
    if (deps.probe_interval == MonoDuration::zero()) return added;
    probes.push_back(
        tasks_.Spawn(deps.executor, "probe", ProbeForever(state_, added, state_->rng.Next())));
    probes.push_back(tasks_.Spawn(deps.executor, "external labels", LearnForever(state_, added)));
    return added;
  }

  const ShardPtr state_;
  const ReplicaPolicy::Options policy_;
  std::map<std::string, Probes> probes_;  // by url
  const promql::Matcher has_name_ =
      promql::Matcher::Create(promql::MatchOp::kNotEqual, std::string(promql::kMetricName), "")
          .value();
  TaskGroup tasks_;
};

}  // namespace

std::unique_ptr<UpstreamClient> NewShardClient(const Region& region, const Shard& shard,
                                               const UpstreamDeps& deps) {
  const FlavorTraits& traits = TraitsOf(shard.flavor);
  const bool any_tls = shard.scheme == "https" ||
                       std::any_of(shard.replicas.begin(), shard.replicas.end(),
                                   [](const Replica& replica) { return replica.origin.tls; });
  // A fresh TLS connection takes four round trips to its answer, a plain one two.
  const MonoDuration probe_timeout = std::chrono::milliseconds(any_tls ? 2000 : 1000);
  const auto state = std::make_shared<ShardState>(
      ShardState{region,
                 shard,
                 deps,
                 LabelRules(LabelsOf(region, shard), deps.topology_labels, region.replica_labels,
                            traits.trusts_equal_labels),
                 traits,
                 probe_timeout,
                 {},
                 AskBudget(deps.ask.hedge_budget, kHedgeBurst),
                 // Should a replica die, all that it was answering may be asked anew.
                 AskBudget(deps.ask.retries_budget, shard.max_concurrency),
                 SeededRng(deps.rng->Next())});
  state->region.shards.clear();
  ReplicaPolicy::Options options = deps.breaker;
  options.max_in_flight = shard.max_concurrency;
  options.probed = deps.probe_interval != MonoDuration::zero();
  return std::make_unique<HttpShardClient>(state, options);
}

}  // namespace synoptic::aggregator
