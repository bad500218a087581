// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/capacity_desk.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "base/go_format.h"
#include "base/status.h"
#include "base/strings.h"
#include "promql/model/sample.h"
#include "reports/data_age.h"

namespace synoptic::reports {
namespace {

constexpr std::string_view kParts[] = {"demand", "supply", "limit", "quota"};
constexpr size_t kPartCount = 4;

const Amount& PartOf(const Resource& resource, size_t part) {
  const Amount* const amounts[] = {&resource.demand, &resource.supply, &resource.limit,
                                   &resource.quota};
  return *amounts[part];
}

std::optional<double>& PartOf(RegionInputs& inputs, size_t part) {
  std::optional<double>* const values[] = {&inputs.demand, &inputs.supply, &inputs.limit,
                                           &inputs.quota};
  return *values[part];
}

bool Carries(const promql::Labels& series, const promql::Labels& region) {
  for (const promql::Label label : region) {
    if (series.Get(label.name) != label.value) return false;
  }
  return true;
}

// `series` without the region's labels and the name, as text; "" when nothing is left.
std::string PoolText(const promql::Labels& series, const promql::Labels& region) {
  promql::LabelsBuilder builder(series);
  builder.DeleteMetadata();
  for (const promql::Label label : region) builder.Delete(label.name);
  const promql::Labels left = builder.Build();
  return left.empty() ? "" : left.ToString();
}

// The pools of a resource, found by the labels of their series. A thousand pools in five regions
// are as many thousand look-ups, so that a key is bytes in a buffer and a pool's text is made once.
class Pools {
 public:
  explicit Pools(const CapacitySpec& spec, size_t resource) : spec_(spec), resource_(resource) {}

  absl::Status Sort(size_t part, const Answer& answer) {
    for (const Answer::Series& series : answer.series) {
      if (series.values.empty() || promql::IsAbsent(series.values[0]) ||
          std::isnan(series.values[0])) {
        continue;
      }
      const auto region =
          std::find_if(spec_.regions.begin(), spec_.regions.end(),
                       [&](const RegionInfo& r) { return Carries(series.labels, r.labels); });
      if (region == spec_.regions.end()) {
        return InvalidArgument(
            "{} of {}: series {} carries the labels of no region; expected them kept, as in sum by "
            "(region) (...)",
            kParts[part], spec_.resources[resource_].name, series.labels.ToString());
      }
      PoolInputs& pool = PoolOf(series.labels, region->labels);
      PartOf(pool.regions[static_cast<size_t>(region - spec_.regions.begin())], part) =
          series.values[0];
    }
    return absl::OkStatus();
  }

  // Numbers of the configuration go to every pool there is, or make the only one.
  void AddFixed() {
    for (size_t part = 0; part < kPartCount; ++part) {
      const Amount& amount = PartOf(spec_.resources[resource_], part);
      if (amount.fixed.empty()) continue;
      if (pools_.empty()) pools_.push_back(Empty(""));
      for (PoolInputs& pool : pools_) {
        for (size_t r = 0; r < spec_.regions.size(); ++r) {
          const auto it = amount.fixed.find(spec_.regions[r].name);
          if (it != amount.fixed.end()) PartOf(pool.regions[r], part) = it->second;
        }
      }
    }
  }

  std::vector<PoolInputs> Take() {
    std::sort(pools_.begin(), pools_.end(),
              [](const PoolInputs& a, const PoolInputs& b) { return a.pool < b.pool; });
    return std::move(pools_);
  }

 private:
  PoolInputs Empty(std::string name) const {
    return {resource_, std::move(name), std::vector<RegionInputs>(spec_.regions.size())};
  }

  PoolInputs& PoolOf(const promql::Labels& series, const promql::Labels& region) {
    key_.clear();
    const auto append = [this](std::string_view text) {
      const size_t size = text.size();
      key_.append(reinterpret_cast<const char*>(&size), sizeof(size)).append(text);
    };
    for (const promql::Label label : series) {
      if (promql::IsMetadataLabel(label.name) || !region.Get(label.name).empty()) continue;
      append(label.name);
      append(label.value);
    }
    const auto [it, fresh] = index_.try_emplace(key_, pools_.size());
    if (fresh) pools_.push_back(Empty(PoolText(series, region)));
    return pools_[it->second];
  }

  const CapacitySpec& spec_;
  const size_t resource_;
  std::vector<PoolInputs> pools_;
  absl::flat_hash_map<std::string, size_t> index_;
  std::string key_;
};

std::string WhyUnseen(const std::vector<const Answer*>& answers, std::string_view region) {
  for (size_t part = 0; part < answers.size(); ++part) {
    if (answers[part] == nullptr) continue;
    for (const Unseen& unseen : answers[part]->unseen) {
      if (unseen.region == region) return unseen.reason;
    }
  }
  return "";
}

}  // namespace

std::string CoverageText(const std::vector<Unseen>& unseen) {
  if (unseen.empty()) return "complete";
  std::string text = "missing";
  for (size_t i = 0; i < unseen.size(); ++i) {
    text += fmt::format("{} {} ({})", i > 0 ? "," : "", unseen[i].region, unseen[i].reason);
  }
  return text;
}

absl::StatusOr<std::vector<PoolInputs>> PoolsOf(const CapacitySpec& spec, size_t resource,
                                                const std::vector<const Answer*>& answers) {
  Pools pools(spec, resource);
  for (size_t part = 0; part < answers.size(); ++part) {
    if (answers[part] != nullptr) RETURN_IF_ERROR(pools.Sort(part, *answers[part]));
  }
  pools.AddFixed();
  std::vector<PoolInputs> result = pools.Take();
  for (PoolInputs& pool : result) {
    for (size_t r = 0; r < spec.regions.size(); ++r) {
      RegionInputs& in = pool.regions[r];
      in.unseen = WhyUnseen(answers, spec.regions[r].name);
      if (!in.unseen.empty()) {
        // Half an answer of a region with several shards is no answer.
        in.demand.reset();
        in.supply.reset();
      } else if (in.demand.has_value() != in.supply.has_value()) {
        in.unseen = in.demand ? "no series of supply" : "no series of demand";
      }
    }
  }
  return result;
}

void CapacityDesk::Recall(int64_t at_ms, CapacityInputs* inputs) const {
  for (PoolInputs& pool : inputs->pools) {
    const auto resource = memory_.find(spec_.resources[pool.resource].name);
    for (size_t r = 0; r < pool.regions.size(); ++r) {
      RegionInputs& in = pool.regions[r];
      if (in.unseen.empty() || resource == memory_.end()) continue;
      const auto known = resource->second.find(pool.pool);
      const Seen* seen = nullptr;
      if (known != resource->second.end()) {
        const auto it = known->second.find(spec_.regions[r].name);
        if (it != known->second.end() && it->second.at_ms <= at_ms) seen = &it->second;
      }
      if (seen == nullptr || in.demand) continue;
      in.demand = seen->demand;
      in.demand_age_s = static_cast<double>(at_ms - seen->at_ms) / 1000;
      if (!in.supply) in.supply = seen->supply;
    }
  }
}

void CapacityDesk::Remember(int64_t at_ms, const CapacityInputs& inputs) {
  if (at_ms < newest_ms_) return;  // the past teaches nothing about now
  newest_ms_ = at_ms;
  for (const PoolInputs& pool : inputs.pools) {
    for (size_t r = 0; r < pool.regions.size(); ++r) {
      const RegionInputs& in = pool.regions[r];
      if (!in.unseen.empty() || !in.demand || !in.supply) continue;
      memory_[spec_.resources[pool.resource].name][pool.pool][spec_.regions[r].name] = {
          *in.demand, *in.supply, at_ms};
    }
  }
}

void CapacityDesk::TakeMemoryOf(const CapacityDesk& other) {
  for (const Resource& resource : spec_.resources) {
    const auto it = other.memory_.find(resource.name);
    if (it != other.memory_.end()) memory_[resource.name] = it->second;
  }
  newest_ms_ = other.newest_ms_;
}

Task<CapacityInputs> CapacityDesk::Gather(Door door, int64_t at_ms, bool with_age,
                                          Deadline deadline) {
  const promql::Grid grid = promql::Grid::Instant(at_ms);
  std::vector<Question> questions;
  // Index of the question of a resource's part; the last is about age. -1: none.
  std::vector<std::array<int, kPartCount + 1>> asked(spec_.resources.size());
  const auto ask = [&](const std::string& query) {
    questions.push_back({query, grid});
    return static_cast<int>(questions.size()) - 1;
  };
  for (size_t q = 0; q < spec_.resources.size(); ++q) {
    for (size_t part = 0; part < kPartCount; ++part) {
      const std::string& query = PartOf(spec_.resources[q], part).query;
      asked[q][part] = query.empty() ? -1 : ask(query);
    }
    const auto age = with_age ? NewestSampleQuery(spec_.resources[q].demand.query) : std::nullopt;
    asked[q][kPartCount] = age ? ask(*age) : -1;
  }
  const auto answers = co_await AskAll(door, std::move(questions), deadline);
  CapacityInputs inputs;
  inputs.at_ms = at_ms;
  for (size_t q = 0; q < spec_.resources.size(); ++q) {
    const Resource& resource = spec_.resources[q];
    std::vector<const Answer*> parts;
    std::vector<Unseen> unseen;
    for (size_t part = 0; part < kPartCount; ++part) {
      if (asked[q][part] < 0) {
        parts.push_back(nullptr);
        continue;
      }
      const auto& answer = answers[static_cast<size_t>(asked[q][part])];
      if (!answer.ok()) {
        co_return Annotate(answer.status(), fmt::format("{} of {}", kParts[part], resource.name));
      }
      parts.push_back(&*answer);
      for (const Unseen& one : answer->unseen) {
        const bool known = std::any_of(unseen.begin(), unseen.end(),
                                       [&](const Unseen& u) { return u.region == one.region; });
        if (!known) unseen.push_back(one);
      }
      for (const std::string& warning : answer->warnings) inputs.warnings.push_back(warning);
    }
    CO_ASSIGN_OR_RETURN(std::vector<PoolInputs> pools, PoolsOf(spec_, q, parts));
    std::move(pools.begin(), pools.end(), std::back_inserter(inputs.pools));
    Source source;
    std::vector<std::string> queries;
    for (size_t part = 0; part < kPartCount; ++part) {
      const std::string& query = PartOf(resource, part).query;
      if (!query.empty()) queries.push_back(fmt::format("{}: {}", kParts[part], query));
    }
    source.query = Join(queries, "; ");
    source.model = spec_.ModelText();
    source.coverage = CoverageText(unseen);
    if (asked[q][kPartCount] >= 0) {
      source.age_s = AgeOf(answers[static_cast<size_t>(asked[q][kPartCount])]);
    }
    inputs.sources.push_back(std::move(source));
  }
  Recall(at_ms, &inputs);
  Remember(at_ms, inputs);
  co_return inputs;
}

}  // namespace synoptic::reports
