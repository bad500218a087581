// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The memory of alerting that outlives the process: alert clocks, and alerts on their way out.
//
// Writing has a thread of its own; the event loop only queues. What is queued while a transaction
// runs goes into the next one together, so that many rules share one sync of the disk. A disk that
// fails never stands in the way of a page: then everything goes on from memory, durable() is
// false, and writing is tried again until it works, after damage in a fresh file.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "alerting/store/record.h"
#include "base/clock.h"
#include "net/async/deadline.h"
#include "net/async/task.h"

namespace synoptic::alerting {

class StateStore {
 public:
  // Everything that should be on disk, for when the file has to be made anew.
  using Snapshot = std::function<Records()>;

  virtual ~StateStore() = default;

  // In order; a later record of one key replaces an earlier one.
  virtual void Write(Records records) = 0;
  // OK once all that was written so far is on disk. Unavailable at once while the disk fails, and
  // DeadlineExceeded when it is slow: then go on without.
  virtual Task<> Flush(Deadline deadline) = 0;
  virtual void SetSnapshot(Snapshot snapshot) = 0;

  virtual bool durable() const = 0;
  // Words: why it is not durable; empty when it is.
  virtual const std::string& problem() const = 0;
  // Words: what was found damaged at the start or later; empty when nothing was.
  virtual const std::string& damage() const = 0;
};

struct OpenedStore {
  std::unique_ptr<StateStore> store;
  Records records;  // what the last process left
};

// Blocks while it reads. FailedPrecondition when the file is of a newer version
// or another process has it; whatever else is
// wrong, the store works, from memory if it must. `executor` and `clock` outlive the store.
absl::StatusOr<OpenedStore> OpenStateStore(const std::string& path,
                                           const boost::asio::any_io_executor& executor,
                                           const Clock& clock, const char* vfs = nullptr);

}  // namespace synoptic::alerting
