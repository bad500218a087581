// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/cache/question.h"

#include <algorithm>

#include "base/status.h"

namespace synoptic::aggregator {
namespace {

promql::Grid GridOf(const Question& question, const Span& span) {
  return {span.first, span.last, question.layout.step};
}

}  // namespace

Question QuestionOf(const ShardIdentity& shard, const StepRequest& request, DataReach reach) {
  Question question;
  question.layout = BlockLayout::OfSteps(request.grid);
  question.span = {request.grid.start, question.layout.PointAtOrBefore(request.grid.end)};
  question.reach = reach;
  question.stream = StepsKey(shard, request, question.layout.phase);
  return question;
}

Question QuestionOf(const ShardIdentity& shard, const RawRequest& request) {
  Question question;
  question.layout = BlockLayout::OfSamples();
  question.span = {request.min_t, request.max_t};
  question.reach.ahead_ms = 0;
  question.stream = SamplesKey(shard, request);
  return question;
}

StepRequest Within(StepRequest request, const Span& span) {
  request.grid.start = span.first;
  request.grid.end = span.last;
  return request;
}
RawRequest Within(RawRequest request, const Span& span) {
  request.min_t = span.first;
  request.max_t = span.last;
  return request;
}

absl::StatusOr<FragmentPtr> Pack(const StepAnswer& answer, const Question& question,
                                 const Span& asked, const Span& span, FragmentOrigin origin,
                                 FragmentPtr like) {
  return PackSteps(answer.series, GridOf(question, asked), span.first, span.last, std::move(origin),
                   std::move(like));
}
absl::StatusOr<FragmentPtr> Pack(const RawAnswer& answer, const Question&, const Span&,
                                 const Span& span, FragmentOrigin origin, FragmentPtr like) {
  return PackRaw(answer.series, span.first, span.last, std::move(origin), std::move(like));
}

absl::Status Unpack(const Question& question, std::span<const FragmentPtr> parts,
                    StepAnswer& answer) {
  ASSIGN_OR_RETURN(answer.series, UnpackSteps(parts, GridOf(question, question.span)));
  return absl::OkStatus();
}
absl::Status Unpack(const Question& question, std::span<const FragmentPtr> parts,
                    RawAnswer& answer) {
  answer.series = UnpackRaw(parts);
  // A series that has samples in the fragments but none in what was asked for is not in the answer.
  std::erase_if(answer.series, [&](promql::RawSeries& one) {
    auto& chunks = std::get<std::vector<promql::Chunk>>(one.data);
    std::erase_if(chunks, [&](const promql::Chunk& chunk) {
      return chunk.max_t < question.span.first || chunk.min_t > question.span.last;
    });
    return chunks.empty();
  });
  return absl::OkStatus();
}

int64_t UnpackedBytes(const StepAnswer&, const Question& question,
                      std::span<const FragmentPtr> parts) {
  size_t series = 0;
  for (const FragmentPtr& part : parts) series = std::max(series, part->size());
  const size_t points = GridOf(question, question.span).size();
  return static_cast<int64_t>(series * (points * sizeof(double) + sizeof(promql::StepSeries)));
}
int64_t UnpackedBytes(const RawAnswer&, const Question&, std::span<const FragmentPtr> parts) {
  int64_t bytes = 0;
  for (const FragmentPtr& part : parts) {
    bytes += part->bytes() + static_cast<int64_t>(part->size() * 2 * sizeof(promql::Chunk));
  }
  return bytes;
}

}  // namespace synoptic::aggregator
