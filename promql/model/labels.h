// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A label set: sorted by name bytewise, no empty values, immutable, cheap to copy.
//
// One allocation holds all names and values and the hash; copies share it by reference count.
// Thread-safe as any const value is. Names and values are bytes; UTF-8 is not enforced here.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace synoptic::promql {

inline constexpr std::string_view kMetricName = "__name__";
inline constexpr std::string_view kTypeLabel = "__type__";
inline constexpr std::string_view kUnitLabel = "__unit__";
inline constexpr std::string_view kBucketLabel = "le";

struct Label {
  std::string_view name;
  std::string_view value;
  friend auto operator<=>(const Label&, const Label&) = default;
};

// __name__, __type__ and __unit__: dropped together when an expression changes a value's meaning.
bool IsMetadataLabel(std::string_view name);

class Labels {
 public:
  Labels() = default;  // the empty set: {}
  Labels(const Labels& other);
  Labels(Labels&& other) noexcept;
  Labels& operator=(const Labels& other);
  Labels& operator=(Labels&& other) noexcept;
  ~Labels();

  // Sorts; drops empty values. Of equal names the last one wins.
  static Labels From(std::vector<std::pair<std::string, std::string>> pairs);
  // REQUIRES: sorted by name, unique, no empty values. The decoder's fast path.
  static Labels FromSorted(const Label* labels, size_t count);

  size_t size() const;
  bool empty() const { return size() == 0; }
  Label operator[](size_t i) const;
  // "" when absent: PromQL does not tell the two apart.
  std::string_view Get(std::string_view name) const;

  // xxhash64 over the length-prefixed strings, as Prometheus computes it. Cached.
  uint64_t Hash() const;
  // Bytes on the heap, for budgets.
  size_t MemoryBytes() const;
  // Prometheus' form: name{a="b", c="d"}; {} when empty.
  std::string ToString() const;

  friend bool operator==(const Labels& a, const Labels& b);
  // Lexicographic over (name, value) pairs, shorter first.
  friend std::strong_ordering operator<=>(const Labels& a, const Labels& b);

  // Range-for over Label values.
  class Iterator {
   public:
    Iterator(const Labels* labels, size_t i) : labels_(labels), i_(i) {}
    Label operator*() const { return (*labels_)[i_]; }
    Iterator& operator++() {
      ++i_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return i_ != other.i_; }

   private:
    const Labels* labels_;
    size_t i_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

  struct Rep;  // defined in labels.cc

 private:
  explicit Labels(Rep* rep) : rep_(rep) {}
  Rep* rep_ = nullptr;
};

struct LabelsHash {
  size_t operator()(const Labels& labels) const { return labels.Hash(); }
};

// Edits a copy of a label set. Not thread-safe; reusable through Reset.
class LabelsBuilder {
 public:
  explicit LabelsBuilder(const Labels& base = Labels());
  void Reset(const Labels& base);
  // An empty value deletes.
  LabelsBuilder& Set(std::string_view name, std::string_view value);
  LabelsBuilder& Delete(std::string_view name);
  LabelsBuilder& DeleteMetadata();
  std::string_view Get(std::string_view name) const;
  Labels Build() const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;  // sorted by name
};

// `labels` reduced to `names` (keep) or without them (drop); `names` sorted. `drop` also drops the
// metric name, as by() and without() do.
Labels KeepLabels(const Labels& labels, const std::vector<std::string>& names);
Labels DropLabels(const Labels& labels, const std::vector<std::string>& names);

}  // namespace synoptic::promql
