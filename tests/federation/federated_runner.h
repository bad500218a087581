// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus' test scripts against a federation: every query of a case is also asked of several
// federations that hold the case's series between them, and each answer compared with that of one
// place.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "tests/federation/federation.h"
#include "tests/promql/runner.h"

namespace synoptic::federation {

// How the series are spread.
//   hashed    over 1, 2, 3 shards without labels of their own, by the hash of their labels: nothing
//             can be pushed to more than one; samples come by remote read
//   labelled  by the values of a label that becomes the shards' own: parts are pushed down by the
//             query API, the rest comes by remote read
struct Tally {
  int hashed = 0;
  int labelled = 0;
  int pushed = 0;  // of the labelled ones: those with a part that was pushed down
};

class FederatedRunner final : public promqltest::Runner {
 public:
  const Tally& tally() const { return tally_; }

 protected:
  void OnData() override { federations_.clear(); }
  absl::StatusOr<promql::EvalResult> Query(const std::string& expr, const promql::Grid& grid,
                                           bool range) override;

 private:
  absl::Status CompareHashed(const std::string& expr, const promql::Grid& grid, bool range,
                             const absl::StatusOr<promql::EvalResult>& want);
  absl::Status CompareLabelled(const std::string& expr, const promql::Grid& grid, bool range);
  absl::StatusOr<Federation*> Hashed(size_t shards);
  absl::StatusOr<Federation*> Labelled(const std::string& label);
  // Labels that few enough values of can stand for shards.
  std::vector<std::string> Dividers();

  std::map<std::string, std::unique_ptr<Federation>> federations_;
  Tally tally_;
};

}  // namespace synoptic::federation
