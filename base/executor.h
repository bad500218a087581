// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where CPU work can be handed to run beside the caller's own: all that the query language needs to
// know of threads.
#pragma once

#include <functional>

namespace synoptic {

// Thread-safe. Outlives the calls it is given to.
class Executor {
 public:
  virtual ~Executor() = default;
  // How many pieces of work can run at a time, the caller's own among them; at least 1.
  virtual int threads() const = 0;
  // Runs `work` some time, on another thread; when all are busy, late. Must not be waited for
  // before it began.
  virtual void Post(std::function<void()> work) = 0;
};

}  // namespace synoptic
