// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The series of the real engine's storages, as our evaluator reads them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/eval/evaluator.h"
#include "promql/parse/ast.h"

namespace synoptic::compat {

struct World {
  int64_t start = 0;  // of its samples, ms
  int64_t end = 0;
  bool start_timestamps = false;
  std::vector<promql::RawSeries> series;  // sorted by labels
};

// The chunks as they are stored. Worlds without start timestamps are also read by remote read, in
// both of its forms, which must give the same samples.
absl::StatusOr<std::vector<World>> LoadWorlds(int port);

// Series of a world, all or some, for one query at a time.
class WorldSource final : public promql::DataSource {
 public:
  // `chosen`: numbers of the series to be seen; null: all. Both must outlive the source.
  WorldSource(const World& world, const std::vector<size_t>* chosen)
      : world_(world), chosen_(chosen) {}
  // Gives every selector in `expr` a fetch id of this source.
  void Bind(promql::Expr& expr);
  absl::StatusOr<std::span<const promql::RawSeries>> Raw(int fetch_id) override;
  absl::StatusOr<std::span<const promql::StepSeries>> Steps(int, const promql::Grid&) override;

 private:
  const World& world_;
  const std::vector<size_t>* chosen_;
  std::vector<std::vector<promql::RawSeries>> selected_;  // by fetch id
};

}  // namespace synoptic::compat
