// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The Go template language as alerts use it: labels and annotations such as
// `{{ $labels.db }} is {{ $value | humanizeDuration }} behind`.
//
// A template is parsed and run under limits: nothing it does blocks, opens anything, or grows
// without bound. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::alerting {

// What a template sees: $labels, $externalLabels, $externalURL, $value.
struct TemplateData {
  promql::Labels labels;
  promql::Labels external_labels;
  std::string external_url;
  double value = 0;
  int64_t now_ms = 0;  // what `now` and relative times mean
};

struct TemplateLimits {
  size_t max_output_bytes = 16 << 10;  // more is cut, with a mark
  int max_steps = 100'000;             // actions run
  int max_depth = 64;                  // nesting of blocks and parentheses
};

// The expanded text. Errors read as Prometheus': `error parsing template NAME: ...`,
// `error executing template NAME: ...`.
absl::StatusOr<std::string> ExpandTemplate(std::string_view name, std::string_view text,
                                           const TemplateData& data,
                                           const TemplateLimits& limits = {});

// Parses only: what rule loading checks.
absl::Status CheckTemplate(std::string_view name, std::string_view text,
                           const TemplateLimits& limits = {});

}  // namespace synoptic::alerting
