// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// From the series of a classic histogram at one time (x_bucket, x_count, x_sum) to the native
// histogram with custom buckets that Prometheus makes of them (util/convertnhcb; `load_with_nhcb`
// in test scripts).
#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "promql/model/histogram.h"

namespace synoptic::promql {

// InvalidArgument in Prometheus' words from any call is final: every later call gives it again.
class ClassicHistogram {
 public:
  // The bucket up to `bound`, whose count includes all lower ones. Any order; a bound that was seen
  // before is ignored.
  absl::Status SetBucket(double bound, double count);
  absl::Status SetCount(double count);
  absl::Status SetSum(double sum);

  // Without a count: that of the highest bucket. Without +Inf: it holds the count. Compacted as
  // Prometheus does: wider runs of empty buckets stay where all counts are integers.
  absl::StatusOr<FloatHistogram> ToNative() const;

 private:
  struct Bucket {
    double bound;
    double count;
  };

  absl::Status Fail(absl::Status error) { return error_ = std::move(error); }

  std::vector<Bucket> buckets_;  // bounds rise
  std::optional<double> count_;
  double sum_ = 0;
  absl::Status error_;
};

}  // namespace synoptic::promql
