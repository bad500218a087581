// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Samples as remote write sends them: Protobuf of version 1, in Snappy's block format.
#pragma once

#include <span>
#include <string>

#include "aggregator/store/series_store.h"

namespace synoptic::aggregator {

// `labels` and what of `external` they lack.
promql::Labels WithExternal(const promql::Labels& labels, const promql::Labels& external);

// Samples of one series come together, in their order. `external`: labels for those that lack them.
std::string EncodeWriteRequest(std::span<const LoggedSample> samples,
                               const promql::Labels& external);

}  // namespace synoptic::aggregator
