// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// Request parameters as Prometheus reads them: of the body first, then of the URL; a single-valued
// one takes its first value; unknown ones are ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "net/http/server.h"
#include "promql/model/matcher.h"

namespace synoptic::aggregator {

// Borrows the request.
class Params {
 public:
  explicit Params(const net::RequestContext& request) : all_(request.parameters) {}

  // "" when absent: Prometheus does not tell the two apart.
  std::string_view Get(std::string_view name) const;
  std::vector<std::string> All(std::string_view name) const;

  // Errors are InvalidArgument with Prometheus' text: `invalid parameter "limit": ...`.
  absl::StatusOr<int64_t> Limit() const;
  // Milliseconds; `fallback` when absent.
  absl::StatusOr<int64_t> TimeOr(std::string_view name, int64_t fallback) const;
  absl::StatusOr<int64_t> RequiredTime(std::string_view name) const;
  // The match[] texts after each parsed; errors carry no wrapping.
  absl::StatusOr<std::vector<std::string>> Selectors() const;

 private:
  const net::Parameters& all_;
};

// `invalid parameter "<name>": <text>`
absl::Status InvalidParameter(std::string_view name, std::string_view text);

// Every match[] parsed; a selector that matches everything is refused.
absl::StatusOr<std::vector<std::vector<promql::Matcher>>> ParseSelectors(
    const std::vector<std::string>& texts);

// Go's strconv.Atoi, errors included.
absl::StatusOr<int64_t> GoAtoi(std::string_view text);

}  // namespace synoptic::aggregator
