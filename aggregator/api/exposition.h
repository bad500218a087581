// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples in the formats that scrapers read, as Prometheus' /federate writes them: the text format
// 0.0.4 and delimited Protobuf. Everything is untyped but histograms. The text format knows no
// native histograms: they are left out, but for those with custom buckets, which become classic
// ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/api/name_escaping.h"
#include "promql/model/histogram.h"
#include "promql/model/labels.h"

namespace synoptic::aggregator {

struct ExposedSample {
  promql::Labels labels;
  int64_t t = 0;
  double v = 0;
  promql::HistogramPtr h;  // null: a float
};

struct ExpositionFormat {
  bool protobuf = false;
  NameEscaping escaping = NameEscaping::kUnderscores;
  std::string ContentType() const;
};

// By the request's Accept header; text where nothing else is understood.
ExpositionFormat NegotiateExposition(std::string_view accept);

// Sorts `samples` by metric name; those without one are left out. `external` is added where a
// series has no such label, and so is an empty `instance`.
std::string Expose(std::vector<ExposedSample> samples, const promql::Labels& external,
                   const ExpositionFormat& format);

}  // namespace synoptic::aggregator
