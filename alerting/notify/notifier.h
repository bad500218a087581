// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Where rules hand their alerts. Each route has an outbox of its own, so that a receiver that is
// dead or slow costs the others nothing: all members of an Alertmanager cluster get each alert, as
// its design asks. An alert that begins or ends is on disk, once for each receiver, before any of
// them is told, and stays there until that receiver has accepted it.
//
// Lives on one serial executor; not thread-safe.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "alerting/notify/outbox.h"
#include "alerting/store/state_store.h"
#include "net/async/task_group.h"

namespace synoptic::alerting {

// One way out, and what goes there.
struct Route {
  std::unique_ptr<Receiver> receiver;
  std::array<bool, 3> tiers = {true, true, true};  // by Tier
  // Those of 0 get every alert; those of a higher number only while all below are broken.
  int standby = 0;
  bool watchdog = false;  // only the dead man's switch goes there, and it goes nowhere else
};

class Notifier final : public AlertSink {
 public:
  using OnProblem = std::function<void(std::string_view receiver, std::string_view what)>;

  Notifier(const boost::asio::any_io_executor& executor, TaskGroup& tasks, const Clock& clock,
           Rng& rng, OutboxOptions options = {}, OnProblem on_problem = nullptr);
  // Requests and deliveries may still be under way, and end when they are done.
  ~Notifier() override;

  // Before the first routes are set: where to keep what waits, and what the last process left.
  void SetStore(StateStore* store, const Records& records);
  // Before the first routes are set: who of several replicas calls the receivers that are told each
  // transition once; not the dead man's switch, which each of them has to be alive for.
  void SetTurns(Turns* turns) { turns_ = turns; }
  // Replaces the routes; the outbox of a receiver with the same name, and what waits in it, stays.
  void SetRoutes(std::vector<Route> routes);

  void Keep(Records state) override;
  Task<> Deliver(std::vector<OutgoingAlert> alerts, Records state) override;
  bool Mutes(Tier tier) const override { return isolated_ && tier == Tier::kGlobal; }

  // This observer is cut off: global alerts are for the others to send.
  void SetIsolated(bool isolated) { isolated_ = isolated; }
  // Sends what waits, for shutdown; to all receivers at once, so that none waits for a dead one.
  Task<> Drain(Deadline deadline);

  // What should be on disk.
  void Snapshot(Records& records) const;
  std::vector<const Outbox*> outboxes() const;
  bool has_watchdog_route() const;

 private:
  struct Running;
  struct Handover;
  struct UnderWay;
  static Task<> Loop(std::shared_ptr<Running> running);
  static Task<> DrainOne(std::shared_ptr<Running> running, Deadline deadline);
  std::shared_ptr<Running> Start(Route route);
  void Coordinate(Running& running);
  bool Takes(const Running& running, const OutgoingAlert& alert) const;
  bool StandsBy(const Running& running) const;
  // What waits for `broken` goes to those that stand by for it.
  void PassOn(const Running& broken);
  void AddRestored();

  const boost::asio::any_io_executor executor_;
  TaskGroup& tasks_;
  const Clock& clock_;
  Rng& rng_;
  const OutboxOptions options_;
  const OnProblem on_problem_;
  StateStore* store_ = nullptr;
  std::vector<std::pair<std::string, OutgoingAlert>> restored_;  // by receiver
  std::vector<std::shared_ptr<Running>> running_;
  bool isolated_ = false;
  Turns* turns_ = nullptr;
  const std::shared_ptr<UnderWay> under_way_;
};

}  // namespace synoptic::alerting
