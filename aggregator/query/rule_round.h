// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What one round of rules works with; for rule_round*.cc alone.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aggregator/query/memory.h"
#include "aggregator/query/rule_rounds.h"
#include "net/async/event.h"

namespace synoptic::aggregator {

// Questions that came together, and who waits for them.
struct RuleRounds::Call {
  Call(std::vector<QueryRequest> asked, const boost::asio::any_io_executor& executor)
      : requests(std::move(asked)), answers(requests.size()), done(executor) {}
  std::vector<QueryRequest> requests;
  TogetherAnswers answers;
  Event done;
};

// What a shard answered of a metric.
struct RuleRounds::Part {
  RawAnswer answer;
  int64_t asked_from = 0;
  int64_t asked_ms = 0;  // wall clock
  std::shared_ptr<LegMemory> memory;
};

struct RuleRounds::Fetched {
  std::vector<size_t> shards;
  std::vector<absl::StatusOr<Part>> parts;
};

struct RuleRounds::Item {
  Call* call;
  size_t index;  // in the call
  std::shared_ptr<const RuleQuestion> question;
  bool shared = true;
  int64_t time_ms() const { return call->requests[index].grid.start; }
};

struct RuleRounds::Round {
  explicit Round(FetchEnvironment with) : environment(with) {}
  struct Want {
    int64_t from = 0;
    int64_t until = 0;
    RawRequest request;
    // By shard: what is asked first, and whose samples that continues.
    std::vector<int64_t> asked_from;
    std::vector<std::string> replicas;
    std::vector<size_t> shards;
  };
  Reach reach;
  FetchEnvironment environment;
  Coverage not_asked;
  std::shared_ptr<QueryMemory> memory;
  Deadline deadline = Deadline::Infinite();
  std::vector<Item> items;
  std::map<std::string, Want> wants;
  std::map<std::string, Fetched> fetched;
};

}  // namespace synoptic::aggregator
