// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The planner's questions (capacity, what-if, readiness, objectives, drills, reports) as the API
// hands them on: `app` adapts those who answer, which the aggregator does not know.
#pragma once

#include <string>
#include <vector>

#include "net/async/deadline.h"
#include "net/async/task.h"
#include "net/http/message.h"

namespace synoptic::aggregator {

struct PlanningQuestion {
  std::string topic;   // whatif, capacity, readiness, slos, drills, reports: the path's last words
  std::string method;  // GET or POST
  net::Parameters parameters;
  Deadline deadline = Deadline::Infinite();
};

struct PlanningReply {
  std::string body;
  // Of a document: it is the whole response. Empty: the body is the `data` of an answer.
  std::string media_type;
  std::string verdict;  // for scripts, as the header Synoptic-Verdict; empty: none
  std::vector<std::string> warnings;
};

// Thread-safe as far as the event loop goes: called on it.
class PlanningView {
 public:
  virtual ~PlanningView() = default;
  // Errors: InvalidArgument names the parameter; Unimplemented what is not configured.
  virtual Task<PlanningReply> Answer(PlanningQuestion question) = 0;
};

}  // namespace synoptic::aggregator
