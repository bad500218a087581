// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What is kept on disk: small texts by kind and key. What they say is their writers' affair.
#pragma once

#include <string>
#include <vector>

namespace synoptic::alerting {

// Numbers are on disk: never reuse one.
enum class RecordKind {
  kRule = 1,    // when a rule was last evaluated
  kAlert = 2,   // one alert's clocks
  kOutbox = 3,  // an alert that one receiver has not accepted yet
  kDrill = 4,   // a failover drill, in a file of its own
};

inline constexpr int kLastRecordKind = 4;

struct Record {
  RecordKind kind = RecordKind::kAlert;
  std::string key;
  std::string body;  // empty: the key is forgotten
};

using Records = std::vector<Record>;

}  // namespace synoptic::alerting
