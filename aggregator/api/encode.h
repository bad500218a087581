// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Query values as Prometheus' JSON, byte for byte, appended straight to the answer.
#pragma once

#include <cstdint>
#include <string>

#include "aggregator/upstream/point_texts.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

// {"a":"b"}: not HTML-escaped, as Prometheus writes labels.
void AppendLabels(const promql::Labels& labels, std::string& out);

// Seconds with exactly three decimals when there are any: 1435781451.781, 1.500, -0.005.
void AppendTimestamp(int64_t ms, std::string& out);

// {"count":"3","sum":"4.5","buckets":[[0,"1","2","3"]]}: buckets that count something.
// REQUIRES: h.Validate().ok().
void AppendHistogram(const promql::FloatHistogram& h, std::string& out);

// `"resultType":"matrix","result":[...]` without braces.
void AppendQueryValue(const promql::QueryValue& value, std::string& out);

// The same of an instant vector at `t` that is passed on.
void AppendPoints(const PointUnion& points, int64_t t, std::string& out);

// How many floats it is worth: decides where to encode it.
size_t CountSamples(const promql::QueryValue& value);

}  // namespace synoptic::aggregator
