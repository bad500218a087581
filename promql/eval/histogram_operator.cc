// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Classic histograms are gathered by their labels without `le`; native ones are series of their
// own. Each is answered as soon as the last column came that has a say in it: its last bucket's,
// and that of a histogram of the other kind with the same labels, since where both are neither
// counts.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/go_format.h"
#include "base/go_number.h"
#include "base/status.h"
#include "promql/eval/histogram_question.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"
#include "promql/eval/stable_sort.h"
#include "promql/functions/go_sort.h"
#include "promql/functions/histogram_statistics.h"
#include "promql/functions/math.h"
#include "promql/model/labels_batch.h"

namespace synoptic::promql::internal {
namespace {

using Column = std::vector<double>;
using Histograms = std::vector<HistogramPtr>;

constexpr size_t kNone = static_cast<size_t>(-1);

// The `le` label as a number; nullopt when it is none. NaN is one, if one that is never sorted.
std::optional<double> BoundOf(std::string_view le) {
  const auto bound = GoParseFloat(le);
  if (!bound.ok()) return std::nullopt;
  return *bound;
}

struct Member {
  double bound = 0;
  Column column;
};

// One histogram to be: a classic one with its buckets, or a series that may hold native ones.
struct Subject {
  bool native = false;
  SeriesInfo info;               // as in the answer
  std::string name;              // for notes
  size_t complete = 0;           // position of the last child series that has a say
  size_t rival = kNone;          // of the other kind with the same labels
  std::vector<Member> members;   // classic: its buckets
  std::vector<bool> has_bucket;  // classic with a rival: where it has any
  Histograms histograms;         // native: empty, or one entry a step
};

class HistogramOperator final : public Operator {
 public:
  HistogramOperator(OperatorPtr child, HistogramQuestion question, const Scope& scope)
      : Operator(scope),
        child_(AddChild(std::move(child))),
        question_(std::move(question)),
        memory_(scope.eval.options.budget),
        order_(scope.eval.NextOrder()) {
    FindSubjects();
    NameSubjects();
    ListSeries();
  }
  bool may_be_equal() const { return may_be_equal_; }

 private:
  struct Answer {
    size_t subject;
    size_t output;
  };

  void FindSubjects() {
    LabelKey without_bound({std::string(kBucketLabel)}, /*keep=*/false);
    LabelKey whole({}, /*keep=*/false);
    GroupNumbers groups;
    std::vector<size_t> subject_of_group;
    std::vector<size_t> natives;
    const std::vector<SeriesInfo>& series = child_.series();
    LabelsBatch batch(series.size());
    for (auto* const of : {&native_of_, &classic_of_}) of->reserve(series.size());
    bounds_.reserve(series.size());
    for (size_t i = 0; i < series.size(); ++i) {
      const SeriesInfo& info = series[i];
      native_of_.push_back(kNone);
      if (!info.floats_only) {
        native_of_.back() = subjects_.size();
        natives.push_back(subjects_.size());
        AddSubject(true, info, i);
      }
      const std::optional<double> bound = BoundOf(info.labels.Get(kBucketLabel));
      bounds_.push_back(bound.value_or(0));
      classic_of_.push_back(kNone);
      if (!bound.has_value()) continue;
      const auto group = static_cast<size_t>(groups.Number(without_bound.Of(info.labels)));
      if (group == subject_of_group.size()) {
        subject_of_group.push_back(subjects_.size());
        AddSubject(false, {without_bound.Part(info.labels, batch), false}, i);
      }
      classic_of_.back() = subject_of_group[group];
      subjects_[classic_of_.back()].complete = i;
    }
    for (const size_t native : natives) {
      const int group = groups.Find(whole.Of(subjects_[native].info.labels));
      if (group >= 0) MakeRivals(native, subject_of_group[static_cast<size_t>(group)]);
    }
  }

  void AddSubject(bool native, SeriesInfo info, size_t position) {
    Subject& subject = subjects_.emplace_back();
    subject.native = native;
    subject.info = std::move(info);
    subject.complete = position;
  }

  void MakeRivals(size_t native, size_t classic) {
    subjects_[native].rival = classic;
    subjects_[classic].rival = native;
    const size_t complete = std::max(subjects_[native].complete, subjects_[classic].complete);
    subjects_[native].complete = subjects_[classic].complete = complete;
    subjects_[classic].has_bucket.resize(scope().steps());
  }

  // Names for notes, and the answers' labels.
  void NameSubjects() {
    std::vector<SeriesInfo> infos;
    infos.reserve(subjects_.size());
    for (Subject& subject : subjects_) {
      if (eval().options.delayed_name_removal) {
        subject.name = std::string(subject.info.labels.Get(kMetricName));
      }
      infos.push_back(std::move(subject.info));
    }
    may_be_equal_ = DropNames(infos, eval());
    for (size_t i = 0; i < subjects_.size(); ++i) subjects_[i].info = std::move(infos[i]);
  }

  // In the order in which histograms become complete. An instant query, whose answer is not sorted,
  // has native histograms first and one quantile after the other, as in Prometheus.
  void ListSeries() {
    std::vector<size_t> order(subjects_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    const bool natives_first = scope().instant();
    StableSort(order, [&](size_t a, size_t b) {
      if (natives_first) return subjects_[a].native && !subjects_[b].native;
      return subjects_[a].complete < subjects_[b].complete;
    });
    const size_t outputs = question_.outputs.size();
    answers_.reserve(order.size() * outputs);
    series_.reserve(order.size() * outputs);
    LabelsBatch batch(order.size() * outputs);
    for (size_t i = 0; i < order.size() * outputs; ++i) {
      if (natives_first) {
        answers_.push_back({order[i % order.size()], i / order.size()});
      } else {
        answers_.push_back({order[i / outputs], i % outputs});
      }
      series_.push_back(InfoOf(answers_.back(), batch));
    }
  }

  SeriesInfo InfoOf(const Answer& answer, LabelsBatch& batch) {
    SeriesInfo info = subjects_[answer.subject].info;
    info.floats_only = true;
    if (question_.id != FunctionId::kHistogramQuantiles) return info;
    info.labels =
        batch.With(info.labels, question_.label, question_.outputs[answer.output].label_value);
    may_be_equal_ = true;  // it may have overwritten a label
    return info;
  }

  absl::Status DoNext(std::span<double> out) override {
    const Answer& answer = answers_[index()];
    Subject& subject = subjects_[answer.subject];
    while (next_ <= subject.complete) RETURN_IF_ERROR(PullOne());
    if (subject.native) {
      AnswerNative(subject, answer, out);
    } else {
      AnswerClassic(subject, answer, out);
    }
    RETURN_IF_ERROR(CheckAskedOnce(question_.outputs[answer.output], out));
    // What an instant query holds is not worth the trouble.
    const bool last = answer.output + 1 == question_.outputs.size();
    if (last && !scope().instant() && subject.rival == kNone) Release(subject);
    return absl::OkStatus();
  }

  static absl::Status CheckAskedOnce(const HistogramOutput& output, std::span<const double> out) {
    for (size_t s = 0; s < output.asked_twice.size(); ++s) {
      if (output.AskedTwiceAt(s) && !IsAbsent(out[s])) return DuplicateLabelsError();
    }
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    while (!child_.done()) RETURN_IF_ERROR(PullOne());
    return Operator::Finish();
  }

  absl::Status PullOne() {
    const size_t i = next_++;
    if (column_.empty() && !spare_columns_.empty()) {
      column_ = std::move(spare_columns_.back());
      spare_columns_.pop_back();
    }
    Column& column = column_;
    column.resize(scope().steps());
    RETURN_IF_ERROR(child_.Next(column));
    if (!child_.histograms().empty() && native_of_[i] != kNone) {
      subjects_[native_of_[i]].histograms = std::move(child_.histograms());
    }
    if (std::all_of(column.begin(), column.end(), IsAbsent)) return absl::OkStatus();
    if (classic_of_[i] == kNone) {
      NoteBadBucket(child_.series()[i].labels);
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(memory_.Grow(static_cast<int64_t>(column.size() * sizeof(double))));
    RETURN_IF_ERROR(eval().HoldSamples(static_cast<int64_t>(column.size())));
    Subject& subject = subjects_[classic_of_[i]];
    for (size_t s = 0; s < subject.has_bucket.size(); ++s) {
      if (!IsAbsent(column[s])) subject.has_bucket[s] = true;
    }
    if (subject.members.empty()) subject.members.swap(spare_members_);
    subject.members.push_back({bounds_[i], std::exchange(column, {})});
    return absl::OkStatus();
  }

  void Release(Subject& subject) {
    eval().ReleaseSamples(static_cast<int64_t>(subject.members.size() * scope().steps()));
    for (Member& member : subject.members) spare_columns_.push_back(std::move(member.column));
    subject.members.clear();  // but not its memory
    spare_members_ = std::exchange(subject.members, {});
    subject.histograms = {};
    // The budget keeps the high-water mark of open histograms until the operator ends, as we do.
  }

  void AnswerNative(const Subject& subject, const Answer& answer, std::span<double> out) {
    std::fill(out.begin(), out.end(), Absent());
    const HistogramOutput& output = question_.outputs[answer.output];
    for (size_t s = 0; s < subject.histograms.size(); ++s) {
      if (subject.histograms[s] == nullptr || !output.AskedAt(s)) continue;
      if (subject.rival != kNone && subjects_[subject.rival].has_bucket[s]) {
        NoteRivals(subject);
        continue;
      }
      const FloatHistogram& h = *subject.histograms[s];
      const HistogramAnswer result = question_.id == FunctionId::kHistogramFraction
                                         ? FractionOfHistogram(output.first[s], output.second[s], h)
                                         : QuantileOfHistogram(output.first[s], h);
      out[s] = result.value;
      if (result.nan != NaNObservations::kNone) NoteNaN(subject, result.nan);
    }
  }

  void AnswerClassic(Subject& subject, const Answer& answer, std::span<double> out) {
    const HistogramOutput& output = question_.outputs[answer.output];
    std::vector<Member>& members = subject.members;
    const bool few = members.size() <= kGoSortsByInsertion;
    const bool has_nan = std::any_of(members.begin(), members.end(),
                                     [](const Member& m) { return std::isnan(m.bound); });
    const bool has_equal =
        !has_nan && (!few || question_.quantiles.size() > 1) && HaveEqualBounds(members);
    // Otherwise what sorting gives depends on the buckets that are there at a step.
    if (!has_nan && (few || !has_equal)) {
      StableSort(members, [](const Member& a, const Member& b) { return a.bound < b.bound; });
    }
    const Histograms* rivals =
        subject.rival == kNone ? nullptr : &subjects_[subject.rival].histograms;
    const bool in_turn = question_.quantiles.size() > 1 && (has_nan || has_equal);
    MonotonicityRepair repair;
    for (size_t s = 0; s < out.size(); ++s) {
      out[s] = Absent();
      if (!output.AskedAt(s)) continue;
      if (rivals != nullptr && !rivals->empty() && (*rivals)[s] != nullptr) continue;
      buckets_.clear();
      for (const Member& member : members) {
        if (!IsAbsent(member.column[s])) buckets_.push_back({member.bound, member.column[s]});
      }
      if (buckets_.empty()) continue;
      if (question_.id == FunctionId::kHistogramFraction) {
        out[s] = FractionOfBuckets(output.first[s], output.second[s], buckets_);
        continue;
      }
      const size_t parameter = output.AskedBy(s);
      // Prometheus adds up buckets of one bound in place, and each further quantile again those
      // that were left behind.
      for (size_t i = 0; in_turn && i < parameter; ++i) {
        QuantileOfBuckets(question_.quantiles[i][s], buckets_);
      }
      const BucketQuantile result = QuantileOfBuckets(output.first[s], buckets_);
      // Further quantiles of the same histogram find it repaired.
      if (result.forced_monotonic && (in_turn || IsFirstAt(parameter, s))) {
        AddRepair(repair, scope().grid.at(s), result);
      }
      out[s] = result.value;
    }
    if (repair.count > 0) {
      eval().notes.Monotonicity(order_, subject.name, question_.vector_pos, repair);
    }
  }

  // REQUIRES: no bound is NaN.
  static bool HaveEqualBounds(const std::vector<Member>& members) {
    absl::flat_hash_set<double> bounds;
    for (const Member& member : members) {
      if (!bounds.insert(member.bound).second) return true;
    }
    return false;
  }

  // Of the parameters that look at buckets: a quantile that is none does not.
  bool IsFirstAt(size_t parameter, size_t step) const {
    for (size_t i = 0; i < parameter; ++i) {
      const double other = question_.quantiles[i][step];
      if (other >= 0 && other <= 1) return false;
    }
    return true;
  }

  static void AddRepair(MonotonicityRepair& repair, int64_t t, const BucketQuantile& result) {
    if (repair.count++ == 0) {
      repair = {t, t, result.min_bucket, result.max_bucket, result.max_difference, 1};
      return;
    }
    repair.max_t = t;
    repair.min_bucket = std::min(repair.min_bucket, result.min_bucket);
    repair.max_bucket = std::max(repair.max_bucket, result.max_bucket);
    repair.max_difference = std::max(repair.max_difference, result.max_difference);
  }

  static std::string WithName(std::string text, std::string_view name) {
    if (!name.empty()) text += " for metric name " + GoQuote(name);
    return text;
  }

  void NoteBadBucket(const Labels& labels) {
    const bool name_known = eval().options.delayed_name_removal;
    eval().notes.Warning(
        order_,
        WithName("PromQL warning: bucket label \"le\" is missing or has a malformed value of " +
                     GoQuote(labels.Get(kBucketLabel)),
                 name_known ? labels.Get(kMetricName) : ""),
        question_.vector_pos);
  }

  void NoteRivals(const Subject& subject) {
    eval().notes.Warning(
        order_,
        WithName("PromQL warning: vector contains a mix of classic and native histograms",
                 subject.name),
        question_.vector_pos);
  }

  void NoteNaN(const Subject& subject, NaNObservations nan) {
    std::string_view text =
        "PromQL info: input to histogram_fraction has NaN observations, which are excluded from "
        "all fractions";
    if (question_.id != FunctionId::kHistogramFraction) {
      text = nan == NaNObservations::kSkewed
                 ? "PromQL info: input to histogram_quantile has NaN observations, result is "
                   "skewed higher"
                 : "PromQL info: input to histogram_quantile has NaN observations, result is NaN";
    }
    eval().notes.Info(order_, WithName(std::string(text), subject.name), question_.vector_pos);
  }

  Operator& child_;
  const HistogramQuestion question_;
  Reservation memory_;
  const int order_;
  std::vector<double> bounds_;      // of each child series
  std::vector<size_t> classic_of_;  // of each child series: its histogram, kNone without bound
  std::vector<size_t> native_of_;   // of each child series: kNone when it has floats only
  std::vector<Subject> subjects_;
  std::vector<Answer> answers_;  // of each of our series
  size_t next_ = 0;
  bool may_be_equal_ = false;
  // Memory of histograms that are answered, for those to come.
  Column column_;
  std::vector<Column> spare_columns_;
  std::vector<Member> spare_members_;
  std::vector<Bucket> buckets_;
};

}  // namespace

OperatorPtr MakeHistogramOperator(OperatorPtr child, HistogramQuestion question,
                                  const Scope& scope) {
  auto op = std::make_unique<HistogramOperator>(std::move(child), std::move(question), scope);
  if (!op->may_be_equal()) return op;
  return MergeEqual(std::move(op), scope);
}

}  // namespace synoptic::promql::internal
