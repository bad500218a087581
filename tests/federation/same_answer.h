// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whether two answers to one query are the same.
#pragma once

#include <string>

#include "promql/model/series.h"

namespace synoptic::federation {

// `relative` 0: every bit but of which NaN it is. Otherwise floats may differ by that much of the
// greater one's size; the same much of `scale`, since differences of nearly equal sums lose digits.
struct Tolerance {
  double relative = 0;
  double scale = 0;
};

// Empty when they are the same; else what differs first. The order of series does not count.
std::string Difference(const promql::QueryValue& want, const promql::QueryValue& got,
                       const Tolerance& tolerance);

}  // namespace synoptic::federation
