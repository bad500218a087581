// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Asks the other observers, every few seconds, what they can reach.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

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
};

class PeerWatch {
 public:
  PeerWatch(const boost::asio::any_io_executor& executor, TaskGroup& tasks, const Clock& clock)
      : executor_(executor), tasks_(tasks), clock_(clock) {}

  // Asks these from now on, and forgets what others said.
  void SetPeers(std::vector<PeerOptions> peers, MonoDuration interval);
  std::vector<PeerSight> Peers() const;

 private:
  struct Watched;
  static Task<> Loop(std::shared_ptr<Watched> peer, const Clock& clock, MonoDuration interval);
  static Task<> Ask(std::shared_ptr<Watched> peer, const Clock& clock, Deadline deadline);

  const boost::asio::any_io_executor executor_;
  TaskGroup& tasks_;
  const Clock& clock_;
  MonoDuration interval_ = std::chrono::seconds(5);
  std::vector<std::shared_ptr<Watched>> peers_;
};

}  // namespace synoptic::alerting
