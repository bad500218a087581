// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The metrics of queries, whoever asks them.
#pragma once

#include <string>

#include "aggregator/merge/coverage.h"
#include "base/clock.h"
#include "base/metrics.h"

namespace synoptic::aggregator {

// `lane` is who asked: api or rules.
void ObserveQuery(Metrics& metrics, std::string lane, MonoDuration duration);
// Counts every region that an answer lacks.
void CountMissing(Metrics& metrics, const Coverage& coverage);

}  // namespace synoptic::aggregator
