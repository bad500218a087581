// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// exp, logarithms and powers with the bits that Go's math package computes on amd64, which differ
// from glibc's in the last place for 3 (log) to 23 (pow) of 100 random arguments. The methods are
// public: FreeBSD's e_log.c and N. Shibata's exp (SLEEF, public domain).
// Trigonometric and hyperbolic functions: promql/functions/go_trig.h and go_hyperbolic.h. Thread
// safe.
#pragma once

namespace synoptic::promql {

double GoExp(double x);
double GoLog(double x);
double GoLog2(double x);
double GoLog10(double x);
// The ^ operator. (% is std::fmod, which agrees with Go.)
double GoPow(double x, double y);

}  // namespace synoptic::promql
