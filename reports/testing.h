// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// A querier that answers from a table. For tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "reports/querier.h"

namespace synoptic::reports {

class FakeQuerier final : public Querier {
 public:
  // One value at every step, or one a step.
  void Set(const std::string& expr, promql::Labels labels, std::vector<double> values) {
    answers_[expr].push_back({std::move(labels), std::move(values)});
  }
  void Clear(const std::string& expr) { answers_.erase(expr); }
  void Dark(const std::string& region, const std::string& reason) {
    unseen_.push_back({region, reason});
  }
  void Light() { unseen_.clear(); }
  void Fail(const std::string& expr, absl::Status status) { failures_[expr] = std::move(status); }

  Task<Answer> Ask(std::string expr, promql::Grid grid, Deadline) override {
    asked.push_back(expr);
    if (const auto it = failures_.find(expr); it != failures_.end()) co_return it->second;
    Answer answer;
    answer.grid = grid;
    answer.unseen = unseen_;
    for (const auto& [labels, values] : answers_[expr]) {
      bool dark = false;
      for (const Unseen& unseen : unseen_) dark = dark || labels.Get("region") == unseen.region;
      if (dark) continue;
      answer.series.push_back({labels, values});
      if (values.size() == 1) answer.series.back().values.resize(grid.size(), values[0]);
    }
    co_return answer;
  }

  std::vector<std::string> asked;

 private:
  std::map<std::string, std::vector<std::pair<promql::Labels, std::vector<double>>>> answers_;
  std::map<std::string, absl::Status> failures_;
  std::vector<Unseen> unseen_;
};

}  // namespace synoptic::reports
