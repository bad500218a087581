// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/functions/range.h"

#include "promql/functions/kernels.h"

namespace synoptic::promql {

RangeKernel FindRangeKernel(FunctionId id) {
  switch (id) {
    case FunctionId::kRate:
      return RateKernel;
    case FunctionId::kIncrease:
      return IncreaseKernel;
    case FunctionId::kDelta:
      return DeltaKernel;
    case FunctionId::kIrate:
      return IrateKernel;
    case FunctionId::kIdelta:
      return IdeltaKernel;
    case FunctionId::kSumOverTime:
      return SumOverTimeKernel;
    case FunctionId::kAvgOverTime:
      return AvgOverTimeKernel;
    case FunctionId::kStddevOverTime:
      return StddevOverTimeKernel;
    case FunctionId::kStdvarOverTime:
      return StdvarOverTimeKernel;
    case FunctionId::kMinOverTime:
      return MinOverTimeKernel;
    case FunctionId::kMaxOverTime:
      return MaxOverTimeKernel;
    case FunctionId::kTsOfMinOverTime:
      return TsOfMinOverTimeKernel;
    case FunctionId::kTsOfMaxOverTime:
      return TsOfMaxOverTimeKernel;
    case FunctionId::kCountOverTime:
      return CountOverTimeKernel;
    case FunctionId::kPresentOverTime:
      return PresentOverTimeKernel;
    case FunctionId::kFirstOverTime:
      return FirstOverTimeKernel;
    case FunctionId::kLastOverTime:
      return LastOverTimeKernel;
    case FunctionId::kTsOfFirstOverTime:
      return TsOfFirstOverTimeKernel;
    case FunctionId::kTsOfLastOverTime:
      return TsOfLastOverTimeKernel;
    case FunctionId::kChanges:
      return ChangesKernel;
    case FunctionId::kResets:
      return ResetsKernel;
    case FunctionId::kQuantileOverTime:
      return QuantileOverTimeKernel;
    case FunctionId::kMadOverTime:
      return MadOverTimeKernel;
    case FunctionId::kDeriv:
      return DerivKernel;
    case FunctionId::kPredictLinear:
      return PredictLinearKernel;
    case FunctionId::kDoubleExponentialSmoothing:
      return DoubleExponentialSmoothingKernel;
    case FunctionId::kIntegral:
      return IntegralKernel;
    default:
      return nullptr;
  }
}

}  // namespace synoptic::promql
