// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/lane_heaps.h"

#include <bit>
#include <cmath>
#include <map>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

double RandomValue(std::mt19937_64& rng) {
  switch (rng() % 12) {
    case 0:
      return Absent();
    case 1:
      return rng() % 4 == 0 ? NormalNaN() : -0.0;
    case 2:
      return rng() % 2 == 0 ? INFINITY : -INFINITY;
    default:
      return static_cast<double>(rng() % 20) - 10;  // ties
  }
}

// Which series are chosen, of equal values too, and what they count as.
TEST(LaneHeaps, ChooseWhatOneHeapAStepChooses) {
  std::mt19937_64 rng(7);
  for (size_t k = 1; k <= LaneHeaps::kMost; ++k) {
    for (const bool descending : {false, true}) {
      constexpr size_t kSteps = 43, kGroups = 2;
      LaneHeaps lanes(kGroups, kSteps, k, descending);
      const ValueHeap heap(descending);
      EntryStore plain(kGroups * kSteps);
      for (uint32_t series = 0; series < 60; ++series) {
        const size_t group = rng() % kGroups;
        std::vector<double> column;
        int64_t added = 0;
        for (size_t s = 0; s < kSteps; ++s) {
          column.push_back(RandomValue(rng));
          if (IsAbsent(column[s])) continue;
          const size_t at = group * kSteps + s;
          const Entry entry{column[s], series};
          if (plain.SizeOf(at) < k) {
            heap.SiftUp(plain.Append(at, entry, k));
            ++added;
          } else if (heap.Beats(entry.value, plain.Of(at)[0].value)) {
            heap.ReplaceTop(plain.Of(at), entry);
          }
        }
        EXPECT_EQ(lanes.Offer(group, series, column), added);
      }
      std::map<std::pair<size_t, uint32_t>, uint64_t> got, want;
      lanes.ForEach([&](size_t step, const Entry& entry) {
        got[{step, entry.series}] = std::bit_cast<uint64_t>(entry.value);
      });
      for (size_t i = 0; i < plain.size(); ++i) {
        for (const Entry& entry : plain.Of(i)) {
          want[{i % kSteps, entry.series}] = std::bit_cast<uint64_t>(entry.value);
        }
      }
      EXPECT_EQ(got, want) << "k " << k << (descending ? " descending" : " ascending");
    }
  }
}

}  // namespace
}  // namespace synoptic::promql::internal
