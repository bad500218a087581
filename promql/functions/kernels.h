// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The range kernels by name, for the table in range.cc. Private to promql/functions.
#pragma once

#include <span>

#include "promql/functions/range.h"

namespace synoptic::promql {

// rate.cc
void RateKernel(const RangeInput& in, std::span<double> out);
void IncreaseKernel(const RangeInput& in, std::span<double> out);
void DeltaKernel(const RangeInput& in, std::span<double> out);
void IrateKernel(const RangeInput& in, std::span<double> out);
void IdeltaKernel(const RangeInput& in, std::span<double> out);

// moments.cc
void SumOverTimeKernel(const RangeInput& in, std::span<double> out);
void AvgOverTimeKernel(const RangeInput& in, std::span<double> out);
void StddevOverTimeKernel(const RangeInput& in, std::span<double> out);
void StdvarOverTimeKernel(const RangeInput& in, std::span<double> out);

// extrema.cc
void MinOverTimeKernel(const RangeInput& in, std::span<double> out);
void MaxOverTimeKernel(const RangeInput& in, std::span<double> out);
void TsOfMinOverTimeKernel(const RangeInput& in, std::span<double> out);
void TsOfMaxOverTimeKernel(const RangeInput& in, std::span<double> out);

// pick.cc
void CountOverTimeKernel(const RangeInput& in, std::span<double> out);
void PresentOverTimeKernel(const RangeInput& in, std::span<double> out);
void FirstOverTimeKernel(const RangeInput& in, std::span<double> out);
void LastOverTimeKernel(const RangeInput& in, std::span<double> out);
void TsOfFirstOverTimeKernel(const RangeInput& in, std::span<double> out);
void TsOfLastOverTimeKernel(const RangeInput& in, std::span<double> out);
void ChangesKernel(const RangeInput& in, std::span<double> out);
void ResetsKernel(const RangeInput& in, std::span<double> out);

// order.cc
void QuantileOverTimeKernel(const RangeInput& in, std::span<double> out);
void MadOverTimeKernel(const RangeInput& in, std::span<double> out);

// trend.cc
void DerivKernel(const RangeInput& in, std::span<double> out);
void PredictLinearKernel(const RangeInput& in, std::span<double> out);
void DoubleExponentialSmoothingKernel(const RangeInput& in, std::span<double> out);

// integral.cc
void IntegralKernel(const RangeInput& in, std::span<double> out);

}  // namespace synoptic::promql
