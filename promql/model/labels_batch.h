// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Label sets that are made together lie together: one allocation for a dozen or so. The sets are
// Labels like any other, to be copied, kept and let go on any thread; a block's memory (2 KiB at
// most, but for a larger set) is given back with the last of its sets.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "promql/model/labels.h"

namespace synoptic::promql {

// Not thread-safe; the sets it made may outlive it.
class LabelsBatch {
 public:
  // `sets`: how many will be made, nearly. More may be; for fewer, memory was taken in vain.
  explicit LabelsBatch(size_t sets) : left_(sets) {}
  LabelsBatch(const LabelsBatch&) = delete;
  LabelsBatch& operator=(const LabelsBatch&) = delete;
  ~LabelsBatch();

  // REQUIRES: sorted by name, unique, no empty values.
  Labels FromSorted(const Label* labels, size_t count);
  // The labels whose names `keep` accepts; `labels` itself when that is all of them.
  template <class Keep>
  Labels Filter(const Labels& labels, Keep keep) {
    scratch_.clear();
    for (const Label label : labels) {
      if (keep(label.name)) scratch_.push_back(label);
    }
    if (scratch_.size() == labels.size()) return labels;
    return FromSorted(scratch_.data(), scratch_.size());
  }
  // `labels` with `name` set to `value`, or without it when `value` is empty.
  Labels With(const Labels& labels, std::string_view name, std::string_view value);

  struct Block;  // defined in labels.cc

 private:
  Block* block_ = nullptr;
  size_t used_ = 0, size_ = 0;  // bytes of it
  size_t left_;
  std::vector<Label> scratch_;
};

// Sets the label `name` in `labels`, which are sorted by name; an empty `value` takes it away.
void SetLabel(std::vector<Label>& labels, std::string_view name, std::string_view value);

}  // namespace synoptic::promql
