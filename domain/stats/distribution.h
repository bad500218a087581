// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The few distributions that gates and forecasts need.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"

namespace synoptic::domain {

// P(X >= bad) for X ~ Binomial(n, p): the chance to see so many failures or more among n requests
// when each fails with probability p (vector B13). By the incomplete beta function: at most
// some sqrt(n) steps; relative error about 1e-15 * n, which a gate at 5 % does not feel.
// Errors: bad > n, negative counts, p outside [0, 1].
absl::StatusOr<double> BinomialUpperTail(int64_t n, int64_t bad, double p);

// The lower end of the one-sided Wilson score interval for bad / n, z standard deviations wide
// (1.6449 for 95 %): vector B12. Errors as above, and n = 0.
absl::StatusOr<double> WilsonLowerBound(int64_t bad, int64_t n, double z);

// P(Z > z) for the standard normal law: erfc(z / sqrt 2) / 2, exact in the far tail too.
double NormalUpperTail(double z);

// The z with P(Z <= z) = p. Errors: p outside (0, 1).
absl::StatusOr<double> NormalQuantile(double p);

// The t with P(T <= t) = p for Student's law with `degrees` >= 1 of freedom; p in (0, 1). Relative
// error below 1e-12.
absl::StatusOr<double> StudentQuantile(double p, int degrees);

}  // namespace synoptic::domain
