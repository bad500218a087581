// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Keys made of a part of a label set: by(), without(), on(), ignoring().
//
// A key is a byte string that two label sets share exactly when the chosen part of them is equal.
// Group numbers are dense and given in order of first appearance.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "promql/model/labels.h"
#include "promql/model/labels_batch.h"

namespace synoptic::promql::internal {

class LabelKey {
 public:
  // `keep`: only `names`; otherwise all labels but `names`.
  LabelKey(std::vector<std::string> names, bool keep);

  // Valid until the next call.
  std::string_view Of(const Labels& labels);
  // The chosen part itself.
  Labels Part(const Labels& labels) const;
  Labels Part(const Labels& labels, LabelsBatch& batch) const;

 private:
  std::vector<std::string> names_;  // sorted, unique
  bool keep_;
  std::string buffer_;
};

class GroupNumbers {
 public:
  // The number of `key`'s group; a new one when it is the first of its kind.
  int Number(std::string_view key);
  // -1 when there is none.
  int Find(std::string_view key) const;
  size_t size() const { return numbers_.size(); }

 private:
  std::string_view Keep(std::string_view key);

  absl::flat_hash_map<std::string_view, int> numbers_;
  // What the keys point into: blocks that never move. The last one has `room_` bytes left.
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* free_ = nullptr;
  size_t room_ = 0;
};

// `labels` without __name__, __type__ and __unit__.
Labels WithoutMetadata(const Labels& labels);

}  // namespace synoptic::promql::internal
