// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A fragment as bytes that outlive the process, and back. The bytes carry a checksum and the whole
// key they belong to; what is read back is not believed until all of it was looked at, so that
// damaged, foreign and made-up bytes give an error, never an answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "aggregator/cache/fragment.h"

namespace synoptic::aggregator {

std::string EncodeFragment(std::string_view stream, int64_t block, const Fragment& fragment);

// DataLoss when the bytes are damaged, NotFound when they are whole and of another block. `like`
// may be null: a fragment of the same stream to share label sets with.
absl::StatusOr<FragmentPtr> DecodeFragment(std::string_view bytes, std::string_view stream,
                                           int64_t block, FragmentPtr like);

// What the bytes say they hold, without the series. The views are of `bytes`. DataLoss when they
// are cut short; the checksum is not looked at.
struct EncodedHeader {
  std::string_view stream;
  int64_t block = 0;
  int64_t first = 0;
  int64_t last = 0;
};
absl::StatusOr<EncodedHeader> ReadHeader(std::string_view bytes);

}  // namespace synoptic::aggregator
