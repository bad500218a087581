// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/slo/slot_counts.h"

#include <algorithm>

namespace synoptic::alerting {
namespace {

constexpr size_t kBlock = 32;

void Add(double bad, double total, int64_t seen, double most, SlotSum* sum) {
  sum->bad += bad;
  sum->total += total;
  sum->seen += seen;
  sum->most = std::max(sum->most, most);
}

}  // namespace

SlotCounts::SlotCounts(int64_t slot_ms, size_t capacity)
    : slot_ms_(slot_ms),
      slots_((std::max<size_t>(capacity, 1) + kBlock - 1) / kBlock * kBlock),
      blocks_(slots_.size() / kBlock) {}

size_t SlotCounts::IndexOf(int64_t number) const {
  return static_cast<size_t>(number) % slots_.size();
}

bool SlotCounts::Kept(int64_t number) const {
  return number <= newest_ && number > newest_ - static_cast<int64_t>(slots_.size()) && number > 0;
}

void SlotCounts::Refresh(size_t block) {
  SlotSum sum;
  for (size_t i = block * kBlock; i < (block + 1) * kBlock; ++i) {
    const Slot& slot = slots_[i];
    if (slot.seen) Add(slot.bad, slot.total, 1, slot.total, &sum);
  }
  blocks_[block] = sum;
}

void SlotCounts::Set(int64_t end_ms, double bad, double total) {
  const int64_t number = end_ms / slot_ms_;
  if (number > newest_) {
    // What lies between was not seen, and takes the place of the oldest.
    const int64_t kept = static_cast<int64_t>(slots_.size());
    for (int64_t n = std::max(newest_ + 1, number - kept + 1); n < number; ++n) {
      Slot& old = slots_[IndexOf(n)];
      if (!old.seen) continue;
      old = Slot();
      Refresh(IndexOf(n) / kBlock);
    }
    newest_ = number;
  } else if (!Kept(number)) {
    return;
  }
  slots_[IndexOf(number)] = {bad, total, true};
  Refresh(IndexOf(number) / kBlock);
}

bool SlotCounts::Has(int64_t end_ms) const {
  const int64_t number = end_ms / slot_ms_;
  return Kept(number) && slots_[IndexOf(number)].seen;
}

SlotSum SlotCounts::Over(int64_t first_ms, int64_t last_ms) const {
  SlotSum sum;
  const int64_t oldest = newest_ - static_cast<int64_t>(slots_.size()) + 1;
  const int64_t last = std::min(last_ms / slot_ms_, newest_);
  int64_t n = std::max({(first_ms + slot_ms_ - 1) / slot_ms_, oldest, int64_t{1}});
  while (n <= last) {
    const size_t index = IndexOf(n);
    ++work_;
    if (index % kBlock == 0 && n + static_cast<int64_t>(kBlock) - 1 <= last) {
      const SlotSum& block = blocks_[index / kBlock];
      Add(block.bad, block.total, block.seen, block.most, &sum);
      n += static_cast<int64_t>(kBlock);
      continue;
    }
    const Slot& slot = slots_[index];
    if (slot.seen) Add(slot.bad, slot.total, 1, slot.total, &sum);
    ++n;
  }
  return sum;
}

}  // namespace synoptic::alerting
