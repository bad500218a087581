// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Warnings and infos that a query collects on its way: part of the answer, not errors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace synoptic::promql {

// Byte range [start, end) in the query text.
struct PosRange {
  int start = 0;
  int end = 0;
  friend bool operator==(const PosRange&, const PosRange&) = default;
};

// A set: equal texts are kept once. Not thread-safe.
class Annotations {
 public:
  void AddWarning(std::string text) { Add(warnings_, std::move(text)); }
  void AddInfo(std::string text) { Add(infos_, std::move(text)); }
  void Merge(const Annotations& other);

  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::vector<std::string>& infos() const { return infos_; }
  bool empty() const { return warnings_.empty() && infos_.empty(); }

 private:
  static void Add(std::vector<std::string>& list, std::string text);
  std::vector<std::string> warnings_;
  std::vector<std::string> infos_;
};

// `text` with Prometheus' ` (line:col)` of `pos.start` in `query` appended.
std::string WithPosition(std::string_view text, std::string_view query, PosRange pos);

}  // namespace synoptic::promql
