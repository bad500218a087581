// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// info(): at which time info series are looked at, and which they are. Private to promql/parse.
#pragma once

#include <cstdint>
#include <optional>

#include "promql/parse/ast.h"

namespace synoptic::promql {

// The time that selectors look at.
struct InfoReference {
  std::optional<int64_t> at_ms;
  int64_t offset_ns = 0;
  bool operator==(const InfoReference& other) const;
};

// What all selectors below info()'s first argument look at: only then does the call not depend on
// the step, and info series are looked at at that time too. Nothing where they differ, or where
// some part has no selector.
std::optional<InfoReference> SharedReference(const Expr& expr);

// Makes info()'s second argument what is to be fetched: Prometheus asks its storage for the info
// metrics that it names (target_info when it names none, all of them when it only excludes some),
// at the time that the first argument's selectors share.
void CompleteInfo(Call& call, const std::optional<InfoReference>& reference);

}  // namespace synoptic::promql
