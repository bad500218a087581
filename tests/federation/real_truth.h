// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a real Prometheus says that holds all of a world's data.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/compat/engine/question.h"

namespace synoptic::federation {

class RealTruth {
 public:
  // Of tests/compat/engine/server; 0: there is none, and nothing differs.
  explicit RealTruth(int port) : port_(port) {}

  // Gives it the world's series, and no others.
  absl::Status Load(const std::vector<promql::RawSeries>& truth);
  void Add(std::string text, const promql::Grid& grid, bool range);
  struct Difference {
    compat::Question question;
    std::string text;
  };
  // Where its answers to what was added are not our evaluator's: values to the last bit, warnings
  // and infos with them. What Prometheus itself never repeats is counted, and no difference.
  absl::StatusOr<std::vector<Difference>> Compare();
  int64_t compared() const { return compared_; }
  int64_t by_chance() const { return by_chance_; }

 private:
  const int port_;
  compat::World world_;
  std::vector<compat::Question> questions_;
  int64_t compared_ = 0, by_chance_ = 0;
};

}  // namespace synoptic::federation
