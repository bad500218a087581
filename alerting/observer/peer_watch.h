// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Asks the other observers, every few seconds, what they can reach, and those that are replicas of
// this process what they have delivered.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "alerting/observer/deliveries.h"
#include "alerting/observer/report.h"
#include "base/clock.h"
#include "net/async/task_group.h"
#include "net/http/client.h"

namespace synoptic::alerting {

struct PeerOptions {
  std::string name;
  std::string region;
  net::Origin origin;
  net::Headers headers;  // authorization
  net::HttpClient* http = nullptr;
  bool replica = false;  // it has the same rules and receivers
};

// Where this process stands among the replicas that are alive.
struct Place {
  int before = 0;        // of those that are alive, whose names come before
  bool certain = false;  // all were asked; until then those not heard of may come before, too
};

class PeerWatch {
 public:
  PeerWatch(const boost::asio::any_io_executor& executor, TaskGroup& tasks, const Clock& clock)
      : executor_(executor), tasks_(tasks), clock_(clock) {}

  // Asks these from now on, and forgets what others said.
  void SetPeers(std::vector<PeerOptions> peers, MonoDuration interval);
  std::vector<PeerSight> Peers() const;
  // Of the replicas, by their own names; equal names are a place for both.
  Place PlaceOf(std::string_view own_name) const;
  bool has_replicas() const;
  // A replica has told that it delivered this.
  bool Delivered(const std::string& key) const;

 private:
  struct Watched;
  static Task<> Loop(std::shared_ptr<Watched> peer, const Clock& clock, MonoDuration interval);
  static Task<> Ask(std::shared_ptr<Watched> peer, const Clock& clock, Deadline deadline);
  static Task<> AskDeliveries(std::shared_ptr<Watched> peer, const Clock& clock, Deadline deadline);
  bool Fresh(const std::optional<MonoTime>& heard_at) const;

  const boost::asio::any_io_executor executor_;
  TaskGroup& tasks_;
  const Clock& clock_;
  MonoDuration interval_ = std::chrono::seconds(5);
  std::vector<std::shared_ptr<Watched>> peers_;
};

}  // namespace synoptic::alerting
