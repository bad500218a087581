// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The answer of remote read as it arrives, in whichever form the server chose (its Content-Type
// says).
#pragma once

#include <string>

#include "aggregator/upstream/api_sink.h"
#include "aggregator/upstream/remote_read.h"

namespace synoptic::aggregator {

class ReadDecoder final : public ApiSink {
 public:
  // `external`: labels that the server adds to its answers. `rules` and `budget` (may be null) must
  // outlive the decoder.
  ReadDecoder(const LabelRules& rules, promql::Labels external, MemoryBudget* budget,
              int64_t max_bytes);
  // REQUIRES: Finish() was OK.
  void Take(RawAnswer& answer);

  // After a failure. The server has no such endpoint, or refuses this request.
  bool not_offered() const;
  // It sent chunks we do not know, which it would turn into samples when asked to.
  bool unknown_encoding() const { return builder_.unknown_encoding(); }

 private:
  absl::Status OnContentType(std::string_view type) override;
  absl::Status OnBody(std::string_view data) override;
  absl::Status OnEnd() override;

  const int64_t max_bytes_;
  Reservation held_;
  Reservation body_charge_;
  RawSeriesBuilder builder_;
  FrameReader frames_;
  bool streamed_ = false;
  std::string body_;  // SAMPLES, compressed
  std::vector<promql::RawSeries> series_;
};

}  // namespace synoptic::aggregator
