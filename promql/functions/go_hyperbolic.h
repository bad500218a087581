// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Hyperbolic functions and their inverses with the bits that Go's math package computes on amd64.
// The methods: a rational function of Hart and Cheney (sinh near 0), Cephes' tanh.c, and FreeBSD's
// s_asinh.c, e_acosh.c, e_atanh.c and s_log1p.c. Thread safe.
#pragma once

namespace synoptic::promql {

double GoSinh(double x);
double GoCosh(double x);
double GoTanh(double x);

double GoAsinh(double x);
double GoAcosh(double x);
double GoAtanh(double x);

// ln(1 + x), what the inverses are made of.
double GoLog1p(double x);

}  // namespace synoptic::promql
