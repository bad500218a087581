// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The native histograms of a column: as objects or as rows, never both.
#pragma once

#include <vector>

#include "promql/model/dense_histograms.h"
#include "promql/model/histogram.h"

namespace synoptic::promql::internal {

struct NativeColumn {
  std::vector<HistogramPtr> objects;  // as Operator::histograms
  DenseColumn dense;

  bool empty() const { return objects.empty() && dense.empty(); }
  void clear() {
    objects.clear();
    dense.clear();
  }
};

}  // namespace synoptic::promql::internal
