// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "app/config_sections.h"
#include "base/status.h"
#include "domain/verdict/observers.h"

namespace synoptic::app {
namespace {

PeerConfig ReadPeer(YamlContext* context, const YamlValue& value) {
  PeerConfig peer;
  YamlMap map = value.ReadMap();
  if (auto v = map.Require("url", "the URL of another Synoptic")) {
    if (auto url = v->ReadString()) {
      auto origin = net::Origin::Parse(*url);
      if (!origin.ok()) v->Fail(MessageOf(origin.status()));
      if (origin.ok()) peer.origin = *std::move(origin);
      peer.url = *url;
    }
  }
  peer.name = peer.url;
  map.String("name", &peer.name);
  map.String("region", &peer.region);
  map.Bool("replica", &peer.replica);
  HttpSettings settings;
  ReadHttpSettings(context, &map, &settings);
  peer.auth = std::move(settings.auth);
  peer.tls = std::move(settings.tls);
  map.Finish();
  return peer;
}

// Places from which somebody looks: regions, and outside of all of them.
void WarnOfTwo(const ObserversConfig& observers, Config* out) {
  std::set<std::string> places = {observers.region};
  for (const PeerConfig& peer : observers.peers) places.insert(peer.region);
  if (domain::CanTellLossFromIsolation(static_cast<int>(places.size()), false)) return;
  out->warnings.push_back(
      "observers: with observers in two places nobody can tell a lost region from a cut link: both "
      "sides will page that they are isolated, and neither that a region is lost; add a peer in a "
      "third place as witness");
}

}  // namespace

void ReadObservers(YamlContext* context, const YamlValue& value, Config* out) {
  ObserversConfig& observers = out->observers;
  YamlMap map = value.ReadMap();
  map.String("name", &observers.name);
  map.String("region", &observers.region);
  map.DurationMillis("interval", &observers.interval_ms);
  map.DurationMillis("confirm", &observers.confirm_ms);
  if (auto v = map.Find("peers")) {
    for (const YamlValue& item : v->ReadList()) observers.peers.push_back(ReadPeer(context, item));
  }
  map.Finish();
  if (observers.interval_ms < 100) value.Fail("interval: expected at least 100ms");
  if (!observers.peers.empty()) WarnOfTwo(observers, out);
}

}  // namespace synoptic::app
