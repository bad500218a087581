// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The door through which reports ask questions. `app` adapts the query service to it, so that an
// expression today and a recorded series tomorrow are one and the same to a report.
#pragma once

#include <string>
#include <vector>

#include "net/async/deadline.h"
#include "net/async/fan_out.h"
#include "net/async/task.h"
#include "net/async/task_group.h"
#include "promql/model/grid.h"
#include "promql/model/labels.h"

namespace synoptic::reports {

// A region that did not contribute to an answer, and why: `timeout`.
struct Unseen {
  std::string region;
  std::string reason;
};

struct Answer {
  struct Series {
    promql::Labels labels;
    std::vector<double> values;  // one a step of the grid; IsAbsent (promql/model) where none is
  };
  promql::Grid grid;
  std::vector<Series> series;
  std::vector<Unseen> unseen;  // by region, each once
  std::vector<std::string> warnings;
};

// Thread-safe.
class Querier {
 public:
  virtual ~Querier() = default;
  // The value of `expr` over the grid, of those regions that answer. Errors are PromQL's or the
  // service's.
  virtual Task<Answer> Ask(std::string expr, promql::Grid grid, Deadline deadline) = 0;
};

// What asking takes. All of it outlives the answers.
struct Door {
  Querier& querier;
  TaskGroup& tasks;
  const Clock& clock;
};

struct Question {
  std::string expr;
  promql::Grid grid;
};

// All at once; one answer or error each, in order.
inline boost::asio::awaitable<std::vector<absl::StatusOr<Answer>>> AskAll(
    Door door, std::vector<Question> questions, Deadline deadline) {
  std::vector<Leg<Answer>> legs;
  for (Question& question : questions) {
    legs.push_back({door.querier.Ask(std::move(question.expr), question.grid, deadline), deadline});
  }
  co_return co_await FanOut(door.tasks, door.clock, std::move(legs));
}

}  // namespace synoptic::reports
