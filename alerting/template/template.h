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
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::alerting {

// What `query` answers inside a template. Templates do not wait: a question that has no answer yet
// is noted in `wanted` and fails that expansion; who expands asks it and expands again.
struct TemplateQueries {
  struct Sample {
    promql::Labels labels;
    double value = 0;
  };
  std::map<std::string, absl::StatusOr<std::vector<Sample>>> answers;
  std::set<std::string> wanted;
};

// What a template sees: $labels, $externalLabels, $externalURL, $value.
struct TemplateData {
  promql::Labels labels;
  promql::Labels external_labels;
  std::string external_url;
  double value = 0;
  std::string histogram;  // not empty: the value is a histogram, written so
  // Ours: $low and $high, between which the value lies where parts are unseen, $coverage, which
  // says what is, and $assumes, what the alert rests on beyond proof. Prometheus has no such
  // variables.
  double low = 0;
  double high = 0;
  std::string coverage = "complete";
  std::string assumes;
  int64_t now_ms = 0;                  // what `now` and relative times mean
  TemplateQueries* queries = nullptr;  // null: `query` is an error
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
