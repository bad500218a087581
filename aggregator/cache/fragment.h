// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A fragment: what one shard answered for one stretch of time, compressed. The unit of the cache.
//
// Of a pushed-down expression it holds the value at each step (a sample whose time is the step's),
// of a selector the stored samples; both as chunks in one buffer beside the labels.
// It is whole over [first, last]: a series without a sample there has none. Immutable and shared.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "promql/model/series.h"

namespace synoptic::aggregator {

class Fragment;
using FragmentPtr = std::shared_ptr<const Fragment>;

// Who said it, when, and what was said about the expression.
struct FragmentOrigin {
  std::string replica;
  int64_t fetched_ms = 0;  // wall clock
  std::vector<std::string> warnings = {};
  std::vector<std::string> infos = {};
};

class Fragment {
 public:
  int64_t first() const { return first_; }  // ms, inclusive
  int64_t last() const { return last_; }
  const FragmentOrigin& origin() const { return origin_; }

  size_t size() const { return series_.size(); }  // series, sorted by labels
  const promql::Labels& labels(size_t i) const { return series_[i].labels; }
  // Views into the fragment's buffer, which they keep alive; in order of time.
  std::vector<promql::Chunk> Chunks(size_t i) const;

  // Bytes on the heap. Labels shared with an older fragment of the same stream do not count again,
  // but with what takes that one's place they do.
  int64_t bytes() const { return bytes_; }
  int64_t samples() const { return samples_; }
  // Whether it holds chunks as they came from a server, which take more than ours.
  bool loose() const { return loose_; }

 private:
  friend class FragmentBuilder;
  struct Series {
    promql::Labels labels;
    size_t begin;  // where its chunks begin in the buffer
  };
  Fragment() = default;

  int64_t first_ = 0;
  int64_t last_ = 0;
  int64_t bytes_ = 0;
  int64_t label_bytes_ = 0;  // of them
  int64_t samples_ = 0;
  bool loose_ = false;
  FragmentOrigin origin_;
  std::vector<Series> series_;
  std::shared_ptr<const std::string> buffer_;
};

// Makes one fragment, series by series. One thread.
class FragmentBuilder {
 public:
  // `like` may be null: an older fragment whose label sets are shared where they are equal.
  FragmentBuilder(int64_t first, int64_t last, FragmentOrigin origin, FragmentPtr like);

  // Takes the place of `like`, whose labels it then holds alone.
  void Replaces();
  // Adds what another part was said with.
  void Note(const FragmentOrigin& other);

  // Series come sorted by labels, each once; then its chunks in order of time. A series that gets
  // no chunk is left out.
  void Begin(const promql::Labels& labels);
  void AddChunk(const promql::Chunk& chunk);
  // Both are empty afterwards. No time is in both.
  void AddSamples(promql::SampleColumns& floats, promql::HistogramColumns& histograms);

  FragmentPtr Build();

 private:
  void Flush();

  std::unique_ptr<Fragment> fragment_;
  const FragmentPtr like_;
  size_t like_at_ = 0;
  std::string buffer_;
  int64_t label_bytes_ = 0;
  promql::Labels labels_;    // of the series that was begun
  bool own_labels_ = false;  // not shared with `like`
  bool has_chunks_ = false;
};

// The part of `series` within [first, last]: samples outside are cut off. DataLoss when a chunk is
// damaged.
absl::StatusOr<FragmentPtr> PackRaw(std::span<const promql::RawSeries> series, int64_t first,
                                    int64_t last, FragmentOrigin origin, FragmentPtr like);

// The values of `series`, which lie over `grid`, at the grid's points within [first, last].
FragmentPtr PackSteps(std::span<const promql::StepSeries> series, const promql::Grid& grid,
                      int64_t first, int64_t last, FragmentOrigin origin, FragmentPtr like);

// One fragment of two: `b` begins after `a` ends, and nothing lies between them. Small chunks grow
// together.
absl::StatusOr<FragmentPtr> JoinFragments(const FragmentPtr& a, const FragmentPtr& b);

// The same in fewer bytes, if it is loose.
absl::StatusOr<FragmentPtr> CompactFragment(const FragmentPtr& fragment);

// The part of `fragment` within [first, last].
absl::StatusOr<FragmentPtr> CutFragment(const FragmentPtr& fragment, int64_t first, int64_t last);

// Series over `grid` from fragments in order of time that do not overlap.
absl::StatusOr<std::vector<promql::StepSeries>> UnpackSteps(std::span<const FragmentPtr> fragments,
                                                            const promql::Grid& grid);

// Stored series, still compressed, from fragments in order of time that do not overlap. Chunks may
// reach outside of what was asked for.
std::vector<promql::RawSeries> UnpackRaw(std::span<const FragmentPtr> fragments);

}  // namespace synoptic::aggregator
