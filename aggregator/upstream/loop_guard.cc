// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/loop_guard.h"

#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {

void AddVia(std::string_view via, std::string_view identity, net::Headers& headers) {
  if (identity.empty()) return;
  std::string value(via);
  if (!value.empty()) value += ',';
  value += identity;
  headers.Add(std::string(kViaHeader), std::move(value));
}

absl::Status CheckVia(std::string_view via, std::string_view identity) {
  if (via.empty()) return absl::OkStatus();
  size_t levels = 0;
  for (const std::string_view part : Split(via, ',')) {
    ++levels;
    if (Trim(part) == identity) {
      return MakeStatus(
          absl::StatusCode::kFailedPrecondition,
          "loop: this request came through this Synoptic before; a region of it leads "
          "back to it");
    }
  }
  if (levels <= kMaxVia) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kFailedPrecondition,
                    "loop: this request came through {} Synoptics; expected at most {}", levels,
                    kMaxVia);
}

}  // namespace synoptic::aggregator
