// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What the inputs of an expression were when they were last seen, how fast they changed, and what
// follows for now where they are unseen, if a rule's assumptions hold (assumption.h). Not proof:
// whoever uses it says so (Basis).
//
// Pure but for what it remembers; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "alerting/bounds/assumption.h"
#include "alerting/bounds/evaluate.h"

namespace synoptic::alerting {

// On what more than proof a verdict rests.
struct Basis {
  bool lag = false;
  bool change = false;
  int64_t seen_ms = 0;  // when the input was last seen that has been unseen the longest

  bool any() const { return lag || change; }
  // `lags grow by at most 1 s/s and the series are those of 310 s ago`.
  std::string Words(int64_t now_ms) const;
};

class LastSeen {
 public:
  // How long a value that was seen says anything about now: vector D10's hold.
  static constexpr int64_t kHoldMs = 30 * 60'000;
  // Changes are learned over this much of the past, at least half of it.
  static constexpr int64_t kLearnMs = 3'600'000;
  // Fewer values say nothing about how fast they change.
  static constexpr int kFewestChanges = 20;
  // More elements than that are not remembered.
  static constexpr size_t kMostElements = 5'000;

  // Which inputs of `tree` to remember.
  LastSeen(const promql::Expr& tree, std::shared_ptr<const promql::Topology> world,
           Assumptions assumptions);
  const std::shared_ptr<const promql::Topology>& world() const { return world_; }

  // What to ask, at each evaluation, whether parts are unseen or not. None: nothing to learn.
  const std::vector<std::string>& questions() const { return questions_; }
  // `answers`: to the questions, in order, as of `time_ms`. What is unseen keeps what was learned.
  void Learn(int64_t time_ms, const std::vector<LeafAnswer>& answers);
  // Adds to the answers of `plan` what is assumed of the parts that they miss.
  Basis Amend(const LeafPlan& plan, int64_t time_ms, std::vector<LeafAnswer>& answers) const;

 private:
  // How fast a value changed, within one stretch of time.
  struct Stretch {
    int64_t since_ms = 0;
    int changes = 0;
    double fastest = 0;  // per second, up or down
  };
  struct Track {
    double value = 0;
    int64_t sample_ms = 0;  // of a lag: when the oldest sample behind it was taken
    Stretch now, before;
    void See(int64_t before_ms, int64_t time_ms, double v);
  };
  // What was last seen of one unit (units.h).
  struct Unit {
    int64_t seen_ms = 0;
    std::map<promql::Labels, Track> elements;
  };
  struct Input {
    Leaf leaf;
    bool lag = false;
    double per_second = 1;
    bool change = false;
    size_t question = 0, oldest_question = 0;
    std::map<int, Unit> units;  // by their first shard
  };
  void LearnInput(int64_t time_ms, const LeafAnswer& answer, const LeafAnswer* oldest,
                  Input& input);
  // Nothing: of one of the elements nothing is assumed.
  bool Grown(const Input& input, const Unit& unit, int64_t time_ms, Basis& basis,
             std::vector<std::pair<promql::Labels, BoundedValue>>& elements) const;

  const std::shared_ptr<const promql::Topology> world_;
  std::vector<std::string> questions_;
  std::map<std::string, Input> inputs_;  // by the text of their leaf
};

}  // namespace synoptic::alerting
