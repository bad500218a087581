// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Under which name answers of `query` and `query_range` are kept, and for how long: all parameters,
// and the headers that change what is answered. An answer for a time that has long passed serves
// for a while; one that reaches the present until the next step would show something new.
#include <algorithm>
#include <tuple>

#include "aggregator/api/endpoints.h"
#include "aggregator/api/times.h"
#include "aggregator/upstream/loop_guard.h"

namespace synoptic::aggregator {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLeast{1'000};
constexpr milliseconds kMost{15'000};
constexpr milliseconds kSettled{60'000};

// Requests for what is measured or told of this one run, and those that want none of it.
bool MayBeKept(const Params& params) {
  return params.Get("nocache").empty() && params.Get("stats").empty() &&
         params.Get("explain").empty();
}

void PutText(std::string_view text, std::string& key) {
  key += std::to_string(text.size());
  key += ':';
  key += text;
}

std::string KeyOf(const Call& call) {
  std::string key(call.request.path);
  // By name; of equal names the first counts, so their order stays.
  std::vector<std::tuple<std::string_view, size_t, std::string_view>> sorted;
  for (const auto& [name, value] : call.request.parameters) {
    sorted.emplace_back(name, sorted.size(), value);
  }
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [name, order, value] : sorted) {
    PutText(name, key);
    PutText(value, key);
  }
  key += '|';
  for (const std::string_view header : {std::string_view("FromAlert"), kViaHeader}) {
    PutText(call.request.request.headers.Get(header).value_or(""), key);
  }
  return key;
}

}  // namespace

Keep KeepQuery(const Call& call) {
  // Without a time it is asked for now, which is never again.
  if (!MayBeKept(call.params) || call.params.Get("time").empty()) return {};
  return {KeyOf(call), kLeast};
}

Keep KeepQueryRange(const Call& call) {
  if (!MayBeKept(call.params)) return {};
  const auto end = call.params.RequiredTime("end");
  const auto step_ns = ParseApiDuration(call.params.Get("step"));
  if (!end.ok() || !step_ns.ok()) return {};
  const int64_t age_ms = call.api.deps.clock.WallMillis() - *end;
  if (age_ms > call.api.options.recent_ms) return {KeyOf(call), kSettled};
  return {KeyOf(call), std::clamp(milliseconds(*step_ns / 1'000'000), kLeast, kMost)};
}

}  // namespace synoptic::aggregator
