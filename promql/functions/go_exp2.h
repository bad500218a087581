// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// 2^x with the bits of Go's math.Exp2. Thread safe.
#pragma once

namespace synoptic::promql {

double GoExp2(double x);

}  // namespace synoptic::promql
