// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// BoundedReader: the one class through which every byte of an upstream comes. It counts wire and
// decoded bytes, undoes gzip piece by piece and holds the transfer to its limits: wire cap, decoded
// cap, ratio, no progress, minimum rate, deadline, memory budget.
//
// Pure state over a Clock: the owner feeds it and asks CheckTime() when NextCheck() comes. Not
// thread-safe. Errors: ResourceExhausted (a limit), DeadlineExceeded (time), InvalidArgument
// (unknown or damaged coding), Unavailable (ended too early).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "base/budget.h"
#include "net/async/deadline.h"
#include "net/http/client.h"
#include "net/http/gzip.h"

namespace synoptic::net {

class BoundedReader {
 public:
  using Output = absl::FunctionRef<absl::Status(std::string_view)>;

  // `budget` (may be null) is charged for the decoder's buffers while they exist; what the output
  // keeps it charges itself. `clock` and `budget` must outlive this.
  BoundedReader(const Clock& clock, const ResponseLimits& limits, Deadline deadline,
                MemoryBudget* budget = nullptr);

  // `bytes` came off the wire: head, framing and body alike. The first call starts the clocks of
  // progress and rate.
  absl::Status OnWire(size_t bytes);
  // Before the body. `content_encoding` as in the header: "", "identity" or "gzip"; nested and
  // unknown codings are refused.
  absl::Status BeginBody(std::string_view content_encoding);
  // A piece of the body without its framing; decoded, it goes to `output`, whose error is returned.
  absl::Status OnBody(std::string_view piece, Output output);
  // The framing says that the body is whole. Unavailable when the coding says it is not.
  absl::Status EndBody();

  // Whether the transfer is still within its times.
  absl::Status CheckTime();
  // When CheckTime should be asked next.
  MonoTime NextCheck() const;

  int64_t wire_bytes() const { return wire_bytes_; }
  int64_t decoded_bytes() const { return decoded_bytes_; }

 private:
  absl::Status OnDecoded(std::string_view piece, Output output);

  const Clock& clock_;
  const ResponseLimits limits_;
  const Deadline deadline_;
  Reservation reservation_;
  std::optional<internal::GzipReader> gzip_;
  int64_t wire_bytes_ = 0;
  int64_t decoded_bytes_ = 0;
  std::optional<MonoTime> last_progress_;
  // The rate is judged over windows of `grace`, so that a fast start does not pay for a slow rest.
  MonoTime window_start_;
  int64_t window_bytes_ = 0;
};

}  // namespace synoptic::net
