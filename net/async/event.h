// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Event: what coroutines wait for and callbacks set. Stays set until Reset.
//
// Not thread-safe: all calls run on the same serial executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"
#include "net/async/task.h"

namespace synoptic {

class Event {
 public:
  explicit Event(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}
  void Set() {
    set_ = true;
    timer_.cancel();
  }
  void Reset() { set_ = false; }
  bool is_set() const { return set_; }
  // OK when set; Cancelled when the waiting coroutine was cancelled first.
  Task<> Wait();
  // As Wait; DeadlineExceeded when `at` comes first.
  Task<> WaitUntil(const Clock& clock, MonoTime at);

 private:
  boost::asio::steady_timer timer_;  // never expires: cancelling it is the signal
  bool set_ = false;
};

}  // namespace synoptic
