// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the two kinds of questions, steps and stored samples, are to the cache: a stream (all that
// decides the answer but the time), the points of time asked for, and how to ask for fewer.
#pragma once

#include <string>

#include "aggregator/cache/data_reach.h"
#include "aggregator/cache/fragment.h"
#include "aggregator/cache/spans.h"
#include "aggregator/cache/stream_key.h"

namespace synoptic::aggregator {

struct Question {
  std::string stream;
  BlockLayout layout;
  Span span;  // what was asked for
  DataReach reach;
  bool late = false;      // what it selects may come later than all else of its shard
  int64_t shared_ms = 0;  // how old an answer about unsettled data may be
};

Question QuestionOf(const ShardIdentity& shard, const StepRequest& request, DataReach reach);
Question QuestionOf(const ShardIdentity& shard, const RawRequest& request);

// The same request for other times.
StepRequest Within(StepRequest request, const Span& span);
RawRequest Within(RawRequest request, const Span& span);

// The part of an answer, whose request was for `asked`, that lies in `span`.
absl::StatusOr<FragmentPtr> Pack(const StepAnswer& answer, const Question& question,
                                 const Span& asked, const Span& span, FragmentOrigin origin,
                                 FragmentPtr like);
absl::StatusOr<FragmentPtr> Pack(const RawAnswer& answer, const Question& question,
                                 const Span& asked, const Span& span, FragmentOrigin origin,
                                 FragmentPtr like);

// The series of an answer, from fragments in order.
absl::Status Unpack(const Question& question, std::span<const FragmentPtr> parts,
                    StepAnswer& answer);
absl::Status Unpack(const Question& question, std::span<const FragmentPtr> parts,
                    RawAnswer& answer);

// Bytes that the series will hold once unpacked.
int64_t UnpackedBytes(const StepAnswer&, const Question& question,
                      std::span<const FragmentPtr> parts);
int64_t UnpackedBytes(const RawAnswer&, const Question& question,
                      std::span<const FragmentPtr> parts);

}  // namespace synoptic::aggregator
