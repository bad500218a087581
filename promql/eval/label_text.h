// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "promql/model/labels.h"

namespace synoptic::promql::internal {

// All labels inside the braces, __name__ among them, as Prometheus' errors print series.
std::string InBraces(const Labels& labels);

}  // namespace synoptic::promql::internal
