// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
#include "app/config_sections.h"

namespace synoptic::app {

void ReadResilience(const YamlValue& value, Config* out) {
  aggregator::AskOptions& ask = out->resilience.ask;
  YamlMap map = value.ReadMap();
  if (auto v = map.Find("hedge")) {
    YamlMap hedge = v->ReadMap();
    if (auto after = hedge.Find("after"); after && !after->is_null()) {
      constexpr double kPercentiles[] = {0, 50, 90, 95, 99};
      if (auto choice = after->ReadChoice({"off", "p50", "p90", "p95", "p99"})) {
        ask.hedge_percentile = kPercentiles[*choice];
      }
    }
    hedge.Percent("budget", &ask.hedge_budget);
    hedge.Finish();
  }
  if (auto v = map.Find("breaker")) {
    YamlMap breaker = v->ReadMap();
    breaker.Int("failures", 1, 1000, &out->resilience.breaker_failures);
    breaker.DurationMillis("open_for", &out->resilience.breaker_open_for_ms);
    breaker.Finish();
  }
  if (auto v = map.Find("retries")) {
    YamlMap retries = v->ReadMap();
    int64_t most = ask.retries_max;
    retries.Int("max", 0, 10, &most);
    ask.retries_max = static_cast<int>(most);
    retries.Percent("budget", &ask.retries_budget);
    retries.Finish();
  }
  map.Finish();
}

}  // namespace synoptic::app
