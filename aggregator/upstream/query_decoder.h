// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Answers of `query` and `query_range`, decoded as they arrive: StepDecoder into columns over a
// known grid, MatrixDecoder into original samples (the range-selector form of a raw read).
//
// Neither takes native histograms from JSON. StepDecoder fails with kHistogramsReason, also where
// an annotation says that histograms were left out of an aggregation that may be a part of ours;
// MatrixDecoder with Unimplemented.
//
// What they keep is charged to the budget and stays so until they are destroyed, unless Take
// detaches it.
#pragma once

#include <string>
#include <vector>

#include "aggregator/upstream/api_sink.h"
#include "aggregator/upstream/label_rules.h"
#include "aggregator/upstream/label_text_writer.h"
#include "aggregator/upstream/result_reader.h"
#include "aggregator/upstream/shard_client.h"

namespace synoptic::aggregator {

// Whether an annotation says that a group has no value because floats and histograms met in it. Of
// a group that reaches across shards, this one's part is missing then, not empty: what the others
// sent must not pass for the whole.
bool LeftHistogramsOut(const std::vector<std::string>& warnings);

class StepDecoder final : public ApiSink, private SeriesSink {
 public:
  // `instant`: an answer of `query` at the grid's one time (vector or scalar), else a matrix.
  // `rules` and `budget` (may be null) must outlive the decoder.
  // `as_text`: of a vector, `answer.texts` is filled instead of its series.
  StepDecoder(const promql::Grid& grid, bool instant, const LabelRules& rules, MemoryBudget* budget,
              bool as_text = false);
  // REQUIRES: Finish() was OK. Series sorted by labels; notes in `answer.info`.
  void Take(StepAnswer& answer);

 private:
  absl::Status OnBody(std::string_view data) override { return reader_.Feed(data); }
  absl::Status OnEnd() override;
  absl::Status OnSeries(std::span<const promql::Label> labels,
                        promql::SampleColumns& samples) override;
  absl::Status OnHistograms(std::string_view series) override;
  bool TakesPoints() const override { return as_text_; }
  absl::Status OnPoint(const JsonStream::Object& labels, int64_t t, double v) override;
  absl::Status AddPoint(int64_t t, double v);

  const promql::Grid grid_;
  const bool instant_;
  const bool as_text_;
  const LabelRules& rules_;
  Reservation held_;
  Reservation room_;
  ResultReader reader_;
  std::vector<promql::StepSeries> series_;
  // As text.
  LabelTextWriter texts_;
  std::vector<double> values_;
};

class MatrixDecoder final : public ApiSink, private SeriesSink {
 public:
  MatrixDecoder(const LabelRules& rules, MemoryBudget* budget);
  void Take(RawAnswer& answer);

 private:
  absl::Status OnBody(std::string_view data) override { return reader_.Feed(data); }
  absl::Status OnEnd() override;
  absl::Status OnSeries(std::span<const promql::Label> labels,
                        promql::SampleColumns& samples) override;
  absl::Status OnHistograms(std::string_view series) override;

  const LabelRules& rules_;
  Reservation held_;
  Reservation room_;
  ResultReader reader_;
  std::vector<promql::RawSeries> series_;
};

}  // namespace synoptic::aggregator
