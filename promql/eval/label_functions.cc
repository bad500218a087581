// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// label_replace() and label_join(): labels only, columns pass through.
#include <optional>
#include <string>

#include "base/status.h"
#include "base/strings.h"
#include "promql/eval/operators.h"
#include "promql/model/labels_batch.h"
#include "promql/model/regexp_template.h"
#include "re2/re2.h"

namespace synoptic::promql::internal {
namespace {

const std::string& StringArg(const Call& call, size_t i) {
  return As<StringLiteral>(*call.args[i]).value;
}

// The child's columns under other labels.
class RelabelOp final : public Operator {
 public:
  RelabelOp(OperatorPtr child, std::vector<SeriesInfo> series, const Scope& scope)
      : Operator(scope), child_(AddChild(std::move(child))) {
    series_ = std::move(series);
  }
  void KeepBoth() override { child_.KeepBoth(); }

 private:
  absl::Status DoNext(std::span<double> out) override {
    RETURN_IF_ERROR(child_.Next(out));
    histograms_.swap(child_.histograms());
    return absl::OkStatus();
  }

  Operator& child_;
};

void Relabel(SeriesInfo& info, LabelsBatch& batch, std::string_view name, std::string_view value) {
  info.labels = batch.With(info.labels, name, value);
  if (name == kMetricName) info.drop_name = false;  // the name was asked for
}

absl::Status InvalidName(const char* what, const Call& call, std::string_view name) {
  return MakeStatus(absl::StatusCode::kFailedPrecondition, "invalid {} label name in {}(): {}",
                    what, call.function->name, name);
}

bool IsValidName(std::string_view name) { return !name.empty() && IsValidUtf8(name); }

}  // namespace

absl::StatusOr<OperatorPtr> BuildLabelReplace(const Call& call, const Scope& scope) {
  const std::string& target = StringArg(call, 1);
  const std::string& pattern = StringArg(call, 4);
  re2::RE2::Options options;
  options.set_log_errors(false);
  // What most ask for takes no regular expression: compiling one costs more than a small query.
  std::optional<re2::RE2> regex;
  if (pattern != "(.*)") regex.emplace("^(?s:" + pattern + ")$", options);
  if (regex.has_value() && !regex->ok()) {
    return MakeStatus(absl::StatusCode::kFailedPrecondition,
                      "invalid regular expression in label_replace(): {}", pattern);
  }
  if (!IsValidName(target)) return InvalidName("destination", call, target);
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  RETURN_IF_ERROR(child->SettleOrder());
  const RegexpTemplate replacement(StringArg(call, 2), regex.has_value() ? &*regex : nullptr);
  std::vector<SeriesInfo> series = child->series();
  std::vector<re2::StringPiece> groups(
      regex.has_value() ? static_cast<size_t>(regex->NumberOfCapturingGroups()) + 1 : 2);
  LabelsBatch batch(series.size());
  for (SeriesInfo& info : series) {
    const std::string_view value = info.labels.Get(StringArg(call, 3));
    const re2::StringPiece text(value.data() == nullptr ? "" : value.data(), value.size());
    if (!regex.has_value()) {
      groups = {text, text};
    } else if (!regex->Match(text, 0, text.size(), re2::RE2::UNANCHORED, groups.data(),
                             static_cast<int>(groups.size()))) {
      continue;
    }
    Relabel(info, batch, target, replacement.Expand(groups));
  }
  scope.eval.NextOrder();
  return MergeEqual(std::make_unique<RelabelOp>(std::move(child), std::move(series), scope), scope,
                    EqualSeries::kMayMix);
}

absl::StatusOr<OperatorPtr> BuildLabelJoin(const Call& call, const Scope& scope) {
  const std::string& target = StringArg(call, 1);
  for (size_t i = 3; i < call.args.size(); ++i) {
    if (!IsValidName(StringArg(call, i))) return InvalidName("source", call, StringArg(call, i));
  }
  if (!IsValidName(target)) return InvalidName("destination", call, target);
  ASSIGN_OR_RETURN(OperatorPtr child, Build(*call.args[0], scope));
  RETURN_IF_ERROR(child->SettleOrder());
  std::vector<SeriesInfo> series = child->series();
  LabelsBatch batch(series.size());
  for (SeriesInfo& info : series) {
    std::string joined;
    for (size_t i = 3; i < call.args.size(); ++i) {
      if (i > 3) joined += StringArg(call, 2);
      joined += info.labels.Get(StringArg(call, i));
    }
    Relabel(info, batch, target, joined);
  }
  scope.eval.NextOrder();
  return MergeEqual(std::make_unique<RelabelOp>(std::move(child), std::move(series), scope), scope,
                    EqualSeries::kMayMix);
}

}  // namespace synoptic::promql::internal
