// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The rule packs of rules/, ready to be chosen and tuned: their files are part of the program. A
// threshold is a number or a text that stands in the pack's rules; what else it may be is said
// where the pack is chosen:
//
//   packs:
//   - redis
//   - name: postgres
//     thresholds: {lag: 30s, bytes_at_risk: 256MiB}   # as the pack names them, in its units
//     labels: {team: storage}                         # on every rule of the pack
//     for: {PostgresSlotInactive: 1h}
//     without: [PostgresReplicaLagHigh]               # rules that are left out
//     interval: 30s
//
// Plain values; the list of packs is made once and never changes. Thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/rule/rule.h"
#include "alerting/rule/rule_file.h"
#include "base/yaml_reader.h"

namespace synoptic::alerting {

struct PackThreshold {
  std::string name;
  std::string unit;   // seconds, bytes, ratio, items, ...; pattern and text for strings
  std::string about;  // what it is, in a few words
  double number = 0;  // the default, unless is_text
  std::string text;
  std::vector<std::string> rules;  // alerts and records where it stands

  bool is_text() const { return unit == "pattern" || unit == "text"; }
  // The default as it is written: 900, orders:.*
  std::string DefaultText() const;
};

struct Pack {
  std::string name;
  std::string about;
  std::vector<PackThreshold> thresholds;
  std::map<std::string, OnPartial> on_partial;  // by rule; others: evaluated where it is safe
  std::vector<std::string> rules;               // names of alerts and records, in order
  std::string_view alerts;                      // rule files, as shipped
  std::string_view series;

  const PackThreshold* Find(std::string_view threshold) const;
  bool Has(std::string_view rule) const;
};

// All of them, by name.
const std::vector<Pack>& ShippedPacks();
const Pack* FindPack(std::string_view name);

// A pack as somebody wants it.
struct PackChoice {
  const Pack* pack = nullptr;
  std::map<std::string, double> numbers = {};  // by threshold
  std::map<std::string, std::string> texts = {};
  std::map<std::string, std::string> labels = {};
  std::map<std::string, int64_t> for_ms = {};  // by alert
  std::set<std::string> without = {};
  std::optional<int64_t> interval_ms = {};
};

// Reads the `packs` section; mistakes are reported through the value, at their positions.
std::vector<PackChoice> ReadPacks(const YamlValue& value);

// The pack's rules, tuned, alerts before recordings. A rule with an own on_partial has a group of
// its own.
absl::StatusOr<std::vector<RuleGroup>> GroupsOf(const PackChoice& choice,
                                                const RuleFileDefaults& defaults,
                                                const promql::Topology& topology);

// `expr` with every literal equal to `from` (a label matcher's value, for texts) made `to`; how
// many there were goes to `count`.
absl::StatusOr<std::string> WithNumber(std::string_view expr, double from, double to, int* count);
absl::StatusOr<std::string> WithText(std::string_view expr, std::string_view from,
                                     std::string_view to, int* count);

namespace internal {
struct PackText {
  std::string_view name, pack, alerts, series;
};
const std::vector<PackText>& PackTexts();  // generated from rules/
// The definition of a pack, checked against its rules.
absl::StatusOr<Pack> ReadPack(const PackText& text);
}  // namespace internal

}  // namespace synoptic::alerting
