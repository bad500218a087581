// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/store/recorded_shard.h"

#include <set>

#include "aggregator/upstream/series_set.h"
#include "base/status.h"

namespace synoptic::aggregator {
namespace {

constexpr char kReplica[] = "store";

absl::Status NotHere() {
  return MakeStatus(absl::StatusCode::kUnimplemented, "recorded series answer with samples only");
}

template <class T>
void Limit(int64_t limit, std::vector<T>& items) {
  if (limit > 0 && items.size() > static_cast<size_t>(limit))
    items.resize(static_cast<size_t>(limit));
}

class RecordedShard final : public ShardClient {
 public:
  RecordedShard(std::shared_ptr<SeriesStore> store, std::string region, std::string shard,
                ComputePool& pool, const Clock& clock, MayLack may_lack)
      : store_(std::move(store)),
        region_(std::move(region)),
        shard_(std::move(shard)),
        pool_(pool),
        clock_(clock),
        may_lack_(std::move(may_lack)) {}

  Task<StepAnswer> Steps(StepRequest, Deadline, MemoryBudget*) override { co_return NotHere(); }
  Task<JsonAnswer> Json(std::string, std::string, std::string, Deadline) override {
    co_return NotHere();
  }

  Task<RawAnswer> Raw(RawRequest request, Deadline, MemoryBudget* budget) override {
    const MonoTime start = clock_.Mono();
    RawAnswer answer;
    CO_ASSIGN_OR_RETURN(answer.series, co_await RunOn(pool_, [&] {
                          return store_->Read(request.matchers, request.min_t, request.max_t,
                                              budget);
                        }));
    if (may_lack_ != nullptr &&
        may_lack_(request.matchers, request.min_t, request.max_t, request.lane)) {
      answer.info.coverage = "partial; missing=recordings(missed)";
    }
    answer.info.replica = kReplica;
    answer.info.duration = clock_.Mono() - start;
    for (const promql::RawSeries& one : answer.series) {
      answer.info.charged_bytes += HeldBytes(one);
      for (const promql::Chunk& chunk : std::get<std::vector<promql::Chunk>>(one.data)) {
        answer.info.bytes += static_cast<int64_t>(chunk.bytes.size());
      }
    }
    if (budget == nullptr) answer.info.charged_bytes = 0;
    co_return answer;
  }

  Task<SeriesList> Series(LabelsRequest request, Deadline, MemoryBudget* budget) override {
    CO_ASSIGN_OR_RETURN(std::vector<promql::Labels> series, co_await Find(request));
    Limit(request.limit, series);
    SeriesList answer{LabelTexts(series), {}};
    answer.info.replica = kReplica;
    const int64_t bytes =
        LabelTexts::BytesFor(answer.items.text_capacity(), answer.items.set_capacity());
    if (budget != nullptr) {
      CO_RETURN_IF_ERROR(budget->Charge(bytes));
      answer.info.charged_bytes = bytes;
    }
    co_return answer;
  }
  Task<ListOf<std::string>> LabelNames(LabelsRequest request, Deadline) override {
    CO_ASSIGN_OR_RETURN(const std::vector<promql::Labels> series, co_await Find(request));
    std::set<std::string, std::less<>> names;
    for (const promql::Labels& labels : series) {
      for (const promql::Label label : labels) {
        if (!names.contains(label.name)) names.emplace(label.name);
      }
    }
    co_return Named({names.begin(), names.end()}, request.limit);
  }
  Task<ListOf<std::string>> LabelValues(std::string name, LabelsRequest request,
                                        Deadline) override {
    CO_ASSIGN_OR_RETURN(const std::vector<promql::Labels> series, co_await Find(request));
    std::set<std::string, std::less<>> values;
    for (const promql::Labels& labels : series) {
      const std::string_view value = labels.Get(name);
      if (!value.empty() && !values.contains(value)) values.emplace(value);
    }
    co_return Named({values.begin(), values.end()}, request.limit);
  }

  bool available() const override { return true; }
  const std::string& region() const override { return region_; }
  const std::string& shard() const override { return shard_; }

 private:
  Task<std::vector<promql::Labels>> Find(const LabelsRequest& request) {
    // Where nothing was recorded, the way to the pool and back is most of a short list's cost.
    if (!store_->MayHold({})) co_return std::vector<promql::Labels>();
    co_return co_await RunOn(pool_, [&]() -> absl::StatusOr<std::vector<promql::Labels>> {
      return store_->Series(request.selectors, request.min_t, request.max_t);
    });
  }
  static ListOf<std::string> Named(std::vector<std::string> items, int64_t limit) {
    Limit(limit, items);
    ListOf<std::string> answer;
    answer.items = std::move(items);
    answer.info.replica = kReplica;
    return answer;
  }

  const std::shared_ptr<SeriesStore> store_;
  const std::string region_;
  const std::string shard_;
  ComputePool& pool_;
  const Clock& clock_;
  const MayLack may_lack_;
};

}  // namespace

std::shared_ptr<ShardClient> NewRecordedShard(std::shared_ptr<SeriesStore> store,
                                              std::string region, std::string shard,
                                              ComputePool& pool, const Clock& clock,
                                              MayLack may_lack) {
  return std::make_shared<RecordedShard>(std::move(store), std::move(region), std::move(shard),
                                         pool, clock, std::move(may_lack));
}

}  // namespace synoptic::aggregator
