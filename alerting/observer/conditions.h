// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with Synoptic's own sight and voice, as the process knows it without asking
// anybody: what the built-in alerts are made of.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "promql/model/labels.h"

namespace synoptic::alerting {

struct Conditions {
  struct Region {
    std::string name;
    int confirmed_by = 0;  // peers
  };
  // A rule whose verdicts have been unknown.
  struct Blind {
    std::string group;
    std::string rule;
    double seconds = 0;
    bool explained = false;  // all that it does not see is unreachable, and told as such
  };
  // What a rule says must contribute to it.
  struct Expected {
    std::string group;
    std::string rule;
    std::string expr;
    int64_t min_series = 1;  // of each selector, in each region
    std::vector<std::pair<std::string, promql::Labels>> regions;  // names and topology labels
  };
  struct MissingInput {
    std::string group;
    std::string rule;
    std::string region;
    double series = 0;
  };
  struct Degraded {
    std::string receiver;
    std::string reason;  // unreachable, refused
    double seconds = 0;  // how long the oldest alert waits
  };

  std::string observer;
  std::vector<Region> unreachable;
  bool isolated = false;
  int unreachable_count = 0;
  std::vector<Blind> blind;
  std::vector<Expected> expected;
  std::vector<Degraded> degraded;
  std::string damage;       // of the state on disk; empty: none
  std::string not_durable;  // why nothing is kept just now; empty: it is
  bool evaluating = true;   // every group has finished an evaluation within three intervals
};

}  // namespace synoptic::alerting
