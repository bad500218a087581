// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The alerts that Synoptic raises about itself, always on. They are rules like any other, with
// state, delivery and a place in /api/v1/rules, but nobody's PromQL is asked: their expressions are
// names that BuiltinQuerier knows, so that they do not depend on what they are about.
#pragma once

#include <memory>

#include "alerting/rule/rule.h"

namespace synoptic::alerting {

inline constexpr std::string_view kBuiltinFile = "built-in";

struct BuiltinOptions {
  int64_t interval_ms = 5000;
  int64_t confirm_ms = 30'000;  // how long a region is unreachable before that is told
  bool watchdog = false;        // there is a receiver for the dead man's switch
};

RuleGroup BuiltinGroup(const BuiltinOptions& options);

}  // namespace synoptic::alerting
