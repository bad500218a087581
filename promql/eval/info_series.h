// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The info metrics' side of info(): which of their series belong to which instance of which job,
// and which of those counts at every step.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/eval/context.h"
#include "promql/eval/operator.h"
#include "promql/model/labels.h"
#include "promql/parse/ast.h"

namespace synoptic::promql::internal {

// The labels that identify whom a series is about; empty is absent.
struct InfoIdentity {
  std::string instance, job;
  static InfoIdentity Of(const Labels& labels) {
    return {std::string(labels.Get("instance")), std::string(labels.Get("job"))};
  }
  friend auto operator<=>(const InfoIdentity&, const InfoIdentity&) = default;
};

class InfoSeries {
 public:
  // At one step, the series that count for an identity: one per metric name, sorted by it.
  using Choice = std::vector<size_t>;

  // Two series of one metric and identity with samples of the same age.
  struct Duplicate {
    size_t series;  // the second
    std::string text;
  };

  // Reads the series of `selector` that could belong to one of `wanted`: as Prometheus asks its
  // storage, by the instances and jobs of those that have both, and of those that have one.
  static absl::StatusOr<InfoSeries> Read(const VectorSelector& selector,
                                         const std::vector<InfoIdentity>& wanted,
                                         const Scope& scope);

  const Labels& labels(size_t series) const { return labels_[series]; }
  // Of an identity, one choice a step, as indexes into choices(). Empty: nothing at any step.
  std::span<const uint32_t> ChoicesOf(const InfoIdentity& identity) const;
  // The first is empty.
  const std::vector<Choice>& choices() const { return choices_; }
  // By step. An error only at steps where there is something to add labels to.
  const std::map<size_t, Duplicate>& duplicates() const { return duplicates_; }

 private:
  class Wanted;

  absl::Status AddSeries(Operator& op, HeldColumns& times);
  void AddChoices(HeldColumns& times, size_t steps);
  size_t Newest(const std::vector<size_t>& group, HeldColumns& times, size_t step);

  std::vector<Labels> labels_;
  // Series of one identity and metric.
  std::map<InfoIdentity, std::map<std::string, std::vector<size_t>>> groups_;
  std::map<InfoIdentity, std::vector<uint32_t>> by_identity_;
  std::vector<Choice> choices_ = {Choice()};
  std::map<size_t, Duplicate> duplicates_;
};

}  // namespace synoptic::promql::internal
