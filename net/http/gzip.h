// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// gzip both ways over zlib: whole bodies out, a stream of pieces in.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace synoptic::net::internal {

// Fast rather than small (level 1). Empty when out of memory: send the body as it is.
std::string GzipCompress(std::string_view body);

// Decodes one gzip member. More than one, or bytes behind it, are refused: what a Prometheus sends
// is one member, and anything else hides bytes from one of two readers.
class GzipReader {
 public:
  using Output = absl::FunctionRef<absl::Status(std::string_view)>;
  static constexpr size_t kBufferBytes = 64 << 10;
  // What one reader holds in memory, for budgets: output, zlib's window and state.
  static constexpr size_t kMemoryBytes = kBufferBytes + (48 << 10);

  GzipReader();
  ~GzipReader();
  // Hands decoded pieces to `output` (its error is returned). InvalidArgument: not gzip, bad
  // checksum, bytes behind the end.
  absl::Status Feed(std::string_view input, Output output);
  // The member ended, checksum and length verified.
  bool done() const { return done_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool done_ = false;
};

}  // namespace synoptic::net::internal
