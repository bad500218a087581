// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/model/histogram_pool.h"

#include "promql/model/histogram_coding.h"

namespace synoptic::promql {

HistogramPool::HistogramPool() : scratch_(std::make_unique<internal::HistogramScratch>()) {}
HistogramPool::~HistogramPool() = default;

}  // namespace synoptic::promql
