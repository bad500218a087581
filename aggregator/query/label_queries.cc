// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/label_queries.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "aggregator/merge/merge.h"
#include "aggregator/query/ask_shards.h"
#include "aggregator/query/outcome.h"
#include "base/status.h"
#include "promql/parse/parser.h"
#include "promql/plan/shard_text.h"

namespace synoptic::aggregator {
namespace {

using promql::Labels;
using promql::Matcher;
using Selectors = std::vector<std::vector<Matcher>>;

constexpr char kTruncated[] = "results truncated due to limit";

absl::StatusOr<Selectors> ParseSelectors(const std::vector<std::string>& texts) {
  Selectors out;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(std::vector<Matcher> matchers, promql::ParseMetricSelector(text));
    out.push_back(std::move(matchers));
  }
  return out;
}

// The request in one shard's terms; nullopt when no selector can match there.
std::optional<LabelsRequest> RequestAt(const LabelsQuery& query, const Selectors& selectors,
                                       const Reach& reach, size_t shard,
                                       const promql::NameSet& topology_labels) {
  LabelsRequest request;
  request.min_t = query.min_t;
  request.max_t = query.max_t;
  request.limit = query.limit;
  request.via = query.via;
  // Where series are dropped again here (MatchesAny), the first ones are not known there.
  for (const std::vector<Matcher>& matchers : selectors) {
    for (const Matcher& matcher : matchers) {
      if (matcher.name().starts_with("exported_")) request.limit = 0;
    }
  }
  if (reach.IsOwn(shard)) {
    request.selectors = selectors;
    return request;
  }
  const Labels& shard_labels = reach.shards[shard].place.labels;
  for (const std::vector<Matcher>& matchers : selectors) {
    if (auto at = promql::MatchersAt(matchers, shard_labels, topology_labels)) {
      request.selectors.push_back(*std::move(at));
    }
  }
  if (!selectors.empty() && request.selectors.empty()) return std::nullopt;
  return request;
}

// The stores of a shard that may have something in the query's time.
std::vector<std::shared_ptr<ShardClient>> WhoToAsk(const ReachableShard& shard,
                                                   const LabelsQuery& query, const Clock& clock) {
  const StoreTimes times(shard.stores, clock.WallMillis());
  std::vector<std::shared_ptr<ShardClient>> out;
  for (size_t i = 0; i < shard.stores.size(); ++i) {
    const bool bounded = query.min_t != 0 || query.max_t != 0;
    if (bounded && !times.MayHold(i, {query.min_t, query.max_t})) continue;
    out.push_back(shard.stores[i].client);
  }
  return out;
}

// Whether a selector has a matcher that no upstream applies as we mean it: its label is renamed,
// dropped or set on the way in.
bool NotAllApply(const Selectors& selectors, const Inventory& inventory,
                 const promql::NameSet& topology_labels) {
  const auto is_ours = [&](const Matcher& matcher) {
    const std::string& name = matcher.name();
    if (name.starts_with("exported_")) return true;
    if (std::find(topology_labels.begin(), topology_labels.end(), name) != topology_labels.end()) {
      return true;
    }
    return std::any_of(inventory.regions.begin(), inventory.regions.end(), [&](const Region& one) {
      const auto& dropped = one.replica_labels;
      return std::find(dropped.begin(), dropped.end(), name) != dropped.end();
    });
  };
  return std::any_of(selectors.begin(), selectors.end(), [&](const auto& matchers) {
    return std::any_of(matchers.begin(), matchers.end(), is_ours);
  });
}

// Answers by shard in order of the legs, those that came; the coverage says which did not.
template <class List>
struct Gathered {
  std::vector<std::pair<size_t, decltype(List::items)>> answers;  // shard, its items
  std::vector<std::string> warnings;                              // of upstreams, each once
  Coverage coverage;
  std::string explain;
};

// What an upstream cut off at the limit we told it is no news: what is left is cut here, too.
void AddOnce(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& text : from) {
    if (text != kTruncated && std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
}

std::string ExplainPart(const ReachableShard& shard, const AnswerInfo& info) {
  std::string out = absl::StrCat(shard.place.region, "/", shard.place.shard, ": ", info.bytes,
                                 " bytes from ", info.replica);
  for (const std::string& note : info.notes) absl::StrAppend(&out, ", ", note);
  return out;
}

template <class List>
Task<Gathered<List>> Gather(const Reach& reach, Deadline deadline, FetchEnvironment environment,
                            int64_t min_t, int64_t max_t, std::vector<ShardLeg<List>> legs) {
  std::vector<size_t> asked;
  for (const ShardLeg<List>& leg : legs) asked.push_back(leg.shard);
  std::vector<absl::StatusOr<List>> answers =
      co_await AskShards(environment.legs, environment.clock, reach, deadline,
                         environment.region_deadline, std::move(legs));
  Gathered<List> out;
  out.coverage = NotAsked(reach);
  for (size_t i = 0; i < answers.size(); ++i) {
    const ReachableShard& place = reach.shards[asked[i]];
    if (!answers[i].ok()) CO_RETURN_IF_ERROR(FailsTheQuery(place, answers[i].status()));
    PartCoverage part = answers[i].ok() ? AnsweredPart(place, answers[i]->info)
                                        : MissingPart(place, answers[i].status());
    part.min_t = min_t;
    part.max_t = max_t;
    out.coverage.Add(std::move(part));
    if (!answers[i].ok()) continue;
    AddOnce(answers[i]->info.warnings, out.warnings);
    absl::StrAppend(&out.explain, ExplainPart(place, answers[i]->info), "\n");
    out.answers.emplace_back(asked[i], std::move(answers[i]->items));
  }
  CO_RETURN_IF_ERROR(CheckAnswered(reach, out.coverage));
  co_return out;
}

void Limit(int64_t limit, auto& answer) {
  if (limit <= 0 || answer.items.size() <= static_cast<size_t>(limit)) return;
  answer.items.resize(static_cast<size_t>(limit));
  answer.warnings.emplace_back(kTruncated);
}

// Who is asked, and where its lists are kept. A leg's own: it may outlive the query.
struct ListDoor {
  std::shared_ptr<ShardClient> client;
  std::shared_ptr<ShardLists> lists;  // null: asked each time
  TaskGroup& background;
};

ListDoor DoorOf(const ReachableShard& shard, std::shared_ptr<ShardClient> client, bool old_will_do,
                const FetchEnvironment& environment) {
  ListDoor door{std::move(client), nullptr, environment.legs};
  if (!old_will_do || shard.cache == nullptr) return door;
  // Stores of different ages are told apart by their servers.
  if (shard.stores.size() > 1 && door.client->replica_names().empty()) return door;
  door.lists = shard.cache->lists();
  if (door.lists != nullptr && !door.client->available()) door.lists->Leave();
  return door;
}

template <class List>
Task<List> AskDoor(ListDoor door, ListQuestion question, ShardLists::Ask<List> ask,
                   Deadline deadline, std::shared_ptr<LegMemory> memory = nullptr) {
  MemoryBudget* const budget = memory == nullptr ? nullptr : &memory->leg;
  if (door.lists == nullptr) co_return co_await ask(deadline, budget);
  question.store = absl::StrJoin(door.client->replica_names(), " ");
  co_return co_await door.lists->Get<List>(std::move(question), std::move(ask),
                                           door.client->available(), door.background, deadline,
                                           budget);
}

Task<SeriesList> AskSeries(ListDoor door, LabelsRequest request, Deadline deadline,
                           std::shared_ptr<LegMemory> memory) {
  ListQuestion question{ListQuestion::Kind::kSeries, "", "", request};
  ShardLists::Ask<SeriesList> ask = [client = door.client, request](Deadline at,
                                                                    MemoryBudget* budget) {
    return client->Series(request, at, budget);
  };
  co_return co_await AskDoor<SeriesList>(std::move(door), std::move(question), std::move(ask),
                                         deadline, std::move(memory));
}

Task<ListOf<std::string>> AskNames(ListDoor door, LabelsRequest request, Deadline deadline) {
  ListQuestion question{ListQuestion::Kind::kNames, "", "", request};
  ShardLists::Ask<ListOf<std::string>> ask = [client = door.client, request](Deadline at,
                                                                             MemoryBudget*) {
    return client->LabelNames(request, at);
  };
  co_return co_await AskDoor<ListOf<std::string>>(std::move(door), std::move(question),
                                                  std::move(ask), deadline);
}

Task<ListOf<std::string>> AskValues(ListDoor door, std::string name, LabelsRequest request,
                                    Deadline deadline) {
  ListQuestion question{ListQuestion::Kind::kValues, "", name, request};
  ShardLists::Ask<ListOf<std::string>> ask = [client = door.client, name, request](Deadline at,
                                                                                   MemoryBudget*) {
    return client->LabelValues(name, request, at);
  };
  co_return co_await AskDoor<ListOf<std::string>>(std::move(door), std::move(question),
                                                  std::move(ask), deadline);
}

// One document, as a list to treat it like the others.
Task<ListOf<ShardDocument>> AskDocument(ListDoor door, DocumentsQuery query) {
  ShardDocument document{door.client->region(), door.client->shard(), ""};
  ListQuestion question{
      ListQuestion::Kind::kDocument, "", absl::StrCat(query.path, "?", query.query), {}};
  question.request.via = query.via;
  ShardLists::Ask<JsonAnswer> ask = [client = door.client, query](Deadline at, MemoryBudget*) {
    return client->Json(query.path, query.query, query.via, at);
  };
  CO_ASSIGN_OR_RETURN(JsonAnswer answer,
                      co_await AskDoor<JsonAnswer>(std::move(door), std::move(question),
                                                   std::move(ask), query.deadline));
  document.data = std::move(answer.data);
  co_return ListOf<ShardDocument>{{std::move(document)}, std::move(answer.info)};
}

// Looks, in the background, whether shards began anew: their lists are forgotten then.
boost::asio::awaitable<void> Watch(const Reach& reach, FetchEnvironment environment) {
  WatchEdges(reach, co_await boost::asio::this_coro::executor, environment.clock, environment.legs);
}

// Series whose labels an upstream could not match itself (renamed on the way in) are held against
// the selectors again here; for others this changes nothing.
bool MatchesAny(const Selectors& selectors, const Labels& labels) {
  return selectors.empty() ||
         std::any_of(selectors.begin(), selectors.end(), [&](const std::vector<Matcher>& all) {
           return std::all_of(all.begin(), all.end(),
                              [&](const Matcher& matcher) { return matcher.Matches(labels); });
         });
}

}  // namespace

Task<SeriesAnswer> SeriesOf(LabelsQuery query, UpstreamsRef upstreams, FetchEnvironment environment,
                            std::shared_ptr<MemoryBudget> all_memory, QueryServiceOptions options) {
  CO_ASSIGN_OR_RETURN(const Reach reach, ReachOf(*upstreams, query.regions, query.partial));
  co_await Watch(reach, environment);
  CO_ASSIGN_OR_RETURN(const Selectors selectors, ParseSelectors(query.selectors));
  const promql::NameSet ours = upstreams->inventory.MakeTopology().LabelNames();
  const auto memory = std::make_shared<QueryMemory>(all_memory, options.max_memory_bytes);
  std::vector<ShardLeg<SeriesList>> legs;
  for (size_t i = 0; i < reach.shards.size(); ++i) {
    auto request = RequestAt(query, selectors, reach, i, ours);
    if (!request || !reach.shards[i].asked) continue;
    for (auto& client : WhoToAsk(reach.shards[i], query, environment.clock)) {
      legs.push_back(
          {i, 0,
           AskSeries(DoorOf(reach.shards[i], std::move(client), !query.nocache, environment),
                     *request, query.deadline, std::make_shared<LegMemory>(memory))});
    }
  }
  CO_ASSIGN_OR_RETURN(auto gathered, co_await Gather(reach, query.deadline, environment,
                                                     query.min_t, query.max_t, std::move(legs)));
  std::vector<LabelTexts> parts;
  for (auto& [shard, sets] : gathered.answers) parts.push_back(std::move(sets));
  SeriesAnswer answer;
  const bool filter = NotAllApply(selectors, upstreams->inventory, ours);
  const auto merge = [&] {
    LabelTexts sets = MergeLabelTexts(parts);
    if (filter) {
      sets.Filter([&](const Labels& labels) { return MatchesAny(selectors, labels); });
    }
    return sets;
  };
  // Merged in some hundred microseconds: the way to the pool and back is worth it for more.
  constexpr size_t kShortBytes = 1 << 20;
  size_t bytes = 0;
  for (const LabelTexts& part : parts) bytes += part.text().size();
  if (!filter && bytes < kShortBytes) {
    answer.items = merge();
  } else {
    CO_ASSIGN_OR_RETURN(answer.items, co_await RunOn(environment.pool, merge));
  }
  answer.warnings = std::move(gathered.warnings);
  answer.coverage = std::move(gathered.coverage);
  if (query.explain) answer.explain = std::move(gathered.explain);
  Limit(query.limit, answer);
  co_return answer;
}

Task<ListAnswer<std::string>> LabelNamesOf(LabelsQuery query, UpstreamsRef upstreams,
                                           FetchEnvironment environment) {
  CO_ASSIGN_OR_RETURN(const Reach reach, ReachOf(*upstreams, query.regions, query.partial));
  co_await Watch(reach, environment);
  CO_ASSIGN_OR_RETURN(const Selectors selectors, ParseSelectors(query.selectors));
  const promql::NameSet ours = upstreams->inventory.MakeTopology().LabelNames();
  std::vector<ShardLeg<ListOf<std::string>>> legs;
  for (size_t i = 0; i < reach.shards.size(); ++i) {
    auto request = RequestAt(query, selectors, reach, i, ours);
    if (!request || !reach.shards[i].asked) continue;
    for (auto& client : WhoToAsk(reach.shards[i], query, environment.clock)) {
      legs.push_back(
          {i, 0,
           AskNames(DoorOf(reach.shards[i], std::move(client), !query.nocache, environment),
                    *request, query.deadline)});
    }
  }
  CO_ASSIGN_OR_RETURN(auto gathered, co_await Gather(reach, query.deadline, environment,
                                                     query.min_t, query.max_t, std::move(legs)));
  std::vector<std::vector<std::string>> parts;
  for (auto& [shard, names] : gathered.answers) {
    parts.push_back(std::move(names));
  }
  ListAnswer<std::string> answer;
  answer.items = MergeNames(std::move(parts));
  answer.warnings = std::move(gathered.warnings);
  answer.coverage = std::move(gathered.coverage);
  if (query.explain) answer.explain = std::move(gathered.explain);
  Limit(query.limit, answer);
  co_return answer;
}

Task<ListAnswer<std::string>> LabelValuesOf(std::string name, LabelsQuery query,
                                            UpstreamsRef upstreams, FetchEnvironment environment) {
  CO_ASSIGN_OR_RETURN(const Reach reach, ReachOf(*upstreams, query.regions, query.partial));
  co_await Watch(reach, environment);
  CO_ASSIGN_OR_RETURN(const Selectors selectors, ParseSelectors(query.selectors));
  const promql::NameSet ours = upstreams->inventory.MakeTopology().LabelNames();
  std::vector<ShardLeg<ListOf<std::string>>> legs;
  for (size_t i = 0; i < reach.shards.size(); ++i) {
    const ReachableShard& shard = reach.shards[i];
    auto request = RequestAt(query, selectors, reach, i, ours);
    if (!request || !reach.shards[i].asked) continue;
    for (auto& client : WhoToAsk(shard, query, environment.clock)) {
      legs.push_back({i, 0,
                      AskValues(DoorOf(shard, std::move(client), !query.nocache, environment), name,
                                *request, query.deadline)});
    }
  }
  CO_ASSIGN_OR_RETURN(auto gathered, co_await Gather(reach, query.deadline, environment,
                                                     query.min_t, query.max_t, std::move(legs)));
  std::vector<std::vector<std::string>> parts;
  for (auto& [shard, values] : gathered.answers) parts.push_back(std::move(values));
  ListAnswer<std::string> answer;
  answer.items = MergeNames(std::move(parts));
  answer.warnings = std::move(gathered.warnings);
  answer.coverage = std::move(gathered.coverage);
  if (query.explain) answer.explain = std::move(gathered.explain);
  Limit(query.limit, answer);
  co_return answer;
}

Task<ListAnswer<ShardDocument>> DocumentsOf(DocumentsQuery query, UpstreamsRef upstreams,
                                            FetchEnvironment environment) {
  CO_ASSIGN_OR_RETURN(const Reach reach, ReachOf(*upstreams, {}, PartialPolicy::kDegrade));
  co_await Watch(reach, environment);
  std::vector<ShardLeg<ListOf<ShardDocument>>> legs;
  for (size_t i = 0; i < reach.shards.size(); ++i) {
    if (reach.IsOwn(i)) continue;
    // Rules, alerts, targets and metadata are those of now.
    legs.push_back({i, 0,
                    AskDocument(DoorOf(reach.shards[i], reach.shards[i].stores[0].client,
                                       query.may_be_old, environment),
                                query)});
  }
  CO_ASSIGN_OR_RETURN(auto gathered,
                      co_await Gather(reach, query.deadline, environment, 0, 0, std::move(legs)));
  ListAnswer<ShardDocument> answer;
  for (auto& [shard, documents] : gathered.answers) {
    std::move(documents.begin(), documents.end(), std::back_inserter(answer.items));
  }
  answer.warnings = std::move(gathered.warnings);
  answer.coverage = std::move(gathered.coverage);
  if (query.explain) answer.explain = std::move(gathered.explain);
  co_return answer;
}

}  // namespace synoptic::aggregator
