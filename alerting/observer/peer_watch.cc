// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "alerting/observer/peer_watch.h"

#include "base/status.h"
#include "net/async/timer.h"

namespace synoptic::alerting {

struct PeerWatch::Watched {
  PeerOptions options;
  TaskHandle task;
  std::optional<MonoTime> heard_at;
  ObserverReport report;
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
    // Two reports may get lost.
    sight.fresh = peer->heard_at.has_value() && clock_.Mono() - *peer->heard_at < 3 * interval_;
    sight.report = peer->report;
  }
  return sights;
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
  co_return absl::OkStatus();
}

Task<> PeerWatch::Loop(std::shared_ptr<Watched> peer, const Clock& clock, MonoDuration interval) {
  while (true) {
    const MonoTime next = clock.Mono() + interval;
    const absl::Status asked = co_await Ask(peer, clock, Deadline::At(next));
    if (absl::IsCancelled(asked)) co_return asked;
    // Silence is what Peers() shows; the log has no use for one line an interval.
    CO_RETURN_IF_ERROR(co_await SleepUntil(clock, next));
  }
}

}  // namespace synoptic::alerting
