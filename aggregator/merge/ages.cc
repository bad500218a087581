// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/merge/ages.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "base/status.h"
#include "promql/model/mixed_samples.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;
using promql::ChunkEncoding;
using promql::RawSeries;
using promql::SampleColumns;

struct Piece {
  TimeSpan span;
  RawSeries* series;
};

bool Within(const TimeSpan& outer, int64_t from, int64_t until) {
  return outer.from <= from && until <= outer.until;
}

bool Within(const TimeSpan& outer, const RawSeries& series) {
  if (const auto* chunks = std::get_if<std::vector<Chunk>>(&series.data)) {
    return std::all_of(chunks->begin(), chunks->end(),
                       [&](const Chunk& chunk) { return Within(outer, chunk.min_t, chunk.max_t); });
  }
  const auto& t = std::get<SampleColumns>(series.data).t;
  const auto& h = series.histograms.t;
  return (t.empty() || Within(outer, t.front(), t.back())) &&
         (h.empty() || Within(outer, h.front(), h.back()));
}

bool HoldsPlainChunks(const Piece& piece) {
  const auto* chunks = std::get_if<std::vector<Chunk>>(&piece.series->data);
  return chunks != nullptr && std::all_of(chunks->begin(), chunks->end(), [](const Chunk& chunk) {
           return chunk.encoding == ChunkEncoding::kXor;
         });
}

absl::Status AddCut(const Chunk& chunk, const TimeSpan& span, std::vector<Chunk>& out) {
  SampleColumns samples;
  RETURN_IF_ERROR(promql::DecodeXor(chunk.bytes, span.from, span.until, samples));
  if (samples.empty()) return absl::OkStatus();
  auto bytes = std::make_shared<const std::string>(
      promql::EncodeXor(samples.t.data(), samples.v.data(), samples.t.size()));
  out.push_back({samples.t.front(), samples.t.back(), ChunkEncoding::kXor, *bytes, bytes});
  return absl::OkStatus();
}

absl::StatusOr<RawSeries> JoinChunks(std::span<const Piece> pieces) {
  std::vector<Chunk> out;
  for (const Piece& piece : pieces) {
    for (Chunk& chunk : std::get<std::vector<Chunk>>(piece.series->data)) {
      if (Within(piece.span, chunk.min_t, chunk.max_t)) {
        out.push_back(std::move(chunk));
      } else if (chunk.min_t <= piece.span.until && piece.span.from <= chunk.max_t) {
        RETURN_IF_ERROR(AddCut(chunk, piece.span, out));
      }
    }
  }
  return RawSeries{std::move(pieces.front().series->labels), std::move(out)};
}

absl::StatusOr<RawSeries> JoinSamples(std::span<const Piece> pieces) {
  promql::MixedSamples joined;
  for (const Piece& piece : pieces) {
    ASSIGN_OR_RETURN(promql::MixedSamples samples, promql::ReadMixed(*piece.series));
    bool follows_another = !joined.empty();
    for (promql::MixedSample& sample : samples) {
      if (!Within(piece.span, sample.t, sample.t)) continue;
      if (std::exchange(follows_another, false)) promql::ForgetResetHint(sample);
      joined.push_back(std::move(sample));
    }
  }
  RawSeries out{std::move(pieces.front().series->labels), SampleColumns()};
  promql::SetMixed(std::move(joined), out);
  return out;
}

absl::StatusOr<RawSeries> Join(std::span<const Piece> pieces) {
  if (pieces.size() == 1 && Within(pieces[0].span, *pieces[0].series)) {
    return std::move(*pieces[0].series);
  }
  const bool plain = std::all_of(pieces.begin(), pieces.end(), HoldsPlainChunks);
  return plain ? JoinChunks(pieces) : JoinSamples(pieces);
}

bool HasSamples(const RawSeries& series) {
  if (const auto* chunks = std::get_if<std::vector<Chunk>>(&series.data)) return !chunks->empty();
  return !std::get<SampleColumns>(series.data).empty() || !series.histograms.t.empty();
}

}  // namespace

absl::StatusOr<std::vector<RawSeries>> JoinAges(std::vector<AgePart> parts) {
  std::vector<Piece> pieces;
  for (AgePart& part : parts) {
    for (RawSeries& series : part.series) pieces.push_back({part.span, &series});
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    if (a.series->labels == b.series->labels) return a.span.from < b.span.from;
    return a.series->labels < b.series->labels;
  });
  std::vector<RawSeries> out;
  for (auto at = pieces.begin(); at != pieces.end();) {
    const auto end = std::find_if(at, pieces.end(), [&](const Piece& piece) {
      return piece.series->labels != at->series->labels;
    });
    ASSIGN_OR_RETURN(RawSeries joined, Join({at, end}));
    if (HasSamples(joined)) out.push_back(std::move(joined));
    at = end;
  }
  return out;
}

}  // namespace synoptic::aggregator
