// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether what counted as settled still is what its shard says. Now and then a question for what is
// new begins a little earlier than it must, and the overlap is compared; and now and then a little
// piece from anywhere is asked for beside it. So late data, backfill, deletions and a lost disk are
// noticed where somebody looks. Pure.
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

// A little piece of what is known within `within`, another one for each `number`: they spread
// evenly over it. Nothing when nothing is known.
std::optional<Span> SampleOf(const BlockLayout& layout, const std::vector<FragmentPtr>& known,
                             const Span& within, uint64_t number);

// How much two values may differ. Stored samples: not by a bit.
enum class Compare {
  kBits,
  // Computed ones: by what another order of additions makes, which a server may take once its
  // samples have moved from memory to disk.
  kComputed,
};

// Whether both hold the same series and samples within `span`. DataLoss when a chunk is damaged.
absl::StatusOr<bool> SameWithin(const Span& span, const std::vector<FragmentPtr>& known,
                                const FragmentPtr& fresh, Compare compare);

}  // namespace synoptic::aggregator
