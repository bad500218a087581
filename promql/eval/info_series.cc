// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "promql/eval/info_series.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/status.h"
#include "fmt/format.h"
#include "promql/eval/label_text.h"
#include "promql/eval/operators.h"
#include "promql/model/sample.h"

namespace synoptic::promql::internal {
namespace {

constexpr size_t kNobody = static_cast<size_t>(-1);

int64_t Milliseconds(double seconds) { return std::llround(seconds * 1000); }

}  // namespace

// Instances and jobs, apart for each way in which the two can be there: a series with any of the
// instances and any of the jobs is asked for, not only with those that go together.
class InfoSeries::Wanted {
 public:
  explicit Wanted(const std::vector<InfoIdentity>& wanted) {
    for (const InfoIdentity& identity : wanted) {
      Values& values = values_[KindOf(identity)];
      values.instances.insert(identity.instance);
      values.jobs.insert(identity.job);
    }
  }
  bool Takes(const InfoIdentity& identity) const {
    const size_t kind = KindOf(identity);
    return kind != 0 && values_[kind].instances.contains(identity.instance) &&
           values_[kind].jobs.contains(identity.job);
  }

 private:
  struct Values {
    std::set<std::string> instances, jobs;
  };
  static size_t KindOf(const InfoIdentity& identity) {
    return (identity.instance.empty() ? 0 : 2) + (identity.job.empty() ? 0 : 1);
  }
  Values values_[4];
};

absl::StatusOr<InfoSeries> InfoSeries::Read(const VectorSelector& selector,
                                            const std::vector<InfoIdentity>& wanted,
                                            const Scope& scope) {
  InfoSeries out;
  const Wanted filter(wanted);
  const auto is_wanted = [&filter](const Labels& labels) {
    return filter.Takes(InfoIdentity::Of(labels));
  };
  ASSIGN_OR_RETURN(std::vector<OperatorPtr> ops, BuildInfoSelectors(selector, is_wanted, scope));
  HeldColumns times(scope);
  for (OperatorPtr& op : ops) {
    RETURN_IF_ERROR(out.AddSeries(*op, times));
    op.reset();
  }
  out.AddChoices(times, scope.steps());
  return out;
}

absl::Status InfoSeries::AddSeries(Operator& op, HeldColumns& times) {
  for (const SeriesInfo& info : op.series()) {
    const size_t number = labels_.size();
    RETURN_IF_ERROR(times.Add(1, Absent()));
    RETURN_IF_ERROR(op.Next(times[number]));
    if (!op.histograms().empty()) {
      return MakeStatus(absl::StatusCode::kFailedPrecondition,
                        "this should be an info metric, with float samples: {}",
                        InBraces(info.labels));
    }
    labels_.push_back(info.labels);
    groups_[InfoIdentity::Of(info.labels)][std::string(info.labels.Get(kMetricName))].push_back(
        number);
  }
  return op.Finish();
}

void InfoSeries::AddChoices(HeldColumns& times, size_t steps) {
  std::map<Choice, uint32_t> numbers{{Choice(), 0}};
  for (const auto& [identity, metrics] : groups_) {
    std::vector<uint32_t>& numbered = by_identity_[identity];
    numbered.resize(steps);
    Choice choice;
    for (size_t s = 0; s < steps; ++s) {
      choice.clear();
      for (const auto& [name, group] : metrics) {
        const size_t series = Newest(group, times, s);
        if (series != kNobody) choice.push_back(series);
      }
      const auto [it, inserted] =
          numbers.try_emplace(choice, static_cast<uint32_t>(choices_.size()));
      if (inserted) choices_.push_back(choice);
      numbered[s] = it->second;
    }
  }
}

size_t InfoSeries::Newest(const std::vector<size_t>& group, HeldColumns& times, size_t step) {
  size_t newest = kNobody;
  for (const size_t series : group) {
    const double time = times[series][step];
    if (IsAbsent(time)) continue;
    if (newest == kNobody || times[newest][step] < time) {
      newest = series;
    } else if (times[newest][step] == time) {
      // Of a step the first series that has a duplicate is told.
      const auto found = duplicates_.find(step);
      if (found != duplicates_.end() && found->second.series < series) continue;
      const int64_t t = Milliseconds(time);
      duplicates_[step] = {
          series,
          fmt::format("found duplicate series for info metric: existing {} @ {}, new {} @ {}",
                      InBraces(labels_[newest]), t, InBraces(labels_[series]), t)};
    }
  }
  return newest;
}

std::span<const uint32_t> InfoSeries::ChoicesOf(const InfoIdentity& identity) const {
  const auto it = by_identity_.find(identity);
  if (it == by_identity_.end()) return {};
  return it->second;
}

}  // namespace synoptic::promql::internal
