// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Files of objectives. The form is told by the document: `slos:` is Synoptic's, `apiVersion:
// openslo/v1`, `version: prometheus/v1` (Sloth), `apiVersion: sloth.slok.dev/v1`, and `apiVersion:
// pyrra.dev/v1alpha1`. Synoptic's own, all of it:
//
//   slos:
//   - name: availability
//     service: checkout
//     description: Orders are taken.
//     objective: 99.9%
//     period: 30d                  # or {calendar: month, timezone: Europe/Berlin, from:
//     2026-01-01} sli:                         # one of
//       events: {bad: 'http_requests_total{code=~"5.."}', total: http_requests_total}  # counters
//       events: {good: ..., total: ...}
//       freshness: {lag: replication_lag_seconds, at_most: 30}   # share of time above 30 s is bad
//     labels: {team: shop}
//     alert: {name: CheckoutBurns, labels: {}, annotations: {}, page: {}, ticket: {}}
//     min_bad: 2                   # fewer bad events never alert
//     exclusions:
//     - {start: 2026-03-01T00:00:00Z, end: 2026-03-01T02:00:00Z, reason: schema change}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/slo/slo.h"
#include "base/yaml_reader.h"

namespace synoptic::alerting {

struct SloOptions {
  // Kept by the sums of counters, so that regions can be added: {"region"}.
  std::vector<std::string> region_labels = {"region"};
};

// InvalidArgument with one `file:line:column: path: ...` line for every mistake; nothing of a file
// with mistakes is used.
absl::StatusOr<std::vector<Slo>> LoadSloFile(const std::string& file, std::string_view content,
                                             const SloOptions& options = {});

// Readers of one document each, called by LoadSloFile. They report through the map.
void ReadNativeSlos(YamlMap map, const SloOptions& options, std::vector<Slo>* out);
void ReadSloth(YamlMap map, bool kubernetes, std::vector<Slo>* out);
void ReadPyrra(YamlMap map, const SloOptions& options, std::vector<Slo>* out);
// OpenSLO documents refer to each other: all of a file at once.
void ReadOpenSlo(const std::vector<YamlMap>& documents, const SloOptions& options,
                 std::vector<Slo>* out);

// Shared by the readers.
// A query with {{.window}} filled in must be PromQL; what is wrong otherwise.
absl::Status CheckTemplate(const std::string& query);
// `99.9%` or 99.9 or 0.999 by `percent`; fills objective, budget and their texts, exactly.
bool SetObjective(const YamlValue& at, std::string_view text, bool percent, Slo* slo);
// The workbook's windows for the objective and period, in exact decimals where the period allows.
void AddWorkbookWindows(Slo* slo);
// sum by (<region labels>) (increase(<selector>[{{.window}}]))
std::string CountOver(std::string_view selector, const SloOptions& options);

}  // namespace synoptic::alerting
