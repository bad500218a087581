// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/service.h"

#include <algorithm>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "absl/strings/str_cat.h"
#include "aggregator/query/edge_reader.h"
#include "aggregator/query/fetch_stage.h"
#include "aggregator/query/fetched_data.h"
#include "aggregator/query/gate.h"
#include "aggregator/query/history.h"
#include "aggregator/query/known_histograms.h"
#include "aggregator/query/label_queries.h"
#include "aggregator/query/memory.h"
#include "aggregator/query/raw_queries.h"
#include "aggregator/query/rule_rounds.h"
#include "aggregator/upstream/selector_text.h"
#include "base/cancel.h"
#include "base/status.h"
#include "net/async/timer.h"
#include "promql/parse/parser.h"
#include "promql/parse/preprocess.h"
#include "promql/plan/plan.h"

namespace synoptic::aggregator {
namespace {

using promql::EvalResult;
using promql::ExprPtr;
using promql::Plan;
using promql::QueryValue;
using promql::ValueType;

// Sets a token when the deadline passes or the awaiting coroutine is cancelled (the client left),
// while work runs on the pool that only looks at the token. Lives in the coroutine's frame.
class CancelOnSignal {
 public:
  CancelOnSignal(const boost::asio::any_io_executor& executor, const Clock& clock,
                 Deadline deadline, boost::asio::cancellation_slot slot)
      : timer_(executor, clock), slot_(slot), token_(std::make_shared<CancelToken>()) {
    if (!deadline.infinite()) {
      timer_.Start(deadline.at(), [token = token_] { token->Cancel(CancelReason::kDeadline); });
    }
    if (slot_.is_connected()) {
      slot_.assign([token = token_](boost::asio::cancellation_type) {
        token->Cancel(CancelReason::kCancelled);
      });
    }
  }
  ~CancelOnSignal() {
    if (slot_.is_connected()) slot_.clear();
  }
  const CancelToken& token() const { return *token_; }

 private:
  Timer timer_;
  boost::asio::cancellation_slot slot_;
  std::shared_ptr<CancelToken> token_;
};

absl::Status CheckRangeType(const promql::Expr& expr) {
  const ValueType type = promql::TypeOf(expr);
  if (type == ValueType::kScalar || type == ValueType::kVector) return absl::OkStatus();
  return InvalidArgument(
      "invalid expression type \"{}\" for range query, must be Scalar or instant Vector",
      promql::DocumentedName(type));
}

// Prometheus' `limit`: the first series of the answer.
void Truncate(int64_t limit, QueryAnswer& answer) {
  if (limit <= 0) return;
  const auto most = static_cast<size_t>(limit);
  QueryValue& value = answer.value;
  if (value.series.size() <= most && value.points.size() <= most) return;
  if (value.series.size() > most) value.series.resize(most);
  if (value.points.size() > most) value.points.resize(most);
  answer.upstream_warnings.push_back("results truncated due to limit");
}

class Service final : public FederatedQueryService {
 public:
  Service(const QueryServiceOptions& options, Upstreams upstreams, ComputePool& pool,
          const Clock& clock)
      : options_(options),
        pool_(pool),
        clock_(clock),
        memory_(std::make_shared<MemoryBudget>("memory of all queries",
                                               options.max_total_memory_bytes)),
        gate_(options.max_concurrency > 0 ? options.max_concurrency : pool.threads()),
        rounds_(LentToRounds()) {
    upstreams_ = Watched(std::move(upstreams));  // which looks at the former ones
  }

  // A chunk that does not decode shows when it is evaluated, and fails the query. Asked again, the
  // shard that sent it is missing instead.
  Task<QueryAnswer> Query(QueryRequest request) override {
    absl::StatusOr<QueryAnswer> answer = co_await Answer(request, /*check_chunks=*/false);
    if (!absl::IsDataLoss(answer.status())) co_return answer;
    co_return co_await Answer(std::move(request), /*check_chunks=*/true);
  }
  Task<TogetherAnswers> QueryTogether(std::vector<QueryRequest> requests,
                                      MonoDuration gather) override {
    // What looks at the samples' own start times or drops names late is not proven alike.
    if (options_.use_start_timestamps)
      return FederatedQueryService::QueryTogether(requests, gather);
    return rounds_.Query(std::move(requests), gather);
  }
  Task<RawQueryAnswer> Raw(RawQuery query) override {
    return RawOf(std::move(query), upstreams_, Environment(), memory_, options_);
  }
  Task<SeriesAnswer> Series(LabelsQuery query) override {
    return SeriesOf(std::move(query), upstreams_, Environment(), memory_, options_);
  }
  Task<ListAnswer<std::string>> LabelNames(LabelsQuery query) override {
    return LabelNamesOf(std::move(query), upstreams_, Environment());
  }
  Task<ListAnswer<std::string>> LabelValues(std::string name, LabelsQuery query) override {
    return LabelValuesOf(std::move(name), std::move(query), upstreams_, Environment());
  }
  Task<ListAnswer<ShardDocument>> Documents(DocumentsQuery query) override {
    return DocumentsOf(std::move(query), upstreams_, Environment());
  }
  void SetUpstreams(Upstreams upstreams) override { upstreams_ = Watched(std::move(upstreams)); }
  Task<> Stop(Deadline deadline) override { return legs_.Stop(clock_, deadline); }

 private:
  std::shared_ptr<const Upstreams> Watched(Upstreams upstreams);
  RuleRounds::Services LentToRounds();
  std::shared_ptr<Availability> AvailabilityOf(const std::shared_ptr<ShardClient>& client,
                                               std::vector<promql::Matcher> canary);
  Task<QueryAnswer> Answer(QueryRequest request, bool check_chunks);
  FetchEnvironment Environment(Lane lane = Lane::kDashboards, bool nocache = false) {
    return {legs_,
            clock_,
            std::chrono::milliseconds(options_.region_deadline_ms),
            pool_,
            lane,
            nocache,
            options_.language};
  }
  absl::StatusOr<Plan> MakePlanOf(const QueryRequest& request, const promql::Topology& topology,
                                  const promql::OwnSeries& own,
                                  const promql::HistogramMetrics& histograms, bool pushdown,
                                  bool split_sums = true);
  absl::StatusOr<Plan> PlanParsed(ExprPtr expr, const QueryRequest& request,
                                  const promql::Topology& topology, const promql::OwnSeries& own,
                                  const promql::HistogramMetrics& histograms, bool pushdown,
                                  bool split_sums = true);
  Task<FetchResult> PlanAndFetch(const QueryRequest& request, const promql::Topology& topology,
                                 const Reach& reach, std::shared_ptr<QueryMemory> memory,
                                 Plan& plan);
  Task<> PassOn(const QueryRequest& request, const Reach& reach, FetchResult& fetched,
                QueryAnswer& answer);
  promql::EvalOptions EvalOptionsOf(const QueryRequest& request) const;
  Task<EvalResult> EvaluateOnPool(const QueryRequest& request, const Plan& plan, const Reach& reach,
                                  FetchResult& fetched, MemoryBudget& budget);

  const QueryServiceOptions options_;
  ComputePool& pool_;
  const Clock& clock_;
  const std::shared_ptr<MemoryBudget> memory_;
  std::shared_ptr<const Upstreams> upstreams_;
  Gate gate_;
  KnownHistograms histograms_;
  RuleRounds rounds_;
  TaskGroup legs_;  // last: what it runs uses the rest
};

// The canary of the region that shard number `shard` belongs to.
std::vector<promql::Matcher> CanaryOf(const Upstreams& upstreams, size_t shard) {
  for (const Region& region : upstreams.inventory.regions) {
    if (shard >= region.shards.size()) {
      shard -= region.shards.size();
      continue;
    }
    if (region.canary.empty()) return {};
    // What the configuration has checked.
    auto matchers = promql::ParseMetricSelector(region.canary);
    if (matchers.ok()) return *std::move(matchers);
    break;
  }
  return promql::ParseMetricSelector("up").value();
}

void AddEdges(Upstreams& upstreams, const Clock& clock) {
  upstreams.edges.clear();
  for (const Region& region : upstreams.inventory.regions) {
    for (const Shard& shard : region.shards) {
      const size_t i = upstreams.edges.size();
      upstreams.edges.push_back(nullptr);
      const std::vector<promql::Matcher> canary = CanaryOf(upstreams, i);
      if (i >= upstreams.caches.size() || upstreams.caches[i] == nullptr || canary.empty())
        continue;
      upstreams.edges[i] = std::make_shared<EdgeReader>(upstreams.clients[i], upstreams.caches[i],
                                                        SelectorText(canary),
                                                        shard.flavor == Flavor::kPrometheus, clock);
    }
  }
}

// What is known of the replicas survives a reload, and other replicas' coming and going.
std::shared_ptr<Availability> Service::AvailabilityOf(const std::shared_ptr<ShardClient>& client,
                                                      std::vector<promql::Matcher> canary) {
  std::shared_ptr<Availability> former;
  for (size_t i = 0; upstreams_ != nullptr && i < upstreams_->clients.size(); ++i) {
    if (upstreams_->clients[i] == client) former = upstreams_->availability[i];
  }
  if (former != nullptr && former->IsAbout(client->replica_names(), canary)) return former;
  auto fresh = std::make_shared<Availability>(client, std::move(canary), clock_, legs_);
  if (former != nullptr) fresh->TakeOver(*former);
  return fresh;
}

std::shared_ptr<const Upstreams> Service::Watched(Upstreams upstreams) {
  constexpr size_t kMostReplicas = 64;
  upstreams.availability.clear();
  for (size_t i = 0; i < upstreams.clients.size(); ++i) {
    const std::shared_ptr<ShardClient>& client = upstreams.clients[i];
    const size_t replicas = client->replica_names().size();
    upstreams.availability.push_back(replicas > 1 && replicas <= kMostReplicas
                                         ? AvailabilityOf(client, CanaryOf(upstreams, i))
                                         : nullptr);
  }
  AddEdges(upstreams, clock_);
  return std::make_shared<const Upstreams>(std::move(upstreams));
}

absl::StatusOr<Plan> Service::MakePlanOf(const QueryRequest& request,
                                         const promql::Topology& topology,
                                         const promql::OwnSeries& own,
                                         const promql::HistogramMetrics& histograms, bool pushdown,
                                         bool split_sums) {
  ASSIGN_OR_RETURN(ExprPtr expr, promql::ParseExpr(request.text, options_.language));
  return PlanParsed(std::move(expr), request, topology, own, histograms, pushdown, split_sums);
}

absl::StatusOr<Plan> Service::PlanParsed(ExprPtr expr, const QueryRequest& request,
                                         const promql::Topology& topology,
                                         const promql::OwnSeries& own,
                                         const promql::HistogramMetrics& histograms, bool pushdown,
                                         bool split_sums) {
  if (request.range_query) RETURN_IF_ERROR(CheckRangeType(*expr));
  ASSIGN_OR_RETURN(expr, promql::Preprocess(std::move(expr), request.grid));
  promql::PlanOptions options;
  options.grid = request.grid;
  options.range_query = request.range_query;
  options.lookback_ms = request.lookback_ms;
  options.default_subquery_step_ms = options_.default_subquery_step_ms;
  options.pushdown = pushdown && options_.pushdown && !options_.delayed_name_removal &&
                     !options_.use_start_timestamps;
  options.split_sums = split_sums;
  options.histograms = &histograms;
  options.own = own.shard < 0 ? nullptr : &own;
  return promql::MakePlan(std::move(expr), topology, options);
}

RuleRounds::Services Service::LentToRounds() {
  const auto options = [this](QueryRequest request) {
    if (request.lookback_ms <= 0) request.lookback_ms = options_.default_lookback_ms;
    return request;
  };
  RulePlans::Language language;
  language.parse = [this](const std::string& text) {
    return promql::ParseExpr(text, options_.language);
  };
  language.plan = [this, options](ExprPtr expr, const QueryRequest& request,
                                  const promql::Topology& topology, const promql::OwnSeries& own) {
    return PlanParsed(std::move(expr), options(request), topology, own, {}, /*pushdown=*/false);
  };
  // Names that are dropped late are dropped after the comparison.
  language.split = !options_.delayed_name_removal;
  return {[this] { return upstreams_; },
          std::move(language),
          [this, options](const QueryRequest& request) { return EvalOptionsOf(options(request)); },
          [this](QueryRequest request) { return Query(std::move(request)); },
          [this] { return Environment(Lane::kRules); },
          legs_,
          clock_,
          pool_,
          gate_,
          memory_,
          options_.max_memory_bytes,
          options_.max_total_memory_bytes / 8};
}

promql::EvalOptions Service::EvalOptionsOf(const QueryRequest& request) const {
  promql::EvalOptions options;
  options.grid = request.grid;
  options.range_query = request.range_query;
  options.lookback_ms = request.lookback_ms;
  options.default_subquery_step_ms = options_.default_subquery_step_ms;
  options.max_samples = options_.max_samples;
  options.delayed_name_removal = options_.delayed_name_removal;
  options.use_start_timestamps = options_.use_start_timestamps;
  options.type_and_unit_labels = options_.type_and_unit_labels;
  options.query_text = request.text;
  return options;
}

Task<EvalResult> Service::EvaluateOnPool(const QueryRequest& request, const Plan& plan,
                                         const Reach& reach, FetchResult& fetched,
                                         MemoryBudget& budget) {
  CO_ASSIGN_OR_RETURN(const Gate::Place place,
                      co_await gate_.Enter(clock_, request.deadline, request.lane));
  const auto executor = co_await boost::asio::this_coro::executor;
  const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
  const CancelOnSignal signal(executor, clock_, request.deadline, cancellation.slot());
  promql::EvalOptions options = EvalOptionsOf(request);
  options.budget = &budget;
  options.cancel = &signal.token();
  options.executor = &pool_;
  co_return co_await RunOn(pool_, [&]() -> absl::StatusOr<EvalResult> {
    if (!fetched.history.empty()) return EvaluateWithHistory(plan, reach, fetched, options);
    ASSIGN_OR_RETURN(FetchedData data, FetchedData::Merge(plan, reach, fetched));
    return promql::Evaluate(*plan.root, options, data);
  });
}

// Whether a part is pushed down to a server whose functions are not quite Prometheus'.
bool AsksInexact(const Plan& plan, const Reach& reach) {
  return std::any_of(
      plan.fetches.begin(), plan.fetches.end(), [&reach](const promql::Fetch& fetch) {
        return fetch.form == promql::Fetch::Form::kSteps &&
               std::any_of(fetch.shards.begin(), fetch.shards.end(), [&reach](int shard) {
                 return !reach.shards[static_cast<size_t>(shard)].exact;
               });
      });
}

// Where a pushed-down part turns out to have native histograms in its value, it is planned anew
// with that metric's samples read raw. Each round learns a metric; after a few nothing is pushed
// down. Likewise where partial sums come near the greatest float: those sums are then made here.
Task<FetchResult> Service::PlanAndFetch(const QueryRequest& request,
                                        const promql::Topology& topology, const Reach& reach,
                                        std::shared_ptr<QueryMemory> memory, Plan& plan) {
  int rounds = 3;
  bool split_sums = true;
  while (true) {
    const auto known = histograms_.Get(clock_.Mono());
    const bool pushdown = rounds-- > 0;
    CO_ASSIGN_OR_RETURN(plan,
                        MakePlanOf(request, topology, reach.own, *known, pushdown, split_sums));
    if (pushdown && AsksInexact(plan, reach)) {
      CO_ASSIGN_OR_RETURN(plan,
                          MakePlanOf(request, topology, reach.own, *known, /*pushdown=*/false));
    }
    FetchEnvironment environment = Environment(request.lane, request.nocache);
    environment.as_text = request.as_text && IsPassedOn(plan);
    // Rules hold when they do not see; their state is not made from memories. Of what is passed on
    // as text nothing is kept that could stand in.
    if (request.lane != Lane::kRules && !request.nocache && !environment.as_text) {
      environment.history = request.grid;
    }
    CO_ASSIGN_OR_RETURN(FetchResult fetched,
                        co_await RunFetches(plan, reach, request.deadline, memory, environment));
    if (!fetched.plan_anew) co_return fetched;
    if (!pushdown) co_return absl::InternalError("nothing was pushed down that could be wrong");
    if (fetched.sums_overflow) {
      split_sums = false;
      continue;
    }
    histograms_.Learn(fetched.histograms, clock_.Mono());
    if (fetched.histograms.empty()) rounds = 0;
  }
}

// Nothing is evaluated: points go out as they came, merged.
Task<> Service::PassOn(const QueryRequest& request, const Reach& reach, FetchResult& fetched,
                       QueryAnswer& answer) {
  struct Points {
    PointUnion points;
    std::vector<std::shared_ptr<LegMemory>> memory;  // what they are charged to
  };
  CO_ASSIGN_OR_RETURN(PointUnion merged, co_await RunOn(pool_, [&] {
                        return FetchedData::MergePoints(reach, fetched);
                      }));
  const auto held = std::make_shared<Points>(Points{std::move(merged), {}});
  for (FetchedPart& part : fetched.parts) held->memory.push_back(std::move(part.memory));
  answer.points = std::shared_ptr<const PointUnion>(held, &held->points);
  answer.value.type = ValueType::kVector;
  answer.value.grid = request.grid;
  answer.stats.samples_read = static_cast<int64_t>(held->points.size());
  answer.stats.peak_samples = answer.stats.samples_read;
  if (answer.stats.peak_samples > options_.max_samples) {
    co_return absl::ResourceExhaustedError(
        "query processing would load too many samples into memory in query execution");
  }
  co_return absl::OkStatus();
}

Task<QueryAnswer> Service::Answer(QueryRequest request, bool check_chunks) {
  if (request.lookback_ms <= 0) request.lookback_ms = options_.default_lookback_ms;
  const std::shared_ptr<const Upstreams> upstreams = upstreams_;
  CO_ASSIGN_OR_RETURN(Reach reach, ReachOf(*upstreams, request.regions, request.partial));
  reach.via = request.via;
  reach.check_chunks = check_chunks;
  WatchEdges(reach, co_await boost::asio::this_coro::executor, clock_, legs_);
  const promql::Topology topology = reach.MakeTopology();
  const auto memory = std::make_shared<QueryMemory>(memory_, options_.max_memory_bytes);
  Plan plan;
  CO_ASSIGN_OR_RETURN(FetchResult fetched,
                      co_await PlanAndFetch(request, topology, reach, memory, plan));
  QueryAnswer answer;
  answer.may_soon_grow = std::any_of(fetched.parts.begin(), fetched.parts.end(),
                                     [](const FetchedPart& part) { return part.series == 0; });
  if (request.explain) {
    answer.explain = absl::StrCat(promql::ExplainPlan(plan, topology), ExplainCost(fetched, reach));
  }
  if (request.as_text && IsPassedOn(plan)) {
    CO_RETURN_IF_ERROR(co_await PassOn(request, reach, fetched, answer));
  } else {
    CO_ASSIGN_OR_RETURN(EvalResult evaluated,
                        co_await EvaluateOnPool(request, plan, reach, fetched, memory->query));
    answer.value = std::move(evaluated.value);
    answer.annotations = std::move(evaluated.annotations);
    answer.stats = evaluated.stats;
  }
  answer.coverage = std::move(fetched.coverage);
  answer.upstream_warnings = std::move(fetched.warnings);
  answer.upstream_infos = std::move(fetched.infos);
  answer.holds = memory;
  Truncate(request.limit, answer);
  co_return answer;
}

}  // namespace

std::unique_ptr<FederatedQueryService> NewQueryService(const QueryServiceOptions& options,
                                                       Upstreams upstreams, ComputePool& pool,
                                                       const Clock& clock) {
  return std::make_unique<Service>(options, std::move(upstreams), pool, clock);
}

}  // namespace synoptic::aggregator
