// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whole answers for those who ask the same again: twenty viewers of one dashboard, an instant or a
// step apart. The bytes are kept as they went out, gzip form included, and go out without being
// made or copied again.
//
// Requests that come while one like them is being answered wait for that answer; when it fails, or
// its client leaves, one of them asks anew. Only whole answers are kept: status 200 and complete
// coverage.
//
// Lives on one serial executor (the event loop).
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "net/async/deadline.h"
#include "net/async/flights.h"
#include "net/async/task.h"
#include "net/http/message.h"

namespace synoptic::aggregator {

// Under which name an answer is kept, and for how long it serves. An empty key: not at all.
struct Keep {
  std::string key;
  MonoDuration fresh{};
};

struct MadeAnswer {
  net::HttpResponse response;
  bool brief = false;  // it may soon be otherwise: serves for a second at most
};

struct AnswerMemoryStats {
  int64_t bytes = 0;
  int64_t answers = 0;
  int64_t hits = 0;
  int64_t waited = 0;  // requests that shared another's answer while it was made
  int64_t misses = 0;
};

class AnswerMemory {
 public:
  using Make = std::function<Task<MadeAnswer>()>;

  // `clock` outlives this and its tasks. Zero bytes: nothing is kept, but requests share.
  AnswerMemory(int64_t max_bytes, const Clock& clock) : max_bytes_(max_bytes), clock_(clock) {}

  // What `make` answers, or answered lately. `deadline`: for how long to wait for another's.
  Task<net::HttpResponse> Answer(Keep keep, Make make, Deadline deadline);
  void Clear();
  const AnswerMemoryStats& stats() const { return stats_; }

 private:
  struct Entry {
    std::string key;
    net::HttpResponse response;  // its body is shared
    MonoTime until;
  };
  using Order = std::list<Entry>;  // most recently used first

  static int64_t CostOf(const Entry& entry);
  // Null when there is none that still serves.
  const net::HttpResponse* Find(const std::string& key);
  // Makes the body shared, and keeps the answer if it may be.
  void Store(const Keep& keep, MadeAnswer& made);
  void Erase(Order::iterator entry);

  const int64_t max_bytes_;
  const Clock& clock_;
  Order order_;
  absl::flat_hash_map<std::string_view, Order::iterator> entries_;
  Flights<net::HttpResponse> flights_;
  AnswerMemoryStats stats_;
};

}  // namespace synoptic::aggregator
