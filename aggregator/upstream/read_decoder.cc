// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/read_decoder.h"

#include <algorithm>
#include <utility>

#include "aggregator/upstream/result_reader.h"
#include "aggregator/upstream/series_set.h"
#include "base/grow.h"
#include "base/status.h"

namespace synoptic::aggregator {

ReadDecoder::ReadDecoder(const LabelRules& rules, promql::Labels external, MemoryBudget* budget,
                         int64_t max_bytes)
    : max_bytes_(max_bytes),
      held_(budget),
      body_charge_(budget),
      builder_(rules, std::move(external), held_),
      frames_(budget,
              [this](std::string_view frame) { return DecodeChunkedFrame(frame, builder_); }) {}

bool ReadDecoder::not_offered() const {
  const int status = http_status();
  return status == 400 || status == 404 || status == 405 || status == 501;
}

absl::Status ReadDecoder::OnContentType(std::string_view type) {
  streamed_ = type.starts_with("application/x-streamed-protobuf");
  if (streamed_ || type.starts_with("application/x-protobuf")) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "content type \"{}\": expected application/x-streamed-protobuf or "
                    "application/x-protobuf",
                    Shorten(type));
}

absl::Status ReadDecoder::OnBody(std::string_view data) {
  if (streamed_) return frames_.Feed(data);
  if (const size_t size = body_.size() + data.size(); size > body_.capacity()) {
    // While it grows, what it grew out of is there, too.
    const size_t wanted = std::max(size, 2 * body_.capacity());
    Reservation larger = body_charge_.Sibling();
    RETURN_IF_ERROR(larger.Grow(static_cast<int64_t>(wanted)));
    GrowTo(body_, wanted);
    body_charge_ = std::move(larger);
  }
  body_ += data;
  return absl::OkStatus();
}

absl::Status ReadDecoder::OnEnd() {
  if (streamed_) {
    RETURN_IF_ERROR(frames_.Finish());
  } else {
    RETURN_IF_ERROR(DecodeSamples(body_, max_bytes_, held_, builder_));
    body_ = {};
    body_charge_.Reset();
  }
  series_ = builder_.Take();
  return MakeSet(series_, held_);
}

void ReadDecoder::Take(RawAnswer& answer) {
  answer.series = std::move(series_);
  answer.info.charged_bytes = held_.Detach();
}

}  // namespace synoptic::aggregator
