// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// info(): labels of info metrics are added to the series of the same instance and job.
//
// Which labels depends on the step: info series come and go. So a series can become several, and
// all input is read before their labels are known. The second argument is a selector that says
// which info series there are at all; Preprocess has put into it what Prometheus asks its storage
// for, so that it is fetched like every other selector.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/status.h"
#include "promql/eval/info_series.h"
#include "promql/eval/operators.h"

namespace synoptic::promql::internal {
namespace {

// What the second argument says.
class DataSelector {
 public:
  explicit DataSelector(const VectorSelector& selector) {
    for (const Matcher& matcher : selector.matchers) {
      (matcher.name() == kMetricName ? names_ : data_).push_back(&matcher);
    }
  }

  bool IsInfoMetric(const Labels& labels) const { return AllMatch(names_, labels); }
  // Labels that are named are the only ones that are added.
  bool Adds(std::string_view label) const {
    if (label == kMetricName) return false;
    return data_.empty() || std::any_of(data_.begin(), data_.end(),
                                        [label](const Matcher* m) { return m->name() == label; });
  }
  // Series about which no info metric has anything stay.
  bool TakesNoInfo() const { return AllMatch(data_, Labels()); }

 private:
  static bool AllMatch(const std::vector<const Matcher*>& matchers, const Labels& labels) {
    return std::all_of(matchers.begin(), matchers.end(),
                       [&labels](const Matcher* m) { return m->Matches(labels); });
  }

  std::vector<const Matcher*> names_, data_;
};

constexpr uint32_t kDropped = static_cast<uint32_t>(-1);
constexpr uint32_t kConflict = static_cast<uint32_t>(-2);

class InfoOp final : public Operator {
 public:
  InfoOp(const VectorSelector& selector, const Scope& scope)
      : Operator(scope),
        selector_(selector),
        data_(selector),
        base_columns_(scope),
        present_(scope.steps()) {}

  absl::Status Init(Operator& base) {
    RETURN_IF_ERROR(ReadBase(base));
    ASSIGN_OR_RETURN(const InfoSeries info, ReadInfo());
    for (size_t i = 0; i < base_.size(); ++i) ListOutputs(i, info);
    return FirstError(info);
  }

 private:
  // An output: a base series at the steps where the info series give it these labels.
  struct Output {
    size_t base;
    uint32_t number;  // among the outputs of that series
  };
  struct Base {
    SeriesInfo series;
    bool is_info = false;           // is an info metric itself: passes as it is
    std::vector<uint32_t> outputs;  // of each step; empty: the only one, at every step
  };
  struct Conflict {
    size_t step;
    std::string label;
  };

  absl::Status ReadBase(Operator& base) {
    std::vector<double> column(scope().steps());
    for (const SeriesInfo& info : base.series()) {
      RETURN_IF_ERROR(base.Next(column));
      const bool has_histograms = !base.histograms().empty();
      if (!has_histograms && std::all_of(column.begin(), column.end(), IsAbsent)) continue;
      const size_t i = base_.size();
      base_.push_back({info, data_.IsInfoMetric(info.labels), {}});
      RETURN_IF_ERROR(base_columns_.Add(1, Absent()));
      std::copy(column.begin(), column.end(), base_columns_[i].begin());
      RETURN_IF_ERROR(base_columns_.PutHistograms(i, base.histograms()));
      for (size_t s = 0; s < column.size(); ++s) {
        if (Has(i, s)) present_[s] = true;
      }
    }
    return base.Finish();
  }

  bool Has(size_t base, size_t step) {
    if (!IsAbsent(base_columns_[base][step])) return true;
    const std::span<const HistogramPtr> histograms = base_columns_.histograms(base);
    return !histograms.empty() && histograms[step] != nullptr;
  }

  absl::StatusOr<InfoSeries> ReadInfo() const {
    std::vector<InfoIdentity> wanted;
    for (const Base& base : base_) {
      if (!base.is_info) wanted.push_back(InfoIdentity::Of(base.series.labels));
    }
    return InfoSeries::Read(selector_, wanted, scope());
  }

  void ListOutputs(size_t i, const InfoSeries& info) {
    Base& base = base_[i];
    if (base.is_info) {
      AddOutput(i, 0, base.series.labels);
      return;
    }
    const std::span<const uint32_t> choices = info.ChoicesOf(InfoIdentity::Of(base.series.labels));
    base.outputs.resize(scope().steps(), kDropped);
    std::vector<std::pair<uint32_t, uint32_t>> known;  // choice, output
    std::vector<Labels> labels;                        // of this series' outputs
    for (size_t s = 0; s < base.outputs.size(); ++s) {
      if (!Has(i, s)) continue;
      const uint32_t choice = choices.empty() ? 0 : choices[s];
      auto it = std::find_if(known.begin(), known.end(),
                             [choice](const auto& entry) { return entry.first == choice; });
      if (it == known.end()) {
        known.emplace_back(choice, OutputOf(i, info, info.choices()[choice], s, labels));
        it = known.end() - 1;
      }
      base.outputs[s] = it->second;
    }
  }

  // The output for one choice of info series: an old one where the labels are the same.
  uint32_t OutputOf(size_t i, const InfoSeries& info, const InfoSeries::Choice& choice, size_t step,
                    std::vector<Labels>& labels) {
    const Labels& base = base_[i].series.labels;
    if (choice.empty() && !data_.TakesNoInfo()) return kDropped;
    LabelsBuilder added;
    for (const size_t series : choice) {
      for (const Label& label : info.labels(series)) {
        if (!data_.Adds(label.name)) continue;
        const std::string_view other = added.Get(label.name);
        if (!other.empty() && other != label.value) {
          const bool first = !conflict_.has_value() || step < conflict_->step;
          if (first) conflict_ = Conflict{step, std::string(label.name)};
          return kConflict;
        }
        if (base.Get(label.name).empty()) added.Set(label.name, label.value);
      }
    }
    LabelsBuilder result(base);
    for (const Label& label : added.Build()) result.Set(label.name, label.value);
    const Labels with_info = result.Build();
    const auto it = std::find(labels.begin(), labels.end(), with_info);
    const uint32_t number = static_cast<uint32_t>(it - labels.begin());
    if (it == labels.end()) {
      labels.push_back(with_info);
      AddOutput(i, number, with_info);
    }
    return number;
  }

  void AddOutput(size_t base, uint32_t number, Labels labels) {
    outputs_.push_back({base, number});
    series_.push_back({std::move(labels), base_[base].series.drop_name});
  }

  // Steps are looked at one by one, and info series before what they are added to.
  absl::Status FirstError(const InfoSeries& info) const {
    for (const auto& [step, duplicate] : info.duplicates()) {
      if (!present_[step]) continue;
      if (conflict_.has_value() && conflict_->step < step) break;
      return absl::FailedPreconditionError(duplicate.text);
    }
    if (!conflict_.has_value()) return absl::OkStatus();
    return absl::FailedPreconditionError("conflicting label: " + conflict_->label);
  }

  absl::Status DoNext(std::span<double> out) override {
    const Output& output = outputs_[index()];
    const Base& base = base_[output.base];
    const std::span<const double> column = base_columns_[output.base];
    const std::span<const HistogramPtr> histograms = base_columns_.histograms(output.base);
    for (size_t s = 0; s < out.size(); ++s) {
      const bool mine = base.outputs.empty() || base.outputs[s] == output.number;
      out[s] = mine ? column[s] : Absent();
      if (mine && !histograms.empty() && histograms[s] != nullptr) PutHistogram(s, histograms[s]);
    }
    return absl::OkStatus();
  }

  const VectorSelector& selector_;
  const DataSelector data_;
  std::vector<Base> base_;  // series with a sample at some step
  HeldColumns base_columns_;
  std::vector<bool> present_;  // of each step: some base series has a sample
  std::vector<Output> outputs_;
  std::optional<Conflict> conflict_;  // the earliest
};

}  // namespace

absl::StatusOr<OperatorPtr> BuildInfo(const Call& call, const Scope& scope) {
  if (call.args.size() != 2 || call.args[1]->kind != ExprKind::kVectorSelector) {
    return absl::InternalError("info() was not preprocessed");
  }
  ASSIGN_OR_RETURN(const OperatorPtr base, Build(*call.args[0], scope));
  auto op = std::make_unique<InfoOp>(As<VectorSelector>(*call.args[1]), scope);
  RETURN_IF_ERROR(op->Init(*base));
  scope.eval.NextOrder();
  return MergeEqual(std::move(op), scope, EqualSeries::kSeenAtOnce);
}

}  // namespace synoptic::promql::internal
