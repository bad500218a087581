// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/upstream/query_decoder.h"

#include <algorithm>

#include "aggregator/upstream/reason.h"
#include "aggregator/upstream/sample_text.h"
#include "aggregator/upstream/series_set.h"
#include "base/status.h"
#include "base/strings.h"

namespace synoptic::aggregator {
namespace {

absl::Status OffGrid(const promql::Labels& labels, int64_t t, const promql::Grid& grid) {
  return MakeStatus(absl::StatusCode::kDataLoss,
                    "series {}: time {} is not one of those asked for ({} to {} every {} s)",
                    Shorten(labels.ToString()), FormatSeconds(t), FormatSeconds(grid.start),
                    FormatSeconds(grid.end), FormatSeconds(grid.step));
}

absl::Status CheckAnswer(const ResultReader& reader, bool matrix) {
  if (!reader.success()) return StatusOfApiError(200, reader.error_type(), reader.error());
  if ((reader.result_type() == "matrix") == matrix) return absl::OkStatus();
  return MakeStatus(absl::StatusCode::kDataLoss, "resultType \"{}\": expected {}",
                    reader.result_type(), matrix ? "matrix" : "vector");
}

// Sorted; DataLoss when one is there twice or is not as it should be.
absl::StatusOr<std::vector<promql::Label>> SortedLabels(
    const std::vector<JsonStream::Member>& members) {
  std::vector<promql::Label> labels;
  for (const auto& [name, value] : members) {
    if (name.empty() || name.size() > kMaxLabelNameBytes || value.size() > kMaxLabelValueBytes ||
        labels.size() == kMaxLabelsPerSeries) {
      return MakeStatus(absl::StatusCode::kDataLoss, "series with label \"{}\": over the limits",
                        Shorten(name));
    }
    labels.push_back({name, value});
  }
  std::sort(labels.begin(), labels.end());
  for (size_t i = 1; i < labels.size(); ++i) {
    if (labels[i].name == labels[i - 1].name) {
      return MakeStatus(absl::StatusCode::kDataLoss, "label \"{}\" is given twice in one series",
                        Shorten(labels[i].name));
    }
  }
  return labels;
}

absl::Status NotFromJson(std::string_view what) {
  return WithReason(absl::FailedPreconditionError(ToAbsl(what)), kHistogramsReason);
}

}  // namespace

bool LeftHistogramsOut(const std::vector<std::string>& warnings) {
  return std::any_of(warnings.begin(), warnings.end(), [](std::string_view text) {
    return text.find("a mix of histograms and floats for aggregation") != text.npos ||
           text.find("a mix of histograms with exponential and custom buckets") != text.npos ||
           text.find("warning annotations omitted") != text.npos;
  });
}

StepDecoder::StepDecoder(const promql::Grid& grid, bool instant, const LabelRules& rules,
                         MemoryBudget* budget, bool as_text)
    : grid_(grid),
      instant_(instant),
      as_text_(as_text && instant),
      rules_(rules),
      held_(budget),
      room_(budget),
      reader_(*this, {.max_points_per_series = grid.size(), .budget = budget}),
      texts_(rules, budget) {}

absl::Status StepDecoder::OnPoint(const JsonStream::Object& labels, int64_t t, double v) {
  ASSIGN_OR_RETURN(const bool added, texts_.AddPlain(labels));
  if (added) return AddPoint(t, v);
  promql::SampleColumns samples;
  samples.push_back(t, v);
  ASSIGN_OR_RETURN(const std::vector<promql::Label> sorted, SortedLabels(labels.members));
  return OnSeries(sorted, samples);
}

// Of the labels written last.
absl::Status StepDecoder::AddPoint(int64_t t, double v) {
  if (t != grid_.start) {
    return OffGrid(texts_.sets().LabelsAt(texts_.sets().size() - 1), t, grid_);
  }
  RETURN_IF_ERROR(MakeRoom(values_, room_));
  values_.push_back(v);
  return absl::OkStatus();
}

absl::Status StepDecoder::OnSeries(std::span<const promql::Label> labels,
                                   promql::SampleColumns& samples) {
  if (samples.empty()) return absl::OkStatus();
  if (as_text_) {
    RETURN_IF_ERROR(texts_.Add(labels));
    return AddPoint(samples.t.front(), samples.v.front());
  }
  RETURN_IF_ERROR(MakeRoom(series_, room_));
  promql::StepSeries series{rules_.Apply(labels), {}};
  const size_t steps = grid_.size();
  RETURN_IF_ERROR(held_.Grow(HeldBytes(series) + static_cast<int64_t>(steps * sizeof(double))));
  if (samples.size() == steps && samples.t.front() == grid_.start &&
      samples.t.back() == grid_.at(steps - 1)) {
    // As many rising times as steps, ends right: mostly every step. Checked all the same.
    bool all = true;
    for (size_t i = 0; i < steps; ++i) all &= samples.t[i] == grid_.at(i);
    if (all) {
      series.values.assign(samples.v.begin(), samples.v.end());
      series_.push_back(std::move(series));
      return absl::OkStatus();
    }
  }
  series.values.assign(steps, promql::Absent());
  for (size_t i = 0; i < samples.size(); ++i) {
    const int64_t t = samples.t[i];
    if (t < grid_.start || t > grid_.end || (t - grid_.start) % grid_.step != 0) {
      return OffGrid(series.labels, t, grid_);
    }
    series.values[static_cast<size_t>((t - grid_.start) / grid_.step)] = samples.v[i];
  }
  series_.push_back(std::move(series));
  return absl::OkStatus();
}

absl::Status StepDecoder::OnHistograms(std::string_view series) {
  return NotFromJson(fmt::format("series {}: native histograms", series));
}

absl::Status StepDecoder::OnEnd() {
  RETURN_IF_ERROR(reader_.Finish());
  RETURN_IF_ERROR(CheckAnswer(reader_, !instant_));
  if (LeftHistogramsOut(reader_.warnings())) return NotFromJson("native histograms among floats");
  MakeSet(series_);
  return absl::OkStatus();
}

void StepDecoder::Take(StepAnswer& answer) {
  if (as_text_) {
    answer.texts.emplace(PointTexts{std::move(texts_.sets()), std::move(values_)}).MakeSet();
  }
  answer.series = std::move(series_);
  answer.info.warnings = reader_.warnings();
  answer.info.infos = reader_.infos();
  answer.info.charged_bytes = held_.Detach() + room_.Detach() + texts_.held().Detach();
}

MatrixDecoder::MatrixDecoder(const LabelRules& rules, MemoryBudget* budget)
    : rules_(rules), held_(budget), room_(budget), reader_(*this, {.budget = budget}) {}

absl::Status MatrixDecoder::OnSeries(std::span<const promql::Label> labels,
                                     promql::SampleColumns& samples) {
  if (samples.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(MakeRoom(series_, room_));
  promql::RawSeries series{rules_.Apply(labels), std::move(samples)};
  samples = {};
  RETURN_IF_ERROR(held_.Grow(HeldBytes(series)));
  series_.push_back(std::move(series));
  return absl::OkStatus();
}

absl::Status MatrixDecoder::OnHistograms(std::string_view series) {
  return MakeStatus(absl::StatusCode::kUnimplemented,
                    "series {} holds native histograms: they come exactly by remote read alone, "
                    "which this server does not offer or is not configured for (read)",
                    series);
}

absl::Status MatrixDecoder::OnEnd() {
  RETURN_IF_ERROR(reader_.Finish());
  RETURN_IF_ERROR(CheckAnswer(reader_, true));
  return MakeSet(series_, held_);
}

void MatrixDecoder::Take(RawAnswer& answer) {
  answer.series = std::move(series_);
  answer.info.warnings = reader_.warnings();
  answer.info.infos = reader_.infos();
  answer.info.charged_bytes = held_.Detach() + room_.Detach();
}

}  // namespace synoptic::aggregator
