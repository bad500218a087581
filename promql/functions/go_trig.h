// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Circular functions and their inverses with the bits that Go's math package computes on amd64,
// which differ from glibc's in the last place for about one of five random arguments. The methods
// are those of S. L. Moshier's Cephes library (sin.c, tan.c, atan.c), with the argument reduction
// of Payne and Hanek from 2^29 on. Angles are in radians. Thread safe.
#pragma once

namespace synoptic::promql {

double GoSin(double x);
double GoCos(double x);
double GoTan(double x);

double GoAsin(double x);
double GoAcos(double x);
double GoAtan(double x);
double GoAtan2(double y, double x);

}  // namespace synoptic::promql
