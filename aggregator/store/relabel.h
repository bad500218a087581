// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Prometheus' relabelling (model/relabel): rules, in order, that change a label set or drop whoever
// has it. One way it is not Prometheus': lowercase and uppercase change ASCII letters only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::aggregator {

enum class RelabelAction {
  kReplace,
  kKeep,
  kDrop,
  kKeepEqual,
  kDropEqual,
  kHashMod,
  kLabelMap,
  kLabelDrop,
  kLabelKeep,
  kLowercase,
  kUppercase,
};

struct RelabelRule {
  RelabelAction action = RelabelAction::kReplace;
  std::vector<std::string> source_labels = {};
  std::string separator = ";";
  std::string regex = "(.*)";
  int64_t modulus = 0;
  std::string target_label = "";
  std::string replacement = "$1";

  friend bool operator==(const RelabelRule&, const RelabelRule&) = default;
};

// As configurations name the actions, in their order.
std::span<const std::string_view> RelabelActionNames();

// Thread-safe.
class Relabeller {
 public:
  virtual ~Relabeller() = default;
  // The labels that `labels` become; none: dropped.
  virtual std::optional<promql::Labels> Apply(const promql::Labels& labels) const = 0;
};

// OK, or in Prometheus' words what one rule lacks or has too much.
absl::Status CheckRelabelRule(const RelabelRule& rule);
absl::StatusOr<std::shared_ptr<const Relabeller>> NewRelabeller(
    const std::vector<RelabelRule>& rules);

}  // namespace synoptic::aggregator
