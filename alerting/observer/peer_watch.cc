// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/peer_watch.h"

#include <algorithm>

#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::alerting {

struct PeerWatch::Watched {
  PeerOptions options;
  TaskHandle task;
  std::optional<MonoTime> heard_at;
  ObserverReport report;
  HeardDeliveries deliveries;
  std::optional<MonoTime> told_at;  // of its deliveries
  bool asked = false;               // whatever came of it
};

void PeerWatch::SetPeers(std::vector<PeerOptions> peers, MonoDuration interval) {
  for (const auto& peer : peers_) peer->task.Cancel();
  peers_.clear();
  interval_ = interval;
  for (PeerOptions& options : peers) {
    auto peer = std::make_shared<Watched>();
    peer->options = std::move(options);
    peer->task =
        tasks_.Spawn(executor_, "observer " + peer->options.name, Loop(peer, clock_, interval));
    peers_.push_back(std::move(peer));
  }
}

std::vector<PeerSight> PeerWatch::Peers() const {
  std::vector<PeerSight> sights;
  for (const auto& peer : peers_) {
    PeerSight& sight = sights.emplace_back();
    sight.name = peer->options.name;
    sight.region = peer->options.region;
    sight.fresh = Fresh(peer->heard_at);
    sight.report = peer->report;
  }
  return sights;
}

// Two reports may get lost.
bool PeerWatch::Fresh(const std::optional<MonoTime>& heard_at) const {
  return heard_at.has_value() && clock_.Mono() - *heard_at < 3 * interval_;
}

Place PeerWatch::PlaceOf(std::string_view own_name) const {
  Place place{0, true};
  for (const auto& peer : peers_) {
    if (!peer->options.replica) continue;
    if (!peer->asked) place.certain = false;
    // Who tells nothing of its deliveries is not waited for.
    if (Fresh(peer->told_at) && peer->report.observer < own_name) ++place.before;
  }
  return place;
}

bool PeerWatch::has_replicas() const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [](const auto& peer) { return peer->options.replica; });
}

bool PeerWatch::Delivered(const std::string& key) const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [&key](const auto& peer) { return peer->deliveries.Has(key); });
}

Task<> PeerWatch::Ask(std::shared_ptr<Watched> peer, const Clock& clock, Deadline deadline) {
  net::HttpRequest request;
  request.target = "/api/v1/synoptic/observers";
  request.headers = peer->options.headers;
  net::StringSink reply;
  CO_RETURN_IF_ERROR(co_await peer->options.http->Send(peer->options.origin, std::move(request), {},
                                                       deadline, reply));
  if (reply.status() != 200) co_return absl::UnavailableError("HTTP status");
  CO_ASSIGN_OR_RETURN(peer->report, DecodeReport(reply.body()));
  peer->heard_at = clock.Mono();
  if (!peer->options.replica) co_return absl::OkStatus();
  co_return co_await AskDeliveries(peer, clock, deadline);
}

Task<> PeerWatch::AskDeliveries(std::shared_ptr<Watched> peer, const Clock& clock,
                                Deadline deadline) {
  net::HttpRequest request;
  request.target = fmt::format("/api/v1/synoptic/deliveries?since={}", peer->deliveries.next());
  request.headers = peer->options.headers;
  net::StringSink reply;
  CO_RETURN_IF_ERROR(co_await peer->options.http->Send(peer->options.origin, std::move(request), {},
                                                       deadline, reply));
  if (reply.status() != 200) co_return absl::UnavailableError("HTTP status");
  CO_ASSIGN_OR_RETURN(DeliveryPage page, DecodeDeliveries(reply.body()));
  peer->deliveries.Add(std::move(page));
  peer->told_at = clock.Mono();
  co_return absl::OkStatus();
}

Task<> PeerWatch::Loop(std::shared_ptr<Watched> peer, const Clock& clock, MonoDuration interval) {
  while (true) {
    const MonoTime next = clock.Mono() + interval;
    const absl::Status asked = co_await Ask(peer, clock, Deadline::At(next));
    if (absl::IsCancelled(asked)) co_return asked;
    peer->asked = true;
    // Silence is what Peers() shows; the log has no use for one line an interval.
    CO_RETURN_IF_ERROR(co_await SleepUntil(clock, next));
  }
}

}  // namespace synoptic::alerting
