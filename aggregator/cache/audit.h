// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether what counted as settled still is what its shard says. Now and then a question for what is
// new begins a little earlier than it must, and the overlap is compared: so late data, backfill,
// deletions and a lost disk are noticed where somebody looks. Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "aggregator/cache/fragment.h"
#include "aggregator/cache/spans.h"

namespace synoptic::aggregator {

// What a question for `gap` is widened by: known points right before it, not before `first`.
// Nothing when there are none.
std::optional<Span> AuditOf(const BlockLayout& layout, const std::vector<FragmentPtr>& known,
                            int64_t first, const Span& gap);

// Whether both hold the same series and samples within `span`, bit for bit. DataLoss when a chunk
// is damaged.
absl::StatusOr<bool> SameWithin(const Span& span, const std::vector<FragmentPtr>& known,
                                const FragmentPtr& fresh);

}  // namespace synoptic::aggregator
