// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Answers into fragments and back.
#include "absl/container/flat_hash_map.h"

#include <algorithm>
#include <map>

#include "aggregator/cache/fragment.h"
#include "base/status.h"
#include "promql/model/column_chunk.h"

namespace synoptic::aggregator {
namespace {

using promql::Chunk;
using promql::Grid;
using promql::HistogramColumns;
using promql::Labels;
using promql::RawSeries;
using promql::SampleColumns;
using promql::StepSeries;

// A chunk that ends a part and is smaller than this grows together with what follows.
constexpr size_t kGrowBelow = 120;

// Of a fragment whose parts were said by several replicas: one of them, and this.
constexpr std::string_view kAndOthers = " and others";

bool IsPlain(const Chunk& chunk) {
  return chunk.encoding == promql::ChunkEncoding::kXor || chunk.encoding == promql::kColumnChunk;
}

size_t SamplesOf(const Chunk& chunk) { return promql::XorSampleCount(chunk.bytes); }

// How many chunks at the end of `chunks` are written anew together with the `more` samples that
// follow. What comes sample by sample is a short chunk of its own for a while: the models of a
// longer one are not looked for each time.
size_t Growing(const std::vector<Chunk>& chunks, size_t more) {
  if (chunks.empty() || !IsPlain(chunks.back()) || SamplesOf(chunks.back()) >= kGrowBelow) return 0;
  const size_t last = SamplesOf(chunks.back());
  if (last >= promql::kLeastColumnSamples) return more >= promql::kLeastColumnSamples ? 1 : 0;
  if (last + more < promql::kLeastColumnSamples || chunks.size() < 2) return 1;
  const Chunk& before = chunks[chunks.size() - 2];
  return IsPlain(before) && SamplesOf(before) < kGrowBelow ? 2 : 1;
}

// The samples of `chunks` within the range, whole chunks as they are.
absl::Status AddWithin(const std::vector<Chunk>& chunks, int64_t first, int64_t last,
                       FragmentBuilder& builder) {
  SampleColumns floats;
  HistogramColumns histograms;
  for (const Chunk& chunk : chunks) {
    if (chunk.max_t < first || chunk.min_t > last) continue;
    if (chunk.min_t >= first && chunk.max_t <= last) {
      builder.AddChunk(chunk);
      continue;
    }
    RETURN_IF_ERROR(promql::DecodeChunk(chunk, first, last, floats, &histograms));
    builder.AddSamples(floats, histograms);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FragmentPtr> PackRaw(std::span<const RawSeries> series, int64_t first, int64_t last,
                                    FragmentOrigin origin, FragmentPtr like) {
  FragmentBuilder builder(first, last, std::move(origin), std::move(like));
  SampleColumns floats;
  HistogramColumns histograms;
  for (const RawSeries& one : series) {
    builder.Begin(one.labels);
    if (const auto* chunks = std::get_if<std::vector<Chunk>>(&one.data)) {
      RETURN_IF_ERROR(AddWithin(*chunks, first, last, builder));
      continue;
    }
    RETURN_IF_ERROR(promql::ReadSamples(one, first, last, floats, &histograms));
    builder.AddSamples(floats, histograms);
  }
  return builder.Build();
}

FragmentPtr PackSteps(std::span<const StepSeries> series, const Grid& grid, int64_t first,
                      int64_t last, FragmentOrigin origin, FragmentPtr like) {
  FragmentBuilder builder(first, last, std::move(origin), std::move(like));
  SampleColumns floats;
  HistogramColumns none;
  size_t begin = 0;
  while (begin < grid.size() && grid.at(begin) < first) ++begin;
  for (const StepSeries& one : series) {
    builder.Begin(one.labels);
    for (size_t i = begin; i < one.values.size() && grid.at(i) <= last; ++i) {
      if (!promql::IsAbsent(one.values[i])) floats.push_back(grid.at(i), one.values[i]);
    }
    builder.AddSamples(floats, none);
  }
  return builder.Build();
}

absl::StatusOr<FragmentPtr> JoinFragments(const FragmentPtr& a, const FragmentPtr& b) {
  FragmentOrigin origin = b->origin();
  // Nobody's word alone.
  if (a->origin().replica != origin.replica && !origin.replica.ends_with(kAndOthers)) {
    origin.replica += kAndOthers;
  }
  FragmentBuilder builder(a->first(), b->last(), std::move(origin), a);
  builder.Replaces();
  builder.Note(a->origin());
  SampleColumns floats;
  HistogramColumns none;
  for (size_t i = 0, j = 0; i < a->size() || j < b->size();) {
    const bool from_a = j >= b->size() || (i < a->size() && a->labels(i) <= b->labels(j));
    const bool from_b = i >= a->size() || (j < b->size() && b->labels(j) <= a->labels(i));
    builder.Begin(from_a ? a->labels(i) : b->labels(j));
    std::vector<Chunk> chunks;
    if (from_a) chunks = a->Chunks(i++);
    std::vector<Chunk> more;
    if (from_b) more = b->Chunks(j++);
    if (!chunks.empty() && !more.empty() && IsPlain(more.front())) {
      const size_t kept = chunks.size() - Growing(chunks, SamplesOf(more.front()));
      if (kept < chunks.size()) {
        chunks.push_back(std::move(more.front()));
        more.erase(more.begin());
      }
      for (size_t k = kept; k < chunks.size(); ++k) {
        RETURN_IF_ERROR(
            promql::DecodeChunk(chunks[k], chunks[k].min_t, chunks[k].max_t, floats, nullptr));
      }
      chunks.resize(kept);
    }
    for (const Chunk& chunk : chunks) builder.AddChunk(chunk);
    if (!floats.empty()) builder.AddSamples(floats, none);
    for (const Chunk& chunk : more) builder.AddChunk(chunk);
  }
  return builder.Build();
}

absl::StatusOr<FragmentPtr> CompactFragment(const FragmentPtr& fragment) {
  if (!fragment->loose()) return fragment;
  FragmentBuilder builder(fragment->first(), fragment->last(), fragment->origin(), fragment);
  builder.Replaces();
  SampleColumns floats;
  HistogramColumns none;
  for (size_t i = 0; i < fragment->size(); ++i) {
    builder.Begin(fragment->labels(i));
    for (const Chunk& chunk : fragment->Chunks(i)) {
      if (IsPlain(chunk)) {
        RETURN_IF_ERROR(promql::DecodeChunk(chunk, chunk.min_t, chunk.max_t, floats, nullptr));
        continue;
      }
      builder.AddSamples(floats, none);
      builder.AddChunk(chunk);
    }
    builder.AddSamples(floats, none);
  }
  return builder.Build();
}

absl::StatusOr<FragmentPtr> CutFragment(const FragmentPtr& fragment, int64_t first, int64_t last) {
  if (first <= fragment->first() && last >= fragment->last()) return fragment;
  FragmentBuilder builder(std::max(first, fragment->first()), std::min(last, fragment->last()),
                          fragment->origin(), fragment);
  builder.Replaces();
  for (size_t i = 0; i < fragment->size(); ++i) {
    builder.Begin(fragment->labels(i));
    RETURN_IF_ERROR(AddWithin(fragment->Chunks(i), first, last, builder));
  }
  return builder.Build();
}

absl::StatusOr<std::vector<StepSeries>> UnpackSteps(std::span<const FragmentPtr> fragments,
                                                    const Grid& grid) {
  std::vector<StepSeries> out;
  absl::flat_hash_map<Labels, size_t, promql::LabelsHash> known;
  SampleColumns floats;
  for (const FragmentPtr& fragment : fragments) {
    for (size_t i = 0; i < fragment->size(); ++i) {
      floats.clear();
      for (const Chunk& chunk : fragment->Chunks(i)) {
        RETURN_IF_ERROR(promql::DecodeChunk(chunk, grid.start, grid.end, floats, nullptr));
      }
      if (floats.empty()) continue;
      const auto [found, fresh] = known.try_emplace(fragment->labels(i), out.size());
      if (fresh) {
        out.push_back(
            {fragment->labels(i), std::vector<double>(grid.size(), promql::Absent()), {}});
      }
      std::vector<double>& values = out[found->second].values;
      for (size_t k = 0; k < floats.size(); ++k) {
        const int64_t distance = floats.t[k] - grid.start;
        if (distance % grid.step == 0)
          values[static_cast<size_t>(distance / grid.step)] = floats.v[k];
      }
    }
  }
  std::sort(out.begin(), out.end(),
            [](const StepSeries& a, const StepSeries& b) { return a.labels < b.labels; });
  return out;
}

std::vector<RawSeries> UnpackRaw(std::span<const FragmentPtr> fragments) {
  std::vector<RawSeries> out;
  absl::flat_hash_map<Labels, size_t, promql::LabelsHash> known;
  for (const FragmentPtr& fragment : fragments) {
    for (size_t i = 0; i < fragment->size(); ++i) {
      const auto [found, fresh] = known.try_emplace(fragment->labels(i), out.size());
      if (fresh) out.push_back({fragment->labels(i), std::vector<Chunk>(), {}});
      auto& chunks = std::get<std::vector<Chunk>>(out[found->second].data);
      std::vector<Chunk> more = fragment->Chunks(i);
      chunks.insert(chunks.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const RawSeries& a, const RawSeries& b) { return a.labels < b.labels; });
  return out;
}

}  // namespace synoptic::aggregator
