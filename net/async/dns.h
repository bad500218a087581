// SPDX-FileCopyrightText: 2026 The Synoptic Authors
// SPDX-License-Identifier: Apache-2.0
//
// What DNS has under a name: servers of a service (SRV) or addresses. By c-ares, which reads the
// system's resolv.conf. Blocks for a few seconds at most; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace synoptic {

enum class DnsType { kSrv, kA, kAaaa };

struct DnsTarget {
  std::string host;   // a name without the last dot, or an address
  uint16_t port = 0;  // of a service; 0 for addresses
  friend bool operator==(const DnsTarget&, const DnsTarget&) = default;
};

struct DnsOptions {
  std::string servers;  // "127.0.0.1:5353"; empty: the system's
  int timeout_ms = 1'000;
  int tries = 2;
};

// Each target once: services by priority, then all by name and port, so that equal answers in any
// order are equal. Unavailable says why there is none.
absl::StatusOr<std::vector<DnsTarget>> LookUpDns(const std::string& name, DnsType type,
                                                 const DnsOptions& options = {});

}  // namespace synoptic
