// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// The functions templates may call: Go's built-in ones and Prometheus' own. One table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "alerting/template/template.h"
#include "alerting/template/value.h"

namespace synoptic::alerting {

bool IsTemplateFunction(std::string_view name);

// Calls a function. Errors name the function and what it was given. `and` and `or` get all their
// arguments evaluated (templates have no side effects that could tell).
absl::StatusOr<Value> CallTemplateFunction(std::string_view name, const std::vector<Value>& args,
                                           const TemplateData& data);

}  // namespace synoptic::alerting
