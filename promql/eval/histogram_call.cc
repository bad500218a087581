// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// histogram_quantile(), histogram_quantiles(), histogram_fraction() of classic histograms:
// buckets are gathered by their labels without `le`, and a histogram is answered as
// soon as its last bucket's column came.
#include <algorithm>
#include <cmath>
#include <optional>

#include "base/go_format.h"
#include "base/go_number.h"
#include "base/status.h"
#include "promql/eval/label_key.h"
#include "promql/eval/operators.h"
#include "promql/eval/stable_sort.h"
#include "promql/functions/math.h"

namespace synoptic::promql::internal {
namespace {

using Column = std::vector<double>;

// One output per histogram: a quantile under an extra label, or a fraction.
struct Output {
  Column first;             // quantile, or the fraction's lower bound
  Column second;            // the fraction's upper bound
  PosRange pos;             // of the quantile argument
  std::string label_value;  // histogram_quantiles
};

struct Question {
  FunctionId id;
  std::string label;  // histogram_quantiles: the label that tells quantiles apart
  std::vector<Output> outputs;
  PosRange vector_pos;
};

// The `le` label as a number; nullopt when it is none, or NaN, which bounds nothing.
std::optional<double> BoundOf(std::string_view le) {
  const auto bound = GoParseFloat(le);
  if (!bound.ok() || std::isnan(*bound)) return std::nullopt;
  return *bound;
}

struct Member {
  double bound = 0;
  Column column;
};

struct Histogram {
  std::vector<Member> members;
  size_t awaited = 0;  // bucket series yet to come
  bool delivered = false;
};

class HistogramOp final : public Operator {
 public:
  HistogramOp(OperatorPtr child, Question question, const Scope& scope)
      : Operator(scope),
        child_(AddChild(std::move(child))),
        question_(std::move(question)),
        memory_(scope.eval.options.budget),
        order_(scope.eval.NextOrder()) {
    GroupByBucket();
    ListSeries();
  }
  bool may_be_equal() const { return may_be_equal_; }

 private:
  void GroupByBucket() {
    LabelKey key({std::string(kBucketLabel)}, /*keep=*/false);
    GroupNumbers groups;
    for (const SeriesInfo& info : child_.series()) {
      const std::optional<double> bound = BoundOf(info.labels.Get(kBucketLabel));
      bounds_.push_back(bound.value_or(0));
      if (!bound.has_value()) {
        group_of_.push_back(-1);
        continue;
      }
      const int group = groups.Number(key.Of(info.labels));
      group_of_.push_back(group);
      if (static_cast<size_t>(group) == histograms_.size()) {
        histograms_.emplace_back();
        labels_.push_back({key.Part(info.labels), false});
      }
      ++histograms_[static_cast<size_t>(group)].awaited;
    }
  }

  // In the order in which histograms become complete.
  void ListSeries() {
    std::vector<size_t> awaited;
    for (const Histogram& histogram : histograms_) awaited.push_back(histogram.awaited);
    for (const Histogram& histogram : histograms_) {
      names_.push_back(
          eval().options.delayed_name_removal
              ? std::string(
                    labels_[static_cast<size_t>(&histogram - histograms_.data())].labels.Get(
                        kMetricName))
              : "");
    }
    may_be_equal_ = DropNames(labels_, eval());
    for (const int group : group_of_) {
      if (group < 0 || --awaited[static_cast<size_t>(group)] > 0) continue;
      for (const Output& output : question_.outputs) {
        SeriesInfo info = labels_[static_cast<size_t>(group)];
        if (!question_.label.empty()) {
          LabelsBuilder builder(info.labels);
          builder.Set(question_.label, output.label_value);
          info.labels = builder.Build();
          may_be_equal_ = true;  // it may overwrite a label
        }
        series_.push_back(std::move(info));
      }
      complete_.push_back(static_cast<size_t>(group));
    }
  }

  absl::Status DoNext(std::span<double> out) override {
    const size_t histogram = complete_[index() / question_.outputs.size()];
    while (histograms_[histogram].awaited > 0) RETURN_IF_ERROR(PullOne());
    const size_t output = index() % question_.outputs.size();
    Answer(histogram, question_.outputs[output], out);
    if (output + 1 == question_.outputs.size()) Release(histograms_[histogram]);
    return absl::OkStatus();
  }

  absl::Status Finish() override {
    while (!child_.done()) RETURN_IF_ERROR(PullOne());
    return Operator::Finish();
  }

  absl::Status PullOne() {
    const size_t i = next_++;
    Column column(scope().steps());
    RETURN_IF_ERROR(child_.Next(column));
    if (group_of_[i] < 0) {
      NoteBadBucket(child_.series()[i].labels, column);
      return absl::OkStatus();
    }
    Histogram& histogram = histograms_[static_cast<size_t>(group_of_[i])];
    --histogram.awaited;
    if (std::all_of(column.begin(), column.end(), IsAbsent)) return absl::OkStatus();
    RETURN_IF_ERROR(memory_.Grow(static_cast<int64_t>(column.size() * sizeof(double))));
    RETURN_IF_ERROR(eval().HoldSamples(static_cast<int64_t>(column.size())));
    histogram.members.push_back({bounds_[i], std::move(column)});
    return absl::OkStatus();
  }

  void Release(Histogram& histogram) {
    eval().ReleaseSamples(static_cast<int64_t>(histogram.members.size() * scope().steps()));
    histogram.members = {};
    // The budget keeps the high-water mark of open histograms until the operator ends: charging
    // and releasing single columns would cost more than it tells.
  }

  void Answer(size_t number, const Output& output, std::span<double> out) {
    const bool first = &output == question_.outputs.data();
    std::vector<Member>& members = histograms_[number].members;
    StableSort(members, [](const Member& a, const Member& b) { return a.bound < b.bound; });
    std::vector<Bucket> buckets;
    MonotonicityRepair repair;
    for (size_t s = 0; s < out.size(); ++s) {
      buckets.clear();
      for (const Member& member : members) {
        if (!IsAbsent(member.column[s])) buckets.push_back({member.bound, member.column[s]});
      }
      if (buckets.empty()) {
        out[s] = Absent();
      } else if (question_.id == FunctionId::kHistogramFraction) {
        out[s] = FractionOfBuckets(output.first[s], output.second[s], buckets);
      } else {
        const BucketQuantile result = QuantileOfBuckets(output.first[s], buckets);
        // Further quantiles of the same histogram find it repaired.
        if (result.forced_monotonic && first) AddRepair(repair, scope().grid.at(s), result);
        out[s] = result.value;
      }
    }
    if (repair.count > 0) {
      eval().notes.Monotonicity(order_, names_[number], question_.vector_pos, repair);
    }
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

  void NoteBadBucket(const Labels& labels, const Column& column) {
    if (std::all_of(column.begin(), column.end(), IsAbsent)) return;
    std::string text =
        "PromQL warning: bucket label \"le\" is missing or has a malformed value of " +
        GoQuote(labels.Get(kBucketLabel));
    const std::string_view name = labels.Get(kMetricName);
    if (eval().options.delayed_name_removal && !name.empty()) {
      text += " for metric name " + GoQuote(name);
    }
    eval().notes.Warning(order_, text, question_.vector_pos);
  }

  Operator& child_;
  const Question question_;
  Reservation memory_;
  const int order_;
  std::vector<double> bounds_;  // of each child series
  std::vector<int> group_of_;   // of each child series; -1 without a usable `le`
  std::vector<Histogram> histograms_;
  std::vector<SeriesInfo> labels_;  // of each histogram
  std::vector<std::string> names_;  // of each histogram, for notes
  std::vector<size_t> complete_;    // histograms in order of completion
  size_t next_ = 0;
  bool may_be_equal_ = false;
};

void NoteInvalidQuantiles(const Output& output, int order, EvalContext& eval) {
  double noted = 0;  // a valid one
  for (const double q : output.first) {
    if ((q >= 0 && q <= 1) || q == noted || (std::isnan(q) && std::isnan(noted))) continue;
    noted = q;
    eval.notes.Warning(
        order, "PromQL warning: quantile value should be between 0 and 1, got " + GoFloatG(q),
        output.pos);
  }
}

// A float as OpenMetrics spells it: always with a point or an exponent.
std::string OpenMetricsFloat(double v) {
  std::string text = GoFloatG(v);
  if (std::isfinite(v) && text.find_first_of("e.") == std::string::npos) text += ".0";
  return text;
}

absl::StatusOr<Question> MakeQuestion(const Call& call, const Scope& scope) {
  Question question{call.function->id, "", {}, {}};
  const auto scalar = [&](size_t i) { return EvalScalar(*call.args[i], scope); };
  switch (question.id) {
    case FunctionId::kHistogramQuantile: {
      ASSIGN_OR_RETURN(Column q, scalar(0));
      question.outputs.push_back({std::move(q), {}, call.args[0]->pos, ""});
      return question;
    }
    case FunctionId::kHistogramFraction: {
      ASSIGN_OR_RETURN(Column lower, scalar(0));
      ASSIGN_OR_RETURN(Column upper, scalar(1));
      question.outputs.push_back({std::move(lower), std::move(upper), {}, ""});
      return question;
    }
    default:
      break;
  }
  question.label = As<StringLiteral>(*call.args[1]).value;
  for (size_t i = 2; i < call.args.size(); ++i) {
    ASSIGN_OR_RETURN(Column q, scalar(i));
    const bool constant = std::all_of(q.begin(), q.end(), [&](double v) {
      return v == q.front() || (std::isnan(v) && std::isnan(q.front()));
    });
    if (!constant) {
      return absl::UnimplementedError(
          "histogram_quantiles() with quantiles that vary over time is not supported yet");
    }
    std::string value = OpenMetricsFloat(q.front());
    question.outputs.push_back({std::move(q), {}, call.args[i]->pos, std::move(value)});
  }
  return question;
}

}  // namespace

absl::StatusOr<OperatorPtr> BuildHistogramCall(const Call& call, const Scope& scope) {
  size_t vector_arg = 0;
  if (call.function->id == FunctionId::kHistogramQuantile) vector_arg = 1;
  if (call.function->id == FunctionId::kHistogramFraction) vector_arg = 2;
  ASSIGN_OR_RETURN(Question question, MakeQuestion(call, scope));
  question.vector_pos = call.args[vector_arg]->pos;
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[vector_arg], scope));
  if (question.id != FunctionId::kHistogramFraction) {
    const int order = scope.eval.NextOrder();
    for (const Output& output : question.outputs) NoteInvalidQuantiles(output, order, scope.eval);
  }
  auto op = std::make_unique<HistogramOp>(std::move(child), std::move(question), scope);
  if (!op->may_be_equal()) return op;
  return MergeEqual(std::move(op), scope);
}

}  // namespace synoptic::promql::internal
