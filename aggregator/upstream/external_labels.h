// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The external labels of a Prometheus, from its own configuration as /api/v1/status/config tells
// it. Remote read adds them to every series and the query API does not: they must be known to make
// both agree.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "promql/model/labels.h"

namespace synoptic::aggregator {

// `data`: the answer's data, {"yaml": "<the configuration>"}. Only the block of global settings is
// parsed, however long the rest is.
absl::StatusOr<promql::Labels> ParseExternalLabels(std::string_view data);

}  // namespace synoptic::aggregator
