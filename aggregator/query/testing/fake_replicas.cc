// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "aggregator/query/testing/fake_replicas.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace synoptic::aggregator {

FakeReplicas::FakeReplicas(const Clock& clock, promql::TopologyShard place,
                           std::vector<std::string> topology_labels,
                           std::vector<std::vector<promql::RawSeries>> replicas) {
  for (std::vector<promql::RawSeries>& series : replicas) {
    replicas_.push_back(
        std::make_unique<FakeShard>(clock, place, topology_labels, std::move(series)));
  }
}

std::vector<std::string> FakeReplicas::replica_names() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < replicas_.size(); ++i) names.push_back(absl::StrCat("r", i));
  return names;
}

bool FakeReplicas::available() const {
  return std::any_of(replicas_.begin(), replicas_.end(),
                     [](const auto& replica) { return replica->up; });
}

std::vector<size_t> FakeReplicas::Candidates(const std::vector<std::string>& only) const {
  std::vector<size_t> out;
  for (size_t i = 0; i < replicas_.size(); ++i) {
    const bool wanted =
        only.empty() || std::find(only.begin(), only.end(), absl::StrCat("r", i)) != only.end();
    if (wanted && replicas_[i]->up) out.push_back(i);
  }
  return out;
}

Task<StepAnswer> FakeReplicas::Steps(StepRequest request, Deadline deadline, MemoryBudget* budget) {
  absl::Status last = absl::UnavailableError("nobody to ask");
  for (const size_t i : Candidates(request.only)) {
    absl::StatusOr<StepAnswer> answer = co_await replicas_[i]->Steps(request, deadline, budget);
    if (answer.ok()) {
      answer->info.replica = absl::StrCat("r", i);
      co_return answer;
    }
    last = answer.status();
  }
  co_return last;
}

Task<RawAnswer> FakeReplicas::Raw(RawRequest request, Deadline deadline, MemoryBudget* budget) {
  absl::Status last = absl::UnavailableError("nobody to ask");
  for (const size_t i : Candidates(request.only)) {
    absl::StatusOr<RawAnswer> answer = co_await replicas_[i]->Raw(request, deadline, budget);
    if (answer.ok()) {
      answer->info.replica = absl::StrCat("r", i);
      co_return answer;
    }
    last = answer.status();
  }
  co_return last;
}

}  // namespace synoptic::aggregator
