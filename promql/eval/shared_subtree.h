// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Aggregations that are written more than once in a query, (sum(a) - sum(b)) / sum(a): evaluated
// once, and their few columns kept for the others. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "promql/model/grid.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

class Operator;
struct Scope;

class SharedSubtrees {
 public:
  // What Build would do for one of them that is looked at for the first time.
  using BuildOne = absl::StatusOr<std::unique_ptr<Operator>> (*)(const Aggregate&, const Scope&);

  SharedSubtrees();
  ~SharedSubtrees();
  SharedSubtrees(const SharedSubtrees&) = delete;
  SharedSubtrees& operator=(const SharedSubtrees&) = delete;

  // Looks for aggregations that `expr` has more than once, the outermost ones only. `expr` must
  // outlive this.
  void Find(const Expr& expr);
  // The operator of `node`, with what its twin found; or as `build` makes it.
  absl::StatusOr<std::unique_ptr<Operator>> Build(const Aggregate& node, const Scope& scope,
                                                  BuildOne build);

 private:
  struct Result;
  // Which of them, and where: the same text means something else on another grid.
  using Key = std::tuple<int, int64_t, int64_t, int64_t, int64_t>;

  absl::flat_hash_map<const Expr*, int> twins_;
  std::map<Key, std::shared_ptr<Result>> results_;
};

}  // namespace synoptic::promql::internal
