// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/label_key.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"

namespace synoptic::promql::internal {
namespace {

void Append(std::string& out, std::string_view part) {
  const uint32_t size = static_cast<uint32_t>(part.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof(size));
  out.append(part);
}

}  // namespace

LabelKey::LabelKey(std::vector<std::string> names, bool keep)
    : names_(std::move(names)), keep_(keep) {
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

std::string_view LabelKey::Of(const Labels& labels) {
  buffer_.clear();
  size_t next = 0;
  if (keep_) {
    const size_t count = labels.size();
    for (const std::string& name : names_) {
      while (next < count && labels[next].name < name) ++next;
      // A missing label equals the empty string.
      Append(buffer_,
             next < count && labels[next].name == name ? labels[next].value : std::string_view());
    }
    return buffer_;
  }
  for (const Label& label : labels) {
    while (next < names_.size() && names_[next] < label.name) ++next;
    if (next < names_.size() && names_[next] == label.name) continue;
    Append(buffer_, label.name);
    Append(buffer_, label.value);
  }
  return buffer_;
}

Labels LabelKey::Part(const Labels& labels, LabelsBatch& batch) const {
  size_t next = 0;
  return batch.Filter(labels, [&](std::string_view name) {
    while (next < names_.size() && names_[next] < name) ++next;
    return (next < names_.size() && names_[next] == name) == keep_;
  });
}

Labels LabelKey::Part(const Labels& labels) const {
  LabelsBatch alone(1);
  return Part(labels, alone);
}

std::string_view GroupNumbers::Keep(std::string_view key) {
  if (key.size() > room_) {
    constexpr size_t kSmallest = 1 << 10, kLargest = 1 << 16;
    room_ =
        std::max(key.size(), std::min(kSmallest << std::min<size_t>(blocks_.size(), 6), kLargest));
    blocks_.push_back(std::make_unique<char[]>(room_));
    free_ = blocks_.back().get();
  }
  const std::string_view kept(free_, key.size());
  key.copy(free_, key.size());
  free_ += key.size();
  room_ -= key.size();
  return kept;
}

int GroupNumbers::Number(std::string_view key) {
  if (const auto it = numbers_.find(key); it != numbers_.end()) return it->second;
  const int number = static_cast<int>(numbers_.size());
  numbers_.emplace(Keep(key), number);
  return number;
}

int GroupNumbers::Find(std::string_view key) const {
  const auto it = numbers_.find(key);
  return it == numbers_.end() ? -1 : it->second;
}

Labels WithoutMetadata(const Labels& labels) {
  absl::InlinedVector<Label, 24> kept;
  for (const Label& label : labels) {
    if (!IsMetadataLabel(label.name)) kept.push_back(label);
  }
  if (kept.size() == labels.size()) return labels;
  return Labels::FromSorted(kept.data(), kept.size());
}

}  // namespace synoptic::promql::internal
