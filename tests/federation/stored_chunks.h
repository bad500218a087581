// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A series' samples as a server stores and sends them.
#pragma once

#include <vector>

#include "promql/model/histogram_writer.h"
#include "promql/model/series.h"

namespace synoptic::federation {

// The chunks of columns, floats after histograms: 120 samples each, one less often.
std::vector<promql::EncodedChunk> ChunksOf(const promql::RawSeries& series);

}  // namespace synoptic::federation
