// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/federation/federated_runner.h"

#include <set>

#include "base/status.h"
#include "fmt/format.h"
#include "tests/federation/same_answer.h"
#include "tests/promql/variants.h"

namespace synoptic::federation {
namespace {

using aggregator::QueryAnswer;
using promql::EvalResult;
using promql::Grid;
using promql::Labels;
using promql::RawSeries;

// As ADR 0003 has it for sums of parts.
constexpr Tolerance kParts{1e-9, 1};
constexpr size_t kMostShards = 6;
constexpr size_t kMostSamples = 10'000;

uint64_t Hash(const Labels& labels) {
  uint64_t hash = 14'695'981'039'346'656'037u;
  for (const char c : labels.ToString()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211u;
  }
  return hash >> 17;
}

bool IsPlainName(const std::string& name) {
  return name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") ==
         std::string::npos;
}

FederationOptions OptionsOf(bool features) {
  FederationOptions options;
  options.service.language = promqltest::TestParseOptions();
  options.service.max_samples = kMostSamples;
  options.service.delayed_name_removal = features;
  options.service.use_start_timestamps = features;
  return options;
}

aggregator::QueryRequest RequestOf(const std::string& expr, const Grid& grid, bool range) {
  aggregator::QueryRequest request;
  request.text = expr;
  request.grid = grid;
  request.range_query = range;
  request.explain = true;
  return request;
}

absl::Status Differs(const std::string& where, const std::string& what) {
  return MakeStatus(absl::StatusCode::kDataLoss, "{}: {}", where, what);
}

// An error that only asking everybody would have found may be missed (a shard that cannot
// contribute is not asked, so its duplicates go unnoticed); a new error may not appear.
absl::Status Compare(const std::string& where, const absl::StatusOr<EvalResult>& want,
                     const absl::StatusOr<QueryAnswer>& got, const Tolerance& tolerance,
                     bool strict) {
  if (!want.ok()) {
    if (!got.ok() || !strict) return absl::OkStatus();
    return Differs(where, fmt::format("no error: {}", MessageOf(want.status())));
  }
  if (!got.ok()) return Differs(where, std::string(MessageOf(got.status())));
  const std::string difference = Difference(want->value, got->value, tolerance);
  if (!difference.empty()) return Differs(where, difference + "\n" + got->explain);
  const bool same_notes = !strict || (want->annotations.warnings() == got->annotations.warnings() &&
                                      want->annotations.infos() == got->annotations.infos());
  return same_notes ? absl::OkStatus() : Differs(where, "other annotations");
}

}  // namespace

absl::StatusOr<Federation*> FederatedRunner::Hashed(size_t shards) {
  std::unique_ptr<Federation>& federation = federations_[fmt::format("{}", shards)];
  if (federation == nullptr) {
    std::vector<ShardData> data(shards);
    for (size_t i = 0; i < shards; ++i) {
      data[i] = {"r", fmt::format("s{}", i), {}, {{}}};
    }
    ASSIGN_OR_RETURN(std::vector<RawSeries> all, store().Chunked());
    for (RawSeries& series : all) {
      data[Hash(series.labels) % shards].replicas[0].push_back(std::move(series));
    }
    federation = std::make_unique<Federation>(std::move(data), OptionsOf(/*features=*/true));
  }
  return federation.get();
}

std::vector<std::string> FederatedRunner::Dividers() {
  std::map<std::string, std::set<std::string>> values;
  const auto all = store().Chunked();
  if (!all.ok()) return {};
  for (const RawSeries& series : *all) {
    for (const promql::Label label : series.labels) {
      if (label.name == promql::kMetricName) continue;
      values[std::string(label.name)].emplace(label.value);
    }
  }
  std::vector<std::string> out;
  for (const auto& [name, found] : values) {
    // Labels that start so are metadata and go when a name goes: none of a place.
    if (name.starts_with("__")) continue;
    if (IsPlainName(name) && found.size() >= 2 && found.size() < kMostShards) out.push_back(name);
  }
  return out;
}

absl::StatusOr<Federation*> FederatedRunner::Labelled(const std::string& label) {
  std::unique_ptr<Federation>& federation = federations_["by " + label];
  if (federation == nullptr) {
    ASSIGN_OR_RETURN(std::vector<RawSeries> all, store().Chunked());
    std::map<std::string, ShardData> shards;
    for (RawSeries& series : all) {
      const std::string value(series.labels.Get(label));
      ShardData& shard = shards[value];
      shard.region = "r";
      shard.shard = value.empty() ? "rest" : fmt::format("s{}", shards.size());
      if (!value.empty()) shard.labels = Labels::From({{label, value}});
      promql::LabelsBuilder builder(series.labels);
      builder.Delete(label);
      series.labels = builder.Build();
      if (shard.replicas.empty()) shard.replicas.emplace_back();
      shard.replicas[0].push_back(std::move(series));
    }
    std::vector<ShardData> data;
    for (auto& [value, shard] : shards) data.push_back(std::move(shard));
    federation = std::make_unique<Federation>(std::move(data), OptionsOf(/*features=*/false));
  }
  return federation.get();
}

absl::Status FederatedRunner::CompareHashed(const std::string& expr, const Grid& grid, bool range,
                                            const absl::StatusOr<EvalResult>& want) {
  for (size_t shards = 1; shards <= 3; ++shards) {
    ASSIGN_OR_RETURN(Federation * federation, Hashed(shards));
    const auto got = federation->Ask(RequestOf(expr, grid, range));
    ++tally_.hashed;
    RETURN_IF_ERROR(
        Compare(fmt::format("over {} shards", shards), want, got, Tolerance(), /*strict=*/true));
  }
  return absl::OkStatus();
}

absl::Status FederatedRunner::CompareLabelled(const std::string& expr, const Grid& grid,
                                              bool range) {
  const absl::StatusOr<EvalResult> want = QueryHere(expr, grid, range, /*features=*/false);
  for (const std::string& label : Dividers()) {
    ASSIGN_OR_RETURN(Federation * federation, Labelled(label));
    const auto got = federation->Ask(RequestOf(expr, grid, range));
    ++tally_.labelled;
    if (got.ok() && got->explain.find(" steps ") != std::string::npos) ++tally_.pushed;
    RETURN_IF_ERROR(Compare("shards by " + label, want, got, kParts, /*strict=*/false));
  }
  return absl::OkStatus();
}

absl::StatusOr<EvalResult> FederatedRunner::Query(const std::string& expr, const Grid& grid,
                                                  bool range) {
  absl::StatusOr<EvalResult> here = QueryHere(expr, grid, range, /*features=*/true);
  RETURN_IF_ERROR(CompareHashed(expr, grid, range, here));
  RETURN_IF_ERROR(CompareLabelled(expr, grid, range));
  return here;
}

}  // namespace synoptic::federation
